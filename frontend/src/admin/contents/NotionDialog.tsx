/** Contents from Notion: what would change is shown, and becomes drafts when it is said yes to. */
import { useState } from "react";
import type { NotionWanted } from "../../api/adminTypes";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { texts as common } from "../texts/common";
import { texts } from "../texts/notion";
import { Alert } from "../ui/Alert";
import { Failure } from "../ui/Failure";
import { Loading } from "../ui/Loading";
import { useSay } from "../ui/Toast";
import { NotionForm } from "./NotionForm";
import { NotionReportView } from "./NotionReportView";
import { NotionTargets } from "./NotionTargets";
import { changing, useNotion } from "./useNotion";

interface Props {
  bot: string;
  sourceId: string | undefined;
  onClose: () => void;
}

const EMPTY: NotionWanted = { kind: "database", address: "", names: {}, dry_run: true, full: false, overwrite: false };

export function NotionDialog({ bot, sourceId, onClose }: Props) {
  const say = useSay();
  const { setUp, check, apply, close, pages } = useNotion(bot, sourceId);
  const [edited, setEdited] = useState<NotionWanted | null>(null);
  const last = setUp.data?.targets.find((one) => setUp.data.any || setUp.data.open_ids.includes(one.target.id));
  const before = last && {
    ...EMPTY,
    kind: last.target.kind,
    address: last.address || last.target.id,
    names: last.names,
  };
  const wanted = edited ?? before ?? EMPTY;
  const busy = check.isPending || apply.isPending || close.isPending;
  const report = apply.data ?? check.data;
  const finished = apply.data !== undefined && !apply.data.more;

  const change = (next: NotionWanted) => {
    setEdited(next);
    check.reset();
    apply.reset();
  };
  const choose = (id: string) => {
    const known = setUp.data?.targets.find((one) => one.target.id === id);
    change({ ...wanted, address: known?.address || id, ...(known && { kind: known.target.kind, names: known.names }) });
  };
  const submit = () =>
    apply.mutate(wanted, {
      onSuccess: (done) => {
        if (!done.more) say(texts.done(changing(done)));
      },
    });

  return (
    <Dialog title={texts.open} place="wide" onClose={onClose}>
      <div className="space-y-4">
        <p className="text-muted text-sm">{texts.lead}</p>
        {setUp.isPending && <Loading />}
        {setUp.isError && <Failure error={setUp.error} onRetry={() => void setUp.refetch()} />}
        {setUp.data && !setUp.data.configured && <Alert look="caution">{texts.notConfigured}</Alert>}
        {setUp.data?.configured && (
          <NotionTargets
            setUp={setUp.data}
            disabled={busy}
            onChoose={choose}
            onClose={(id) => close.mutate(id, { onSuccess: () => say(texts.closed) })}
          />
        )}
        {close.isError && <Failure error={close.error} />}
        {setUp.data?.configured && <NotionForm wanted={wanted} disabled={busy} onChange={change} />}
        {check.isPending && <p role="status">{texts.checking(pages)}</p>}
        {apply.isPending && <p role="status">{texts.applying(pages)}</p>}
        {check.isError && <Failure error={check.error} />}
        {apply.isError && <Failure error={apply.error} />}
        {report && !busy && <NotionReportView report={report} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{finished ? common.close : common.cancel}</Button>
          {setUp.data?.configured && !finished && (
            <Button disabled={busy || !wanted.address.trim()} onClick={() => check.mutate(wanted)}>
              {texts.check}
            </Button>
          )}
          {check.data && !finished && (
            <Button look="filled" disabled={busy || (changing(check.data) === 0 && !check.data.more)} onClick={submit}>
              {apply.data?.more ? texts.goOn : texts.apply(changing(check.data))}
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  );
}
