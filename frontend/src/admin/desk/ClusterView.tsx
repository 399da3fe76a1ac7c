/** One group: its questions to choose from, the contents that come near, and what mending it has come to. */
import { useState } from "react";
import { Button } from "../../ui/Button";
import { paths } from "../routes";
import { useSession } from "../session";
import { texts } from "../texts/desk";
import { Alert } from "../ui/Alert";
import { CheckField } from "../ui/CheckField";
import { Failure } from "../ui/Failure";
import { Link } from "../ui/Link";
import { Loading } from "../ui/Loading";
import { Panel } from "../ui/Panel";
import { useEditing } from "../useBot";
import { HandleButtons } from "./HandleButtons";
import { MendedView } from "./MendedView";
import { type Cluster, useMending } from "./useDesk";
import { WhyBadges } from "./WhyBadges";

/** What a title may have, and how many a new content is made with: the API's own limits. */
const TITLE_CHARACTERS = 300;
const MOST_TITLES = 30;

interface Props {
  bot: string;
  cluster: Cluster;
  onHandled: () => void;
}

export function ClusterView({ bot, cluster, onHandled }: Props) {
  const editor = useSession().may("editor");
  const editing = useEditing(bot);
  const { may: maySuggest, refusal } = editing();
  const choosing = maySuggest || cluster.contents.some((one) => editing(one.source_id).may);
  const mending = useMending(bot, cluster);
  const { questions } = cluster;
  const titles = questions.map((one) => one.question).filter((one) => one.length <= TITLE_CHARACTERS);
  const first = titles.slice(0, MOST_TITLES);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set(titles.slice(MOST_TITLES)));
  const chosen = titles.filter((one) => !left.has(one));
  const choose = (question: string, wanted: boolean) => {
    const next = new Set(left);
    if (wanted) next.delete(question);
    else next.add(question);
    setLeft(next);
  };
  const disabled = chosen.length === 0 || chosen.length > MOST_TITLES || mending.isPending;
  return (
    <div className="space-y-5">
      <div className="flex flex-wrap items-center gap-3 text-sm">
        <p className="text-muted">{texts.figures(cluster.count, cluster.sessions, cluster.wordings)}</p>
        <WhyBadges why={cluster.why} />
        {editor && <HandleButtons bot={bot} cluster={cluster} onDone={onHandled} />}
      </div>
      {refusal && <Alert>{refusal}</Alert>}
      {mending.isPending && <Loading label={texts.asking} />}
      {mending.isError && <Failure error={mending.error} />}
      {mending.data && !mending.isPending && (
        <MendedView
          bot={bot}
          mended={mending.data}
          onAgain={() => mending.mutate({ kind: "again", mended: mending.data })}
        />
      )}
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <Panel title={texts.questions} lead={choosing ? texts.questionsLead : undefined}>
          {choosing && questions.length > 1 && (
            <div className="mb-3 border-line border-b pb-3">
              <CheckField
                label={titles.length > MOST_TITLES ? texts.firstOnes(MOST_TITLES) : texts.all}
                checked={first.every((one) => !left.has(one))}
                onChange={(all) => setLeft(new Set(titles.filter((one) => !(all && first.includes(one)))))}
              />
            </div>
          )}
          <ul className="space-y-2">
            {questions.map(({ question, count, day, chat_id }) => (
              <li key={chat_id} className="flex items-start gap-2 text-sm">
                <span className="min-w-0 flex-1">
                  {choosing ? (
                    <CheckField
                      label={question}
                      checked={chosen.includes(question)}
                      disabled={question.length > TITLE_CHARACTERS}
                      onChange={(wanted) => choose(question, wanted)}
                    />
                  ) : (
                    question
                  )}
                </span>
                <span className="whitespace-nowrap text-muted">{texts.times(count)}</span>
                <Link href={paths.turn(bot, day, chat_id)} aria-label={texts.historyOf(question)}>
                  {texts.history}
                </Link>
              </li>
            ))}
          </ul>
          {choosing && titles.length < questions.length && (
            <p className="mt-3 text-muted text-xs">{texts.tooLong(TITLE_CHARACTERS)}</p>
          )}
          {chosen.length > MOST_TITLES && <p className="mt-3 text-danger text-xs">{texts.tooMany(MOST_TITLES)}</p>}
          {questions.length < cluster.wordings && (
            <p className="mt-3 text-muted text-xs">{texts.firstOnly(questions.length)}</p>
          )}
        </Panel>
        <div className="space-y-5">
          <Panel title={texts.contents} lead={choosing ? texts.contentsLead : undefined}>
            {cluster.contents.length === 0 && <p className="text-muted text-sm">{texts.noContents}</p>}
            <ul className="space-y-3">
              {cluster.contents.map((one) => (
                <li key={`${one.source_id} ${one.faq_id}`} className="flex flex-wrap items-center gap-2 text-sm">
                  <span className="min-w-40 flex-1">
                    <Link href={paths.content(bot, one.faq_id, one.source_id)}>{one.title}</Link>{" "}
                    <span className="whitespace-nowrap text-muted text-xs">{texts.score(one.score)}</span>
                  </span>
                  {editing(one.source_id).may && (
                    <Button
                      className="px-3 py-1 text-sm"
                      aria-label={texts.addTitlesTo(one.title)}
                      disabled={disabled}
                      onClick={() => mending.mutate({ kind: "titles", content: one, questions: chosen })}
                    >
                      {texts.addTitles}
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          </Panel>
          {maySuggest && (
            <Panel title={texts.newContent} lead={texts.newLead}>
              <Button
                className="text-sm"
                disabled={disabled}
                onClick={() => mending.mutate({ kind: "content", questions: chosen })}
              >
                {texts.makeContent}
              </Button>
            </Panel>
          )}
        </div>
      </div>
    </div>
  );
}
