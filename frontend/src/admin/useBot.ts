/** One bot, as it serves and as it is drafted. */
import { useQuery } from "@tanstack/react-query";
import type { BotDetail } from "../api/adminTypes";
import { useSession } from "./session";
import { texts } from "./texts/common";

export const botKey = (bot: string) => ["bot", bot] as const;

export function useBot(bot: string) {
  const { api } = useSession();
  return useQuery({
    queryKey: botKey(bot),
    queryFn: () => api.get("/v1/admin/bots/{bot_id}", { path: { bot_id: bot } }),
  });
}

/** What is asked of it now; of a bot that was never published, what is drafted. */
export function serving(detail: BotDetail | undefined) {
  return detail?.published ?? detail?.draft ?? null;
}

/** Whether one may edit the contents of a source, by default of the first; where not, and it is known, why. */
export function useEditing(bot: string): (sourceId?: string) => { may: boolean; refusal: string | null } {
  const { may } = useSession();
  const detail = useBot(bot).data;
  return (sourceId) => {
    if (!may("editor")) return { may: false, refusal: texts.readOnly };
    if (detail === undefined) return { may: false, refusal: null };
    const [[first] = []] = contentSources(detail);
    const editable = detail.editable_sources.includes(sourceId ?? first ?? "");
    return { may: editable, refusal: editable ? null : texts.shared };
  };
}

/** Its sources of contents, as options of a choice. */
export function contentSources(detail: BotDetail | undefined): [string, string][] {
  return (serving(detail)?.sources ?? []).flatMap((one) =>
    one.kind === "vector" ? [[one.source_id, one.name] as [string, string]] : [],
  );
}
