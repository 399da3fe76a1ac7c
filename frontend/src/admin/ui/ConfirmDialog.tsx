/** Asks once more before something is lost. */
import type { ReactNode } from "react";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { texts } from "../texts/common";

interface Props {
  title: string;
  lead: ReactNode;
  confirm: string;
  busy?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

export function ConfirmDialog({ title, lead, confirm, busy = false, onConfirm, onClose }: Props) {
  return (
    <Dialog title={title} place="centre" onClose={onClose}>
      <div className="text-sm">{lead}</div>
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={onClose}>{texts.cancel}</Button>
        <Button look="danger" disabled={busy} onClick={onConfirm}>
          {confirm}
        </Button>
      </div>
    </Dialog>
  );
}
