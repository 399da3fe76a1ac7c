/** Contents from Notion: what would change, and that as drafts; a call after the other until all is read. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { NotionReport, NotionWanted } from "../../api/adminTypes";
import { useSession } from "../session";

const PATH = "/v1/admin/bots/{bot_id}/contents/notion";

/** How much of a report became drafts, or would. */
export function changing({ created = 0, updated = 0, removed = 0 }: NotionReport): number {
  return created + updated + removed;
}

export function useNotion(bot: string, sourceId: string | undefined) {
  const { api } = useSession();
  const client = useQueryClient();
  const [pages, setPages] = useState(0);
  const left = useRef(false);
  useEffect(() => {
    left.current = false;
    return () => {
      left.current = true; // what was read stays; the next run goes on from there
    };
  }, []);
  const given = { path: { bot_id: bot }, query: { source_id: sourceId ?? null } };
  const setUp = useQuery({
    queryKey: ["notion", bot, sourceId ?? ""],
    queryFn: () => api.get(PATH, given),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const read = async (body: NotionWanted) => {
    setPages(0);
    for (;;) {
      const report = await api.post(PATH, { ...given, body });
      setPages(report.pages ?? 0);
      if (!report.more || report.retry_after_seconds || left.current) return report;
    }
  };
  const check = useMutation({ mutationFn: (body: NotionWanted) => read({ ...body, dry_run: true }) });
  const apply = useMutation({
    mutationFn: (body: NotionWanted) => read({ ...body, dry_run: false }),
    onSettled: () =>
      Promise.all([
        ...["contents", "content"].map((key) => client.invalidateQueries({ queryKey: [key, bot] })),
        setUp.refetch(), // what an owner has read is open now
      ]),
  });
  const close = useMutation({
    mutationFn: (target_id: string) =>
      api.delete("/v1/admin/bots/{bot_id}/contents/notion/{target_id}", {
        path: { bot_id: bot, target_id },
        query: given.query,
      }),
    onSettled: () => setUp.refetch(),
  });
  return { setUp, check, apply, close, pages };
}
