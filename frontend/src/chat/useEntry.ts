/** Where a conversation begins: the bot's name, greeting and categories. A server without them answers 404. */
import { useQuery } from "@tanstack/react-query";
import type { Api } from "../api/client";
import { ApiError } from "../api/errors";
import type { Entry } from "../api/types";
import { useApi } from "./contexts";

export const entryKey = (bot: string) => ["entry", bot] as const;

export function useEntry() {
  const api = useApi();
  return useQuery({ queryKey: entryKey(api.bot), queryFn: () => entryOrNone(api), staleTime: 60_000 });
}

async function entryOrNone(api: Api): Promise<Entry | null> {
  try {
    return await api.entry();
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}
