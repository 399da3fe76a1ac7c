/** Which conversation is shown: the one that this tab was in before, another of the list, or a new one. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import type { Api } from "../api/client";
import { sessionsKey } from "../sessions/useSessions";
import { Conversation } from "./conversation";
import { forgetSession, newSessionId, rememberedSession, rememberSession } from "./sessionId";
import { fetchedEntry } from "./useEntry";

export function useOpenConversation(api: Api) {
  const client = useQueryClient();
  const made = useCallback(
    (sessionId: string | null): Conversation => {
      const refresh = () => client.invalidateQueries({ queryKey: sessionsKey(api.bot) });
      const conversation = new Conversation(api, sessionId ?? newSessionId(), {
        minLoadingMs: async () => (await fetchedEntry(client, api.bot))?.bot?.min_loading_ms ?? 0,
        asked: (id) => rememberSession(api.bot, id),
        taken: refresh,
        ended: refresh,
      });
      if (sessionId !== null) void conversation.load();
      return conversation;
    },
    [api, client],
  );
  const [conversation, setConversation] = useState(() => made(rememberedSession(api.bot)));

  useEffect(() => {
    const resume = () => void conversation.resume();
    addEventListener("online", resume);
    return () => removeEventListener("online", resume);
  }, [conversation]);

  /** Show another session, or with `null` a new one. An answer that is running goes on at the server. */
  const open = useCallback(
    (sessionId: string | null) => {
      if (sessionId === null) forgetSession(api.bot);
      else rememberSession(api.bot, sessionId);
      const next = made(sessionId);
      setConversation((shown) => {
        shown.leave();
        return next;
      });
    },
    [api, made],
  );
  return { conversation, open };
}
