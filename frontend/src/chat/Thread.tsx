/** The conversation: its exchanges in order, kept at their end while an answer comes. */
import { useEffect, useMemo, useRef } from "react";
import type { Source } from "../api/types";
import { type BubbleActions, BubbleActionsProvider } from "../bubbles/actions";
import { texts } from "../texts";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { useConversation } from "./contexts";
import { ExchangeView } from "./ExchangeView";
import { LoadFailure } from "./LoadFailure";
import { useStore } from "./store";
import { useStickToBottom } from "./useStickToBottom";
import { Welcome } from "./Welcome";

export function Thread({ onOpenSource }: { onOpenSource: (source: Source) => void }) {
  const conversation = useConversation();
  const order = useStore(conversation.store, (state) => state.order);
  const loading = useStore(conversation.store, (state) => state.loading);
  const failure = useStore(conversation.store, (state) => state.failure);
  const busy = useStore(conversation.store, () => conversation.busy());
  const area = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const { behind, toBottom } = useStickToBottom(area, content);
  const newest = order.at(-1);

  useEffect(() => {
    if (newest === undefined) return;
    toBottom(); // who asks wants to see the answer
    // The chip that was tapped is gone, and the focus with it
    if (document.activeElement === document.body) area.current?.focus({ preventScroll: true });
  }, [newest, toBottom]);

  const actions = useMemo<BubbleActions>(
    () => ({ tap: (label, path) => void conversation.tap(label, path), disabled: busy }),
    [conversation, busy],
  );

  return (
    <div className="relative min-h-0 flex-1">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
      <section ref={area} tabIndex={0} aria-label={texts.conversation.label} className="h-full overflow-y-auto">
        <div ref={content} className="mx-auto flex min-h-full w-full max-w-3xl flex-col px-4 py-6">
          <BubbleActionsProvider value={actions}>
            {loading && order.length === 0 && <p className="m-auto text-muted">{texts.conversation.loading}</p>}
            {failure && <LoadFailure message={failure.message} />}
            {!loading && !failure && order.length === 0 && <Welcome />}
            <ol className="grid grid-cols-[minmax(0,1fr)] gap-8">
              {order.map((id) => (
                <ExchangeView key={id} id={id} last={id === newest} onOpenSource={onOpenSource} />
              ))}
            </ol>
          </BubbleActionsProvider>
        </div>
      </section>
      {behind && newest !== undefined && (
        <Button
          className="-translate-x-1/2 absolute bottom-3 left-1/2 inline-flex items-center gap-2 rounded-full shadow-md"
          onClick={toBottom}
        >
          <Icon name="down" className="size-4" />
          {texts.conversation.newAnswer}
        </Button>
      )}
    </div>
  );
}
