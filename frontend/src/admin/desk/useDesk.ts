/** What was not answered well, and the two ways to mend it; each ends with the questions asked again. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Answerable, Desk, SuggestedContent } from "../../api/adminTypes";
import { ApiError } from "../../api/errors";
import { bodyOf, formOf } from "../contents/form";
import { shownContent } from "../contents/useContentForm";
import { contentsKey } from "../contents/useContents";
import type { Days } from "../insights/useInsights";
import { useSession } from "../session";
import { texts } from "../texts/desk";

export type Cluster = Desk["clusters"][number];
export type Handled = Exclude<NonNullable<Cluster["state"]>, "solved">; // that one finds itself
type Near = Cluster["contents"][number];

/** What was drafted, and what becomes of the group's questions with it. */
export interface Mended {
  faqId: string;
  sourceId: string;
  title: string;
  answerable: Answerable;
  /** How a new content's text came about. */
  suggested?: SuggestedContent;
}

export type Mending =
  | { kind: "titles"; content: Near; questions: readonly string[] }
  | { kind: "content"; questions: readonly string[] }
  | { kind: "again"; mended: Mended };

export function useDesk(bot: string, days: Days, handled: boolean) {
  const { api } = useSession();
  return useQuery({
    queryKey: ["desk", bot, days, handled],
    queryFn: () =>
      api.get("/v1/admin/bots/{bot_id}/desk", { path: { bot_id: bot }, query: handled ? { ...days, handled } : days }),
  });
}

/** Has the groups asked again, once they are listed: those that are answered by now leave the list. */
export function useSettling(bot: string, days: Days, enabled: boolean) {
  const { api } = useSession();
  const client = useQueryClient();
  return useQuery({
    queryKey: ["desk settling", bot, days],
    enabled,
    gcTime: 0, // at each visit
    queryFn: async () => {
      const { solved } = await api.post("/v1/admin/bots/{bot_id}/desk/settle", { path: { bot_id: bot }, query: days });
      if (solved.length > 0) await client.invalidateQueries({ queryKey: ["desk", bot] });
      return solved;
    },
  });
}

/** Says that a group, as it is listed, is done with. */
export function useHandling(bot: string, cluster: Cluster) {
  const { api } = useSession();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (state: Handled | null) =>
      api.post("/v1/admin/bots/{bot_id}/desk/handled", {
        path: { bot_id: bot },
        body: { state, questions: cluster.questions.map(({ question, chat_id }) => ({ question, chat_id })) },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["desk", bot] }),
  });
}

export function useMending(bot: string, cluster: Cluster) {
  const { api } = useSession();
  const client = useQueryClient();
  const path = { bot_id: bot };

  const askAgain = (sourceId: string, faqId: string) =>
    api.post("/v1/admin/bots/{bot_id}/desk/try", {
      path,
      query: { source_id: sourceId },
      body: { questions: cluster.questions.map((one) => one.question), faq_ids: [faqId] },
    });

  /** Keep a draft of the content with these titles more. */
  async function addTitles({ source_id, faq_id }: Near, questions: readonly string[]): Promise<string> {
    const at = { path: { ...path, faq_id }, query: { source_id } };
    const detail = await api.get("/v1/admin/bots/{bot_id}/contents/{faq_id}", at);
    if (detail.drafted === "removal") throw new ApiError(409, "conflict", texts.removal);
    const form = formOf(shownContent(detail));
    const similar_titles = [...new Set([...form.similar_titles, ...questions])];
    await api.put("/v1/admin/bots/{bot_id}/contents/{faq_id}", {
      ...at,
      body: { based_on: detail.based_on, content: bodyOf({ ...form, similar_titles }) },
    });
    return form.title;
  }

  async function addContent(questions: readonly string[]): Promise<Omit<Mended, "answerable">> {
    const suggested = await api.post("/v1/admin/bots/{bot_id}/desk/suggestion", {
      path,
      body: { questions: [...questions] },
    });
    const { title, similar_titles, content } = suggested;
    const made = await api.post("/v1/admin/bots/{bot_id}/contents", {
      path,
      body: { content: { title, similar_titles, content } },
    });
    return { faqId: made.faq_id, sourceId: made.source_id, title, suggested };
  }

  return useMutation({
    mutationFn: async (mending: Mending): Promise<Mended> => {
      const saved = await drafted(mending);
      await Promise.all([
        client.invalidateQueries({ queryKey: contentsKey(bot) }),
        client.invalidateQueries({ queryKey: ["content", bot] }),
      ]);
      return { ...saved, answerable: await askAgain(saved.sourceId, saved.faqId) };
    },
  });

  async function drafted(mending: Mending): Promise<Omit<Mended, "answerable">> {
    switch (mending.kind) {
      case "titles": {
        const { source_id, faq_id } = mending.content;
        const title = await addTitles(mending.content, mending.questions);
        return { faqId: faq_id, sourceId: source_id, title };
      }
      case "content":
        return addContent(mending.questions);
      case "again":
        return mending.mended;
    }
  }
}
