/** One content as it is served and drafted, and everything that changes it. */
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { AdminApi } from "../../api/admin";
import type { ContentDetail } from "../../api/adminTypes";
import { isConflict } from "../../api/errors";
import { useSession } from "../session";
import { contentsKey } from "./useContents";

const contentKey = (bot: string, sourceId: string | undefined, faqId: string | null) =>
  ["content", bot, sourceId ?? "", faqId] as const;

interface Named {
  bot: string;
  sourceId: string | undefined;
  /** Nothing: a new one. */
  faqId: string | null;
}

export function useContent({ bot, sourceId, faqId }: Named) {
  const { api } = useSession();
  return useQuery({
    queryKey: contentKey(bot, sourceId, faqId),
    enabled: faqId !== null,
    queryFn: () =>
      api.get("/v1/admin/bots/{bot_id}/contents/{faq_id}", {
        path: { bot_id: bot, faq_id: faqId ?? "" },
        query: { source_id: sourceId ?? null },
      }),
  });
}

/** What may be wrong with what was saved last; what is known of it already, unless it is `enabled`. */
export function useHealth(named: Named, basedOn: string | undefined, enabled = true) {
  const { api } = useSession();
  const isThere = named.faqId !== null && basedOn !== undefined;
  return useQuery({ ...healthOptions(api, named, basedOn), enabled: enabled && isThere });
}

/** Check what was just saved; gives how many findings there are, or nothing where that failed: the tab says why. */
export function useCheck() {
  const { api } = useSession();
  const client = useQueryClient();
  return async (named: Named, basedOn: string): Promise<number | undefined> => {
    const options = healthOptions(api, named, basedOn);
    await client.prefetchQuery(options);
    return client.getQueryData(options.queryKey)?.length;
  };
}

function healthOptions(api: AdminApi, { bot, sourceId, faqId }: Named, basedOn: string | undefined) {
  return queryOptions({
    queryKey: ["content health", bot, sourceId ?? "", faqId, basedOn],
    queryFn: () =>
      api.get("/v1/admin/bots/{bot_id}/contents/{faq_id}/health", {
        path: { bot_id: bot, faq_id: faqId ?? "" },
        query: { source_id: sourceId ?? null },
      }),
  });
}

export type ContentChange =
  | { kind: "create"; faqId: string; content: Record<string, unknown> }
  | { kind: "save"; basedOn: string; content: Record<string, unknown> }
  | { kind: "remove" | "restore"; basedOn: string }
  /** `isAll`: without its draft there is nothing left of it. */
  | { kind: "discard"; basedOn: string; isAll: boolean };

/** Change a content. What comes of it is shown at once; it is nothing where nothing is left. */
export function useContentChange(named: Named) {
  const { api } = useSession();
  const { bot, sourceId, faqId } = named;
  const client = useQueryClient();
  const path = { bot_id: bot, faq_id: faqId ?? "" };
  const query = { source_id: sourceId ?? null };
  return useMutation({
    mutationFn: async (change: ContentChange): Promise<ContentDetail | undefined> => {
      switch (change.kind) {
        case "create":
          return api.post("/v1/admin/bots/{bot_id}/contents", {
            path: { bot_id: bot },
            query,
            body: { faq_id: change.faqId || null, content: change.content },
          });
        case "save":
          return api.put("/v1/admin/bots/{bot_id}/contents/{faq_id}", {
            path,
            query,
            body: { based_on: change.basedOn, content: change.content },
          });
        case "remove":
          return api.delete("/v1/admin/bots/{bot_id}/contents/{faq_id}", {
            path,
            query: { ...query, based_on: change.basedOn },
          });
        case "discard":
          await api.delete("/v1/admin/bots/{bot_id}/contents/{faq_id}/draft", {
            path,
            query: { ...query, based_on: change.basedOn },
          });
          return change.isAll ? undefined : api.get("/v1/admin/bots/{bot_id}/contents/{faq_id}", { path, query });
        case "restore":
          return api.post("/v1/admin/bots/{bot_id}/contents/{faq_id}/restore", {
            path,
            query,
            body: { based_on: change.basedOn },
          });
      }
    },
    onError: (error) => {
      if (isConflict(error)) void client.invalidateQueries({ queryKey: contentKey(bot, sourceId, faqId) });
    },
    onSuccess: async (detail) => {
      if (detail) client.setQueryData(contentKey(bot, sourceId, detail.faq_id), detail);
      else client.removeQueries({ queryKey: contentKey(bot, sourceId, faqId) });
      await client.invalidateQueries({ queryKey: contentsKey(bot) });
    },
  });
}
