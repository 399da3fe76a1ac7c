/** A file of contents: what it would change, and that as drafts. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { operations } from "../../api/schema";
import { useSession } from "../session";

const PATH = "/v1/admin/bots/{bot_id}/contents/import";
type Query = operations["import_contents_v1_admin_bots__bot_id__contents_import_post"]["parameters"]["query"];
type Format = Query["format"];

export interface Chosen {
  file: File;
  format: Format;
  removeMissing: boolean;
}

const FORMATS: Record<string, Format> = {
  csv: "csv",
  tsv: "csv",
  txt: "csv",
  xlsx: "xlsx",
  jsonl: "jsonl",
  ndjson: "jsonl",
};
export const ENDINGS = Object.keys(FORMATS)
  .map((one) => `.${one}`)
  .join(",");

/** What kind of file it is, by its name's ending. */
export function formatOf(name: string): Format | null {
  return FORMATS[name.toLowerCase().split(".").pop() ?? ""] ?? null;
}

export function useImport(bot: string, sourceId: string | undefined) {
  const { api } = useSession();
  const client = useQueryClient();
  const [drafted, setDrafted] = useState(0);
  const asked = ({ format, removeMissing }: Chosen) => ({
    path: { bot_id: bot },
    query: { format, remove_missing: removeMissing, source_id: sourceId ?? null },
  });
  const check = useMutation({
    mutationFn: (chosen: Chosen) => api.upload(PATH, chosen.file, asked(chosen)),
  });
  const apply = useMutation({
    mutationFn: async (chosen: Chosen & { fingerprint: string }) => {
      const { path, query } = asked(chosen);
      let done = 0;
      for (;;) {
        const { applied } = await api.upload(PATH, chosen.file, {
          path,
          query: { ...query, dry_run: false, fingerprint: chosen.fingerprint },
        });
        const { created = [], updated = [], removed = [], conflicts = [], remaining = 0 } = applied ?? {};
        done += created.length + updated.length + removed.length;
        setDrafted(done);
        if (remaining === 0) return { drafted: done, conflicts };
      }
    },
    onSettled: () =>
      Promise.all(["contents", "content"].map((key) => client.invalidateQueries({ queryKey: [key, bot] }))),
  });
  return { check, apply, drafted };
}
