/** Everything that changes a bot. What comes of it is shown at once. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { BotDetail } from "../../api/adminTypes";
import { isConflict } from "../../api/errors";
import { useSession } from "../session";
import { botKey } from "../useBot";
import type { Values } from "./values";

export function useBotChanges(bot: string) {
  const { api } = useSession();
  const client = useQueryClient();
  const path = { bot_id: bot };
  const shown = async (detail?: BotDetail) => {
    if (detail) client.setQueryData(botKey(bot), detail);
    await Promise.all([
      client.invalidateQueries({ queryKey: ["bots"] }),
      client.invalidateQueries({ queryKey: ["diff", bot], refetchType: "none" }), // of a draft that may be gone
      client.invalidateQueries({ queryKey: ["versions", bot] }),
      detail ? null : client.invalidateQueries({ queryKey: botKey(bot) }),
    ]);
  };
  const save = useMutation({
    mutationFn: (body: { based_on: string; bot: Values }) => api.put("/v1/admin/bots/{bot_id}/draft", { path, body }),
    onSuccess: shown,
    onError: (error) => {
      if (isConflict(error)) void client.invalidateQueries({ queryKey: botKey(bot) });
    },
  });
  const discard = useMutation({
    mutationFn: (based_on: string) => api.delete("/v1/admin/bots/{bot_id}/draft", { path, query: { based_on } }),
    onSuccess: () => shown(),
  });
  const publish = useMutation({
    mutationFn: (body: { based_on: string; lose_golden: string[] }) =>
      api.post("/v1/admin/bots/{bot_id}/publish", { path, body }),
    onSuccess: () => shown(),
  });
  const restore = useMutation({
    mutationFn: (body: { based_on: string; version: string; publish: boolean; lose_golden: string[] }) =>
      api.post("/v1/admin/bots/{bot_id}/restore", { path, body }),
    onSuccess: shown,
  });
  return { save, discard, publish, restore };
}

/** What a draft or a version would change for golden and frequent questions. */
export function useSettingsRehearsal(detail: BotDetail, version: string, enabled = true) {
  const { api } = useSession();
  return useQuery({
    queryKey: ["settings rehearsal", detail.bot_id, version, detail.based_on],
    enabled,
    queryFn: () => api.post("/v1/admin/bots/{bot_id}/rehearse", { path: { bot_id: detail.bot_id }, body: { version } }),
    gcTime: 0, // contents change, and so do questions
    staleTime: Number.POSITIVE_INFINITY,
  });
}
