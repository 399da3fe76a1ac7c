/** Where a conversation begins: the bot's name, greeting and categories. A server without them answers 404. */
import { type QueryClient, useQuery } from "@tanstack/react-query";
import type { Api } from "../api/client";
import { ApiError } from "../api/errors";
import type { Entry } from "../api/types";
import { useApi } from "./contexts";

const entryKey = (bot: string) => ["entry", bot] as const;

export function useEntry() {
  const api = useApi();
  return useQuery({ queryKey: entryKey(api.bot), queryFn: () => entryOrNone(api), staleTime: 60_000 });
}

/** The entry once the request for it that is under way has ended; `null` if that fails, or if there is none. */
export function fetchedEntry(client: QueryClient, bot: string): Promise<Entry | null> {
  const entry = () => client.getQueryState<Entry | null>(entryKey(bot));
  const underWay = () => {
    const state = entry();
    return state?.status === "pending" && state.fetchStatus === "fetching" && state.fetchFailureCount === 0;
  };
  return new Promise((give) => {
    const look = () => {
      if (underWay()) return;
      leave();
      give(entry()?.data ?? null);
    };
    const leave = client.getQueryCache().subscribe(look);
    look();
  });
}

async function entryOrNone(api: Api): Promise<Entry | null> {
  try {
    return await api.entry();
  } catch (error) {
    if (error instanceof ApiError && error.status === 404 && !namesNoBot(error)) return null;
    throw error;
  }
}

/** Whether an error of the entry says that there is no such bot: nothing can be asked then. */
export function namesNoBot(error: Error | null): boolean {
  // The bot's id is all that can be invalid in that call
  return error instanceof ApiError && (error.code === "bot_not_found" || error.code === "invalid_input");
}
