/** Publishing drafts: what it would do to golden questions first, then the deed, as many at once as the server takes. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useSession } from "../session";

export interface Drafts {
  bot: string;
  sourceId: string | undefined;
  /** Nothing: all of the source. */
  faqIds: string[] | null;
}

export function usePublishing({ bot, sourceId, faqIds }: Drafts) {
  const { api } = useSession();
  const client = useQueryClient();
  const [published, setPublished] = useState(0);
  const given = { path: { bot_id: bot }, query: { source_id: sourceId ?? null } };
  const rehearsal = useQuery({
    queryKey: ["rehearsal", bot, sourceId ?? "", faqIds],
    queryFn: () => api.post("/v1/admin/bots/{bot_id}/contents/rehearse", { ...given, body: { faq_ids: faqIds } }),
    gcTime: 0, // drafts change
    staleTime: Number.POSITIVE_INFINITY,
  });
  const publish = useMutation({
    mutationFn: async (loseGolden: string[]) => {
      let published = 0;
      for (;;) {
        const { changed, removed, waiting } = await api.post("/v1/admin/bots/{bot_id}/contents/publish", {
          ...given,
          body: { faq_ids: faqIds, lose_golden: loseGolden },
        });
        published += changed.length + removed.length;
        setPublished(published);
        if (!waiting) return published;
      }
    },
    onSettled: () =>
      Promise.all(
        ["contents", "content", "content health"].map((key) => client.invalidateQueries({ queryKey: [key, bot] })),
      ),
  });
  return { rehearsal, publish, published };
}
