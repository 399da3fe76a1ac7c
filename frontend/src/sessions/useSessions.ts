/** The visitor's own sessions: listed, renamed, deleted. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Session } from "../api/types";
import { useApi } from "../chat/contexts";
import { keepLists } from "../chat/lists";

export const sessionsKey = (bot: string) => ["sessions", bot] as const;

export function useSessions() {
  const api = useApi();
  return useQuery({ queryKey: sessionsKey(api.bot), queryFn: () => api.sessions() });
}

export function useRenameSession() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ sessionId, title }: { sessionId: string; title: string }) => api.rename(sessionId, title),
    onSuccess: () => client.invalidateQueries({ queryKey: sessionsKey(api.bot) }),
  });
}

export function useDeleteSession() {
  const api = useApi();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (sessionId: string) => api.delete(sessionId),
    onSuccess: (_, sessionId) => {
      keepLists(sessionId, []);
      return client.invalidateQueries({ queryKey: sessionsKey(api.bot) });
    },
  });
}

/** What a session is called. */
export function titleOf({ title, first_message }: Session): string {
  return title ?? first_message;
}
