/** What was drafted for a group, and how many of its questions would be answered with it. */
import { Button } from "../../ui/Button";
import { paths } from "../routes";
import { decisions } from "../texts/common";
import { texts } from "../texts/desk";
import { Badge } from "../ui/Badge";
import { Link } from "../ui/Link";
import { Panel } from "../ui/Panel";
import type { Mended } from "./useDesk";

interface Props {
  bot: string;
  mended: Mended;
  onAgain: () => void;
}

export function MendedView({ bot, mended, onAgain }: Props) {
  const { answerable, suggested } = mended;
  const missed = answerable.questions.filter((one) => one.outcome.decision !== "answer");
  return (
    <Panel
      title={texts.result}
      beside={
        <Button className="px-3 py-1 text-sm" onClick={onAgain}>
          {texts.tryAgain}
        </Button>
      }
    >
      <div className="space-y-3 text-sm" role="status">
        <p className="font-semibold text-base">
          {texts.answerable(answerable.asked, answerable.answered, answerable.before)}
        </p>
        <p>
          {texts.saved(mended.title)}{" "}
          <Link href={paths.content(bot, mended.faqId, mended.sourceId)} className="text-accent underline">
            {texts.open}
          </Link>
        </p>
        {suggested && (
          <p className="text-muted">
            {suggested.model ? texts.written(suggested.model) : texts.notWritten(suggested.why_not ?? "")}
          </p>
        )}
        {suggested && suggested.doubtful.length > 0 && <Lines title={texts.doubtful} lines={suggested.doubtful} />}
        {missed.length > 0 && (
          <div>
            <p className="font-medium">{texts.stillNot}</p>
            <ul className="mt-1 space-y-1">
              {missed.map(({ question, outcome }) => (
                <li key={question}>
                  {question} <Badge>{decisions[outcome.decision]}</Badge>
                </li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </Panel>
  );
}

function Lines({ title, lines }: { title: string; lines: readonly string[] }) {
  return (
    <div>
      <p className="font-medium">{title}</p>
      <ul className="mt-1 list-disc pl-5">
        {lines.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
    </div>
  );
}
