/** Where questions are typed, and answers stopped. What is typed while an answer comes is kept. */
import { type MouseEvent, useRef, useState } from "react";
import { texts } from "../texts";
import { Icon } from "../ui/Icon";
import { useConversation } from "./contexts";
import { isOpen } from "./exchange";
import { QuestionField } from "./QuestionField";
import { useStore } from "./store";
import { namesNoBot, useEntry } from "./useEntry";

/** Where the link that skips the conversation leads. */
export const COMPOSER_ID = "question";

interface Props {
  /** What is typed and not sent, by session. */
  drafts: Map<string, string>;
}

export function Composer({ drafts }: Props) {
  const conversation = useConversation();
  const [draft, setDraft] = useState(drafts.get(conversation.sessionId) ?? "");
  const isNoBot = namesNoBot(useEntry().error);
  const field = useRef<HTMLTextAreaElement>(null);
  const busy = useStore(conversation.store, () => conversation.busy());
  const stoppable = useStore(conversation.store, ({ order, exchanges, asking }) => {
    const last = exchanges[asking ?? order.at(-1) ?? ""];
    return last !== undefined && last.tapped === null && (asking !== null || isOpen(last));
  });

  function write(text: string) {
    drafts.set(conversation.sessionId, text);
    setDraft(text);
  }

  function send() {
    const text = draft.trim();
    if (!text || busy) return;
    write("");
    void conversation.ask(text);
  }

  function stop({ detail }: MouseEvent) {
    if (detail === 0) field.current?.focus(); // by key, which leaves with the button
    void conversation.stop();
  }

  return (
    <form
      className="mx-auto w-full max-w-3xl px-4 pt-2 pb-3"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className="flex items-end gap-2 rounded-2xl border border-line bg-surface p-2 shadow-sm transition-colors focus-within:border-accent">
        <QuestionField
          ref={field}
          label={texts.composer.label}
          placeholder={texts.composer.placeholder}
          value={draft}
          onChange={write}
          onEnter={send}
          id={COMPOSER_ID}
          disabled={isNoBot}
          autoFocus={matchMedia("(hover: hover)").matches} // on a telephone that would open its keyboard
        />
        {stoppable ? (
          <RoundButton key="stop" icon="stop" label={texts.composer.stop} onClick={stop} />
        ) : (
          <RoundButton key="send" icon="send" label={texts.composer.send} disabled={busy || !draft.trim()} />
        )}
      </div>
      <p className="mt-2 px-2 text-center text-muted text-xs">{texts.composer.hint}</p>
    </form>
  );
}

interface RoundButtonProps {
  icon: "send" | "stop";
  label: string;
  disabled?: boolean;
  onClick?: (event: MouseEvent) => void;
}

/** Sends the form, unless it has something else to do. */
function RoundButton({ icon, label, disabled, onClick }: RoundButtonProps) {
  return (
    <button
      type={onClick ? "button" : "submit"}
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={onClick}
      className="grid size-10 shrink-0 place-items-center rounded-xl bg-accent text-on-accent transition-colors hover:bg-accent-strong disabled:bg-sunken disabled:text-muted"
    >
      <Icon name={icon} />
    </button>
  );
}
