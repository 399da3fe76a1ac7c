/** A field for a question: grows with it; Enter sends, Shift+Enter breaks the line. It says when no more goes in. */
import { type ClipboardEvent, type KeyboardEvent, type RefObject, useEffect, useRef, useState } from "react";
import { texts } from "../texts";
import { useEntry } from "./useEntry";

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  onEnter: () => void;
  placeholder?: string;
  autoFocus?: boolean;
  disabled?: boolean;
  id?: string;
  ref?: RefObject<HTMLTextAreaElement | null>;
}

export function QuestionField({
  label,
  value,
  onChange,
  onEnter,
  placeholder,
  autoFocus = false,
  disabled,
  id,
  ref,
}: Props) {
  const own = useRef<HTMLTextAreaElement>(null);
  const field = ref ?? own;
  const most = useEntry().data?.max_question_characters;
  /** Whether the end of what was pasted did not go in: the browser leaves it out without a word. */
  const [cut, setCut] = useState(false);
  const full = most !== undefined && value.length >= most;
  useEffect(() => {
    if (autoFocus) field.current?.focus();
  }, [autoFocus, field]);

  function onKeyDown(event: KeyboardEvent) {
    // While a Hangul syllable is composed, Enter ends it; Safari says so by the code 229 only
    const composing = event.nativeEvent.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || composing) return;
    event.preventDefault();
    onEnter();
  }

  function onPaste({
    clipboardData,
    currentTarget: { selectionStart, selectionEnd },
  }: ClipboardEvent<HTMLTextAreaElement>) {
    const left = value.length - (selectionEnd - selectionStart);
    const pasted = clipboardData.getData("text/plain").replace(/\r\n?/g, "\n");
    setCut(most !== undefined && left + pasted.length > most);
  }

  return (
    <div className="min-w-0 flex-1">
      <textarea
        ref={field}
        id={id}
        aria-label={label}
        rows={1}
        maxLength={most}
        disabled={disabled}
        value={value}
        placeholder={placeholder}
        onChange={({ target }) => onChange(target.value)}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
        className="field-sizing-content max-h-40 min-h-10 w-full resize-none bg-transparent px-2 py-2 leading-6 outline-none placeholder:text-muted"
      />
      <p role="status" className="px-2 pb-1 text-danger text-xs empty:hidden">
        {full && (cut ? texts.composer.cut(most) : texts.composer.full(most))}
      </p>
    </div>
  );
}
