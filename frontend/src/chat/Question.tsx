/** What the customer asked or tapped; the last question can be edited and asked again. */
import { memo, useEffect, useRef, useState } from "react";
import { texts } from "../texts";
import { Button, IconButton } from "../ui/Button";
import { QuestionField } from "./QuestionField";

interface Props {
  text: string;
  /** Asks the edited question; left out, it cannot be edited. */
  onEdit?: ((text: string) => void) | undefined;
}

export const Question = memo(function Question({ text, onEdit }: Props) {
  const [draft, setDraft] = useState<string | null>(null);
  const editButton = useRef<HTMLButtonElement>(null);
  const editing = draft !== null;
  const edited = useRef(false);
  useEffect(() => {
    if (edited.current && !editing) editButton.current?.focus(); // the field that had the focus is gone
    edited.current = editing;
  }, [editing]);
  if (draft !== null && onEdit) {
    const ask = () => {
      setDraft(null);
      if (draft.trim() && draft.trim() !== text) onEdit(draft.trim());
    };
    return (
      <form
        className="ml-auto grid w-full max-w-xl gap-2 rounded-2xl border border-line bg-surface p-3"
        onSubmit={(event) => {
          event.preventDefault();
          ask();
        }}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.preventDefault(); // else a frame would close
          setDraft(null);
        }}
      >
        <QuestionField label={texts.actions.editing} value={draft} onChange={setDraft} onEnter={ask} autoFocus />
        <div className="flex justify-end gap-2 text-sm">
          <Button onClick={() => setDraft(null)}>{texts.cancel}</Button>
          <Button type="submit" look="filled" disabled={!draft.trim()}>
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
