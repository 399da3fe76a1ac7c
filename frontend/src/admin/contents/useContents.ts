/** A source's contents, a page after the other. */
import { useInfiniteQuery } from "@tanstack/react-query";
import type { operations } from "../../api/schema";
import { useSession } from "../session";

type Query = NonNullable<operations["list_contents_v1_admin_bots__bot_id__contents_get"]["parameters"]["query"]>;
export type Which = NonNullable<Query["which"]>;

export interface Wanted {
  source: string;
  which: Which;
  category: string;
  q: string;
}

export const contentsKey = (bot: string) => ["contents", bot] as const;

/** What is wanted, as the API is asked for it. */
export function asked({ source, which, category, q }: Wanted) {
  return { source_id: source || null, which, category: category || null, q };
}

export function useContents(bot: string, wanted: Wanted) {
  const { source, which, category, q } = wanted;
  const { api } = useSession();
  return useInfiniteQuery({
    queryKey: [...contentsKey(bot), source, which, category, q],
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      api.get("/v1/admin/bots/{bot_id}/contents", {
        path: { bot_id: bot },
        query: { ...asked(wanted), cursor: pageParam || null },
      }),
    getNextPageParam: (page) => page.cursor ?? undefined,
  });
}
