/** A bot's golden questions, what changes them, and how asking them went. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { GoldenQuestion } from "../../api/adminTypes";
import { useSession } from "../session";

export interface GoldenBody {
  question: string;
  faq_ids: string[];
  note: string;
}

/** Which one is changed, and which state of it was read; nothing: a new one. */
export type Edited = Pick<GoldenQuestion, "golden_id" | "revision"> | null;

export function useGolden(bot: string) {
  const { api } = useSession();
  const client = useQueryClient();
  const path = { bot_id: bot };
  const [listKey, runsKey] = [
    ["golden", bot],
    ["golden runs", bot],
  ];
  const again = () => client.invalidateQueries({ queryKey: listKey });
  const list = useQuery({ queryKey: listKey, queryFn: () => api.get("/v1/admin/bots/{bot_id}/golden", { path }) });
  const runs = useQuery({ queryKey: runsKey, queryFn: () => api.get("/v1/admin/bots/{bot_id}/golden/runs", { path }) });
  const save = useMutation({
    mutationFn: ({ edited, body }: { edited: Edited; body: GoldenBody }) =>
      edited === null
        ? api.post("/v1/admin/bots/{bot_id}/golden", { path, body })
        : api.put("/v1/admin/bots/{bot_id}/golden/{golden_id}", {
            path: { ...path, golden_id: edited.golden_id },
            body: { ...body, based_on: edited.revision },
          }),
    onSettled: again, // also of what somebody else has changed
  });
  const remove = useMutation({
    mutationFn: ({ golden_id, revision }: GoldenQuestion) =>
      api.delete("/v1/admin/bots/{bot_id}/golden/{golden_id}", {
        path: { ...path, golden_id },
        query: { based_on: revision },
      }),
    onSettled: again,
  });
  const run = useMutation({
    mutationFn: () => api.post("/v1/admin/bots/{bot_id}/golden/run", { path }),
    onSuccess: () => client.invalidateQueries({ queryKey: runsKey }),
  });
  return { list, runs, save, remove, run };
}
