/** Something as a file, in each of the kinds that there are. */
import { useMutation } from "@tanstack/react-query";
import type { Saved } from "../../api/admin";
import { Button } from "../../ui/Button";
import { saveFile } from "../saveFile";
import { Failure } from "./Failure";

const FORMATS = ["csv", "xlsx", "jsonl"] as const;
export type Format = (typeof FORMATS)[number];

interface Props {
  texts: { export: string; exporting: string; exportAs: (format: string) => string };
  fetchFile: (format: Format) => Promise<Saved>;
}

export function ExportButtons({ texts, fetchFile }: Props) {
  const save = useMutation({ mutationFn: fetchFile, onSuccess: saveFile });
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
