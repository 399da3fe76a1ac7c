/** Publishing drafts: what it would do to golden questions first, then the deed. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { BotRehearsal } from "../../api/adminTypes";
import { useSession } from "../session";

export interface Drafts {
  bot: string;
  sourceId: string | undefined;
  /** Nothing: all of the source. */
  faqIds: string[] | null;
}

/** How many golden questions would be answered wrongly that are answered rightly now. */
export function lostBy(rehearsals: readonly BotRehearsal[]): number {
  return rehearsals.flatMap(({ rehearsal }) => rehearsal.changes).filter((one) => one.golden && one.verdict === "worse")
    .length;
}

export function usePublishing({ bot, sourceId, faqIds }: Drafts) {
  const { api } = useSession();
  const client = useQueryClient();
  const given = { path: { bot_id: bot }, query: { source_id: sourceId ?? null } };
  const rehearsal = useQuery({
    queryKey: ["rehearsal", bot, sourceId ?? "", faqIds],
    queryFn: () => api.post("/v1/admin/bots/{bot_id}/contents/rehearse", { ...given, body: { faq_ids: faqIds } }),
    gcTime: 0, // drafts change
    staleTime: Number.POSITIVE_INFINITY,
  });
  const publish = useMutation({
    mutationFn: (loseGolden: boolean) =>
      api.post("/v1/admin/bots/{bot_id}/contents/publish", {
        ...given,
        body: { faq_ids: faqIds, lose_golden: loseGolden },
      }),
    onSuccess: () =>
      Promise.all(
        ["contents", "content", "content health"].map((key) => client.invalidateQueries({ queryKey: [key, bot] })),
      ),
  });
  return { rehearsal, publish };
}
