/** Asks how an answer was. Dims once that is said, and cannot be said twice. */
import { useEffect, useRef, useState } from "react";
import { ApiError } from "../api/errors";
import type { Bubble } from "../api/types";
import { type BubbleActions, BubbleActionsProvider } from "../bubbles/actions";
import { BubbleView } from "../bubbles/BubbleView";
import { texts } from "../texts";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { useApi, useConversation } from "./contexts";
import type { Exchange } from "./exchange";

/** Where an answer is rated; what else starts so, as the form's address, only leads there. */
const RATES = /^\/v1\/feedback(?:\?|$)/;

/** What was said in vain, to be said again as it was. */
interface Failed {
  error: ApiError;
  path: string;
  body: Record<string, unknown>;
}

/** What was pressed is disabled and loses the focus, which goes on to what came of it, unless it is elsewhere by now. */
function focusAfter(pressedIn: HTMLElement | null, next: HTMLElement | null | undefined): void {
  const { activeElement } = document;
  if (activeElement === document.body || pressedIn?.contains(activeElement)) next?.focus();
}

export function Feedback({ exchange }: { exchange: Exchange }) {
  const api = useApi();
  const conversation = useConversation();
  const [form, setForm] = useState<readonly Bubble[]>([]);
  const [said, setSaid] = useState("");
  const [sending, setSending] = useState(false);
  const [failed, setFailed] = useState<Failed | null>(null);
  const bubbles = useRef<HTMLDivElement>(null);
  const answer = useRef<HTMLParagraphElement>(null);
  const again = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (form.length > 0) focusAfter(bubbles.current, bubbles.current?.querySelector("form input, form textarea"));
  }, [form]);
  useEffect(() => {
    if (said) focusAfter(bubbles.current, answer.current);
  }, [said]);
  useEffect(() => {
    if (failed) focusAfter(bubbles.current, again.current);
  }, [failed]);

  async function tap(path: string, body: Record<string, unknown>): Promise<void> {
    setSending(true);
    try {
      const reply = await api.tap(path, body);
      const came = "bubbles" in reply ? reply.bubbles : reply.answer.bubbles;
      if (RATES.test(path)) rated(came[0]?.description ?? texts.feedback.given);
      else setForm(came);
      setFailed(null);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === "feedback_given") rated(error.message);
      else setFailed({ error, path, body });
    } finally {
      setSending(false);
    }
  }

  function rated(thanks: string): void {
    setSaid(thanks);
    setFailed(null);
    conversation.update(exchange.key, (one) => ({ ...one, rated: true }));
  }

  const actions: BubbleActions = {
    tap: (_label, path, body) => void tap(path, body ?? {}),
    disabled: exchange.rated || sending,
  };
  return (
    <BubbleActionsProvider value={actions}>
      {/* Once rated, what can be tapped is disabled and dims; the words stay readable */}
      <div ref={bubbles} className="grid gap-3">
        {[...exchange.feedback, ...form].map((bubble) => (
          <BubbleView key={`${bubble.bubble_type} ${bubble.bubble_id}`} bubble={bubble} />
        ))}
      </div>
      {failed && (
        <div role="alert" className="grid justify-items-start gap-3 text-sm">
          <BubbleView bubble={{ bubble_id: "error", bubble_type: "error", description: failed.error.message }} />
          {!failed.error.isFinal && (
            <Button
              ref={again}
              className="inline-flex items-center gap-2"
              disabled={sending}
              onClick={() => void tap(failed.path, failed.body)}
            >
              <Icon name="again" className="size-4" />
              {texts.actions.retry}
            </Button>
          )}
        </div>
      )}
      <p ref={answer} tabIndex={-1} role="status" className="text-muted text-sm empty:hidden">
        {said || (exchange.rated ? texts.feedback.given : "")}
      </p>
    </BubbleActionsProvider>
  );
}
