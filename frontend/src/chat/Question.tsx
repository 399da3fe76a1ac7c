/** What the customer asked or tapped; the last question can be edited and asked again. */
import { memo, useEffect, useRef, useState } from "react";
import { texts } from "../texts";
import { Button, IconButton } from "../ui/Button";
import { QuestionField } from "./QuestionField";

interface Props {
  text: string;
  /** Asks the edited question; the error, if it is not taken. Left out, it cannot be edited. */
  onEdit?: ((text: string) => Promise<Error | null>) | undefined;
}

export const Question = memo(function Question({ text, onEdit }: Props) {
  const [draft, setDraft] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  const [refusal, setRefusal] = useState<Error | null>(null);
  const editButton = useRef<HTMLButtonElement>(null);
  const editing = draft !== null;
  const edited = useRef(false);
  useEffect(() => {
    if (edited.current && !editing) editButton.current?.focus(); // the field that had the focus is gone
    edited.current = editing;
  }, [editing]);
  if (draft !== null && onEdit) {
    const close = () => {
      setDraft(null);
      setRefusal(null);
    };
    const ask = async () => {
      if (sending) return;
      const edited = draft.trim();
      if (!edited || edited === text) return close();
      setSending(true);
      setRefusal(null);
      setRefusal(await onEdit(edited)); // taken, it is no longer here
      setSending(false);
    };
    return (
      <form
        className="ml-auto grid w-full max-w-xl gap-2 rounded-2xl border border-line bg-surface p-3"
        onSubmit={(event) => {
          event.preventDefault();
          void ask();
        }}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || event.nativeEvent.isComposing) return; // ends a syllable
          event.preventDefault(); // else a frame would close
          if (!sending) close();
        }}
      >
        <QuestionField
          label={texts.actions.editing}
          value={draft}
          onChange={setDraft}
          onEnter={() => void ask()}
          autoFocus
        />
        {refusal && (
          <p role="alert" className="px-2 text-danger text-sm">
            {refusal.message}
          </p>
        )}
        <div className="flex justify-end gap-2 text-sm">
          <Button disabled={sending} onClick={close}>
            {texts.cancel}
          </Button>
          <Button type="submit" look="filled" disabled={sending || !draft.trim()}>
            {texts.actions.askEdited}
          </Button>
        </div>
      </form>
    );
  }
  return (
    <div className="group flex items-center justify-end gap-1">
      {onEdit && (
        <IconButton
          ref={editButton}
          icon="edit"
          label={texts.actions.edit}
          onClick={() => setDraft(text)}
          className="opacity-60 focus-visible:opacity-100 group-hover:opacity-100"
        />
      )}
      <p className="max-w-[85%] whitespace-pre-wrap rounded-2xl rounded-br-md bg-accent-soft px-4 py-2.5 leading-relaxed">
        {text}
      </p>
    </div>
  );
});
