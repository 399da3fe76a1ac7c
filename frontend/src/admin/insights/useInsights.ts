/** A bot's figures, what grows now, and what is pinned for it. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSession } from "../session";

const SURGES_EVERY_MS = 30_000;

export interface Days {
  from: string;
  to: string;
}

export function useInsights(bot: string, days: Days) {
  const { api } = useSession();
  return useQuery({
    queryKey: ["insights", bot, days],
    queryFn: () => api.get("/v1/admin/bots/{bot_id}/insights", { path: { bot_id: bot }, query: days }),
  });
}

export function useSurges(bot: string) {
  const { api } = useSession();
  return useQuery({
    queryKey: ["surges", bot],
    queryFn: () => api.get("/v1/admin/bots/{bot_id}/surges", { path: { bot_id: bot } }),
    refetchInterval: SURGES_EVERY_MS,
  });
}

/** The notice, pinning one, and taking it down. */
export function useNotice(bot: string) {
  const { api } = useSession();
  const client = useQueryClient();
  const queryKey = ["notice", bot];
  const path = { bot_id: bot };
  const pinned = useQuery({ queryKey, queryFn: () => api.get("/v1/admin/bots/{bot_id}/notice", { path }) });
  const pin = useMutation({
    mutationFn: (body: { text: string; minutes: number }) => api.put("/v1/admin/bots/{bot_id}/notice", { path, body }),
    onSuccess: (now) => client.setQueryData(queryKey, now),
  });
  const unpin = useMutation({
    mutationFn: () => api.delete("/v1/admin/bots/{bot_id}/notice", { path }),
    onSuccess: (now) => client.setQueryData(queryKey, now),
  });
  return { pinned, pin, unpin };
}
