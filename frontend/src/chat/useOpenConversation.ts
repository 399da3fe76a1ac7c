/** Which conversation is shown: the one that this tab was in before, another of the list, or a new one. */
import { focusManager, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import type { Api } from "../api/client";
import { sessionsKey } from "../sessions/useSessions";
import { Conversation } from "./conversation";
import { keepLists, keptLists } from "./lists";
import { forgetSession, newSessionId, rememberedSession, rememberSession } from "./sessionId";
import { fetchedEntry } from "./useEntry";

export function useOpenConversation(api: Api) {
  const client = useQueryClient();
  /** The new conversation in which nothing was asked yet: who comes back to it finds what was typed. */
  const unasked = useRef<string | null>(null);
  const made = useCallback(
    (sessionId: string | null): Conversation => {
      const refresh = () => client.invalidateQueries({ queryKey: sessionsKey(api.bot) });
      if (sessionId === null) unasked.current ??= newSessionId();
      const id = sessionId ?? (unasked.current as string);
      const conversation = new Conversation(api, id, {
        minLoadingMs: async () => (await fetchedEntry(client, api.bot))?.bot?.min_loading_ms ?? 0,
        asked: () => {
          rememberSession(api.bot, id);
          if (unasked.current === id) unasked.current = null;
        },
        taken: refresh,
        ended: refresh,
        lists: () => keptLists(id),
        keepLists: (lists) => keepLists(id, lists),
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
    // The list of conversations is fetched anew then, too
    const leave = focusManager.subscribe((focused) => void (focused && conversation.refresh()));
    return () => {
      removeEventListener("online", resume);
      leave();
    };
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
