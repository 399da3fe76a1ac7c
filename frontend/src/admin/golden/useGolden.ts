/** A bot's golden questions, what changes them, and how asking them went. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSession } from "../session";

export interface GoldenForm {
  question: string;
  faq_ids: string[];
  note: string;
}

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
    mutationFn: ({ goldenId, body }: { goldenId: string | null; body: GoldenForm }) =>
      goldenId === null
        ? api.post("/v1/admin/bots/{bot_id}/golden", { path, body })
        : api.put("/v1/admin/bots/{bot_id}/golden/{golden_id}", { path: { ...path, golden_id: goldenId }, body }),
    onSuccess: again,
  });
  const remove = useMutation({
    mutationFn: (golden_id: string) =>
      api.delete("/v1/admin/bots/{bot_id}/golden/{golden_id}", { path: { ...path, golden_id } }),
    onSuccess: again,
  });
  const run = useMutation({
    mutationFn: () => api.post("/v1/admin/bots/{bot_id}/golden/run", { path }),
    onSuccess: () => client.invalidateQueries({ queryKey: runsKey }),
  });
  return { list, runs, save, remove, run };
}
