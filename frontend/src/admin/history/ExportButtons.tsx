/** All questions that fit the filters, as a file. */
import { useMutation } from "@tanstack/react-query";
import { Button } from "../../ui/Button";
import { saveFile } from "../saveFile";
import { useSession } from "../session";
import { texts } from "../texts/history";
import { Failure } from "../ui/Failure";
import type { apiQuery } from "./filters";

const FORMATS = ["csv", "xlsx", "jsonl"] as const;

export function ExportButtons({ bot, asked }: { bot: string; asked: ReturnType<typeof apiQuery> }) {
  const { api } = useSession();
  const save = useMutation({
    mutationFn: (format: (typeof FORMATS)[number]) =>
      api.file("/v1/admin/bots/{bot_id}/history/export", { path: { bot_id: bot }, query: { ...asked, format } }),
    onSuccess: saveFile,
  });
  return (
    <div className="flex flex-wrap items-center gap-2">
      <span className="text-muted text-sm" role="status">
        {save.isPending ? `${texts.exporting}…` : texts.export}
      </span>
      {FORMATS.map((one) => (
        <Button
          key={one}
          className="px-2.5 py-1 text-sm"
          aria-label={texts.exportAs(one.toUpperCase())}
          disabled={save.isPending}
          onClick={() => save.mutate(one)}
        >
          {one.toUpperCase()}
        </Button>
      ))}
      {save.isError && <Failure error={save.error} />}
    </div>
  );
}
