/** Some questions that others ask, for the beginning of a conversation. It begins without them where there are none. */
import { useQuery } from "@tanstack/react-query";
import { ApiError } from "../api/errors";
import type { Bubble } from "../api/types";
import { useApi } from "./contexts";

/** Under the topics, so that those are still seen on a telephone; a topic shows more. */
const MOST = 3;

export function usePopular(): Bubble | null {
  const api = useApi();
  const { data = null } = useQuery({
    queryKey: ["popular", api.bot],
    queryFn: async () => {
      try {
        return fewOf((await api.popular()).bubbles);
      } catch (error) {
        if (error instanceof ApiError) return null; // what the entry says of it is enough
        throw error;
      }
    },
    staleTime: 60_000,
  });
  return data;
}

function fewOf(bubbles: readonly Bubble[]): Bubble | null {
  const list = bubbles.find((one) => one.bubble_type === "faq_list" && one.info_map);
  return list ? { ...list, info_map: Object.fromEntries(Object.entries(list.info_map ?? {}).slice(0, MOST)) } : null;
}
