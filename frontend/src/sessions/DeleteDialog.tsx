/** Asks before a conversation is deleted. */
import type { Session } from "../api/types";
import { texts } from "../texts";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { titleOf, useDeleteSession } from "./useSessions";

interface Props {
  session: Session;
  onClose: () => void;
  onDeleted: () => void;
}

export function DeleteDialog({ session, onClose, onDeleted }: Props) {
  const remove = useDeleteSession();
  return (
    <Dialog place="centre" title={texts.sessions.deleteTitle} onClose={onClose}>
      <p className="mb-4 text-muted leading-relaxed">{texts.sessions.deleteLead(titleOf(session))}</p>
      {remove.isError && (
        <p role="alert" className="mb-4 text-danger text-sm">
          {remove.error.message}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{texts.cancel}</Button>
        <Button
          look="danger"
          disabled={remove.isPending}
          onClick={() => remove.mutate(session.session_id, { onSuccess: onDeleted })}
        >
          {texts.sessions.deleteConfirm}
        </Button>
      </div>
    </Dialog>
  );
}
