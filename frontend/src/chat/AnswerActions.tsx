/** What can be done with an answer that has ended: copied, asked again, tried again. */
import { useState } from "react";
import { texts } from "../texts";
import { Button, IconButton } from "../ui/Button";
import { copyText } from "../ui/clipboard";
import { Icon } from "../ui/Icon";
import type { Exchange, Phase } from "./exchange";
import { copyable } from "./plainText";

const ENDED_BADLY: Partial<Record<Phase, { note: string; again: string }>> = {
  failed: { note: "", again: texts.actions.retry },
  refused: { note: "", again: texts.actions.retry },
  lost: { note: "", again: texts.actions.retry },
  stopped: { note: texts.conversation.stopped, again: texts.actions.again },
  interrupted: { note: texts.conversation.interrupted, again: texts.actions.again },
};

interface Props {
  exchange: Exchange;
  last: boolean;
  disabled: boolean;
  onAgain: () => void;
}

export function AnswerActions({ exchange, last, disabled, onAgain }: Props) {
  const badly = ENDED_BADLY[exchange.phase];
  return (
    <div className={`flex flex-wrap items-center gap-1 text-sm ${badly ? "" : "-my-1 -ml-2"}`}>
      {badly ? (
        <>
          {badly.note && <p className="mr-2 text-muted">{badly.note}</p>}
          {!exchange.final && (
            <Button className="inline-flex items-center gap-2" disabled={disabled} onClick={onAgain}>
              <Icon name="again" className="size-4" />
              {badly.again}
            </Button>
          )}
        </>
      ) : (
        <>
          <CopyButton text={() => copyable(exchange.bubbles)} />
          {last && <IconButton icon="again" label={texts.actions.again} disabled={disabled} onClick={onAgain} />}
        </>
      )}
    </div>
  );
}

function CopyButton({ text }: { text: () => string }) {
  const [copied, setCopied] = useState<boolean | null>(null);
  const { copy, copied: done, copyFailed } = texts.actions;
  return (
    <>
      <IconButton icon={copied ? "check" : "copy"} label={copy} onClick={() => void copyText(text()).then(setCopied)} />
      <span role="status" className="text-muted">
        {copied === null ? "" : copied ? done : copyFailed}
      </span>
    </>
  );
}
