/** Gives a conversation a name. */
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import type { Session } from "../api/types";
import { texts } from "../texts";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { titleOf, useRenameSession } from "./useSessions";

const MAX_TITLE_CHARACTERS = 100;

export function RenameDialog({ session, onClose }: { session: Session; onClose: () => void }) {
  const [title, setTitle] = useState(titleOf(session).slice(0, MAX_TITLE_CHARACTERS));
  const rename = useRenameSession();
  const fieldId = useId();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);

  function save(event: FormEvent) {
    event.preventDefault();
    rename.mutate({ sessionId: session.session_id, title: title.trim() }, { onSuccess: onClose });
  }

  return (
    <Dialog place="centre" title={texts.sessions.renameTitle} onClose={onClose}>
      <form onSubmit={save} className="grid gap-4">
        <label htmlFor={fieldId} className="sr-only">
          {texts.sessions.renameLabel}
        </label>
        <input
          ref={field}
          id={fieldId}
          value={title}
          maxLength={MAX_TITLE_CHARACTERS}
          onChange={({ target }) => setTitle(target.value)}
          className="rounded-xl border border-line bg-ground px-3 py-2"
        />
        {rename.isError && (
          <p role="alert" className="text-danger text-sm">
            {rename.error.message}
          </p>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{texts.cancel}</Button>
          <Button type="submit" look="filled" disabled={!title.trim() || rename.isPending}>
            {texts.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
