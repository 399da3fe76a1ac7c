/** Contents from a file: what would change is shown, and becomes drafts when it is said yes to. */
import { useId, useState } from "react";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { texts as common } from "../texts/common";
import { texts } from "../texts/contentFiles";
import { Alert } from "../ui/Alert";
import { CheckField } from "../ui/CheckField";
import { Failure } from "../ui/Failure";
import { Loading } from "../ui/Loading";
import { useSay } from "../ui/Toast";
import { ImportChanges } from "./ImportChanges";
import { ENDINGS, formatOf, useImport } from "./useImport";

interface Props {
  bot: string;
  sourceId: string | undefined;
  onClose: () => void;
  onDone: () => void;
}

export function ImportDialog({ bot, sourceId, onClose, onDone }: Props) {
  const say = useSay();
  const id = useId();
  const { check, apply, drafted } = useImport(bot, sourceId);
  const [file, setFile] = useState<File | null>(null);
  const [removeMissing, setRemoveMissing] = useState(false);
  const format = file && formatOf(file.name);
  const seen = check.data;
  const changing = seen ? seen.counts.create + seen.counts.update + seen.counts.remove : 0;

  const look = (given: File | null, missing: boolean) => {
    setFile(given);
    setRemoveMissing(missing);
    check.reset();
    apply.reset();
    const kind = given && formatOf(given.name);
    if (given && kind) check.mutate({ file: given, format: kind, removeMissing: missing });
  };
  const submit = () => {
    if (!file || !format || !seen) return;
    apply.mutate(
      { file, format, removeMissing, fingerprint: seen.fingerprint },
      {
        onSuccess: (done) => {
          say(texts.applied(done.drafted));
          if (done.conflicts.length === 0) onDone();
        },
      },
    );
  };

  return (
    <Dialog title={texts.import} place="wide" onClose={onClose}>
      <div className="space-y-4">
        <p className="text-muted text-sm">{texts.lead}</p>
        <p className="text-muted text-sm">{texts.columns}</p>
        <div className="space-y-1">
          <label htmlFor={id} className="font-medium text-sm">
            {texts.file}
          </label>
          <input
            id={id}
            type="file"
            accept={ENDINGS}
            disabled={apply.isPending}
            className="block w-full text-sm file:mr-3 file:rounded-lg file:border file:border-line file:bg-surface file:px-3 file:py-1.5"
            onChange={(event) => look(event.target.files?.[0] ?? null, removeMissing)}
          />
        </div>
        <CheckField
          label={texts.removeMissing}
          checked={removeMissing}
          disabled={apply.isPending}
          onChange={(on) => look(file, on)}
        />
        {file && !format && <Alert look="danger">{texts.otherFormat}</Alert>}
        {check.isPending && <Loading label={texts.checking} />}
        {check.isError && <Failure error={check.error} />}
        {seen && !apply.isSuccess && <ImportChanges result={seen} />}
        {apply.isPending && <p role="status">{texts.applying(drafted)}</p>}
        {apply.isError && <Failure error={apply.error} />}
        {apply.isSuccess && (
          <Alert look="caution" urgent>
            <p>{texts.applied(apply.data.drafted)}</p>
            <p>{texts.conflicts(apply.data.conflicts.length)}</p>
            <p className="break-words text-xs">{apply.data.conflicts.join(", ")}</p>
          </Alert>
        )}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={apply.isSuccess ? onDone : onClose}>{apply.isSuccess ? common.close : common.cancel}</Button>
          {!apply.isSuccess && (
            <Button look="filled" disabled={changing === 0 || check.isPending || apply.isPending} onClick={submit}>
              {seen ? texts.apply(changing) : texts.applyNone}
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  );
}
