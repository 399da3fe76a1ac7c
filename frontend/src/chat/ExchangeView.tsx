/** One exchange: the question and everything that came of it. Rendered again only when it has changed itself. */
import { memo, type ReactNode, useCallback, useMemo, useRef } from "react";
import type { Bubble, Source } from "../api/types";
import { BubbleView } from "../bubbles/BubbleView";
import { texts } from "../texts";
import { Face } from "../ui/Face";
import { Icon } from "../ui/Icon";
import { AnswerActions } from "./AnswerActions";
import { useConversation } from "./contexts";
import { answerEnd, type Exchange, invitesFeedback, isOpen } from "./exchange";
import { Feedback } from "./Feedback";
import { Question } from "./Question";
import { Sources } from "./Sources";
import { useStore } from "./store";
import { Typing } from "./Typing";

interface Props {
  id: string;
  last: boolean;
  onOpenSource: (source: Source) => void;
}

export const ExchangeView = memo(function ExchangeView({ id, last, onOpenSource }: Props) {
  const conversation = useConversation();
  const exchange = useStore(conversation.store, ({ exchanges }) => exchanges[id]);
  const busy = useStore(conversation.store, () => conversation.busy());
  const asking = useStore(conversation.store, (state) => state.asking === id);
  const edit = useCallback(
    (text: string) => conversation.ask(text, conversation.store.get().exchanges[id]),
    [conversation, id],
  );
  if (exchange === undefined) return null;
  const editable = last && (!busy || asking) && !isOpen(exchange) && exchange.tapped === null;
  return (
    <li className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <Question text={exchange.question} onEdit={editable ? edit : undefined} />
      <Answer exchange={exchange} onOpenSource={onOpenSource}>
        {!isOpen(exchange) && (
          <AnswerActions
            exchange={exchange}
            last={last}
            disabled={busy}
            onAgain={() => void conversation.again(exchange)}
          />
        )}
        {invitesFeedback(exchange) && <Feedback exchange={exchange} />}
        {asking && <Typing step={null} />}
      </Answer>
    </li>
  );
});

interface AnswerProps {
  exchange: Exchange;
  onOpenSource: (source: Source) => void;
  children: ReactNode;
}

function Answer({ exchange, onOpenSource, children }: AnswerProps) {
  const chips = useRef<HTMLDivElement>(null);
  const cite = useCallback((n: number) => {
    chips.current?.querySelector<HTMLElement>(`[data-source="${n}"]`)?.focus();
  }, []);
  const cited = useMemo(() => exchange.sources.filter((one) => one.cited), [exchange.sources]);
  const end = answerEnd(exchange.bubbles);
  const shown = (bubbles: readonly Bubble[]) =>
    bubbles.map((bubble) => <BubbleView key={bubble.bubble_id} bubble={bubble} sources={cited} onCite={cite} />);
  return (
    <div className="flex gap-3">
      <Face expression={exchange.expression} className="mt-0.5 hidden size-9 sm:block" />
      <div className="grid min-w-0 flex-1 grid-cols-[minmax(0,1fr)] justify-items-start gap-3">
        {exchange.searchCompleted && (
          <p className="flex items-center gap-1.5 font-medium text-accent text-sm">
            <Icon name="check" className="size-4" />
            {texts.conversation.searched}
          </p>
        )}
        {shown(exchange.bubbles.slice(0, end))}
        {cited.length > 0 && (
          <div ref={chips} className="max-w-full">
            <Sources sources={cited} onOpen={onOpenSource} />
          </div>
        )}
        {shown(exchange.bubbles.slice(end))}
        {exchange.phase === "waiting" && <Typing step={exchange.step} />}
        {children}
      </div>
    </div>
  );
}
