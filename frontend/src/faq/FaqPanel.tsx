/** The FAQ behind a source: with the title that the question met marked, and its date. */
import { useQuery } from "@tanstack/react-query";
import type { Faq, Source } from "../api/types";
import { ExternalLink } from "../bubbles/ExternalLink";
import { LazyMarkdown } from "../bubbles/LazyMarkdown";
import { useApi } from "../chat/contexts";
import { texts } from "../texts";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { longDate } from "../ui/date";

interface Props {
  source: Source;
  onClose: () => void;
}

export function FaqPanel({ source, onClose }: Props) {
  const api = useApi();
  const isContent = source.kind !== "record";
  const faq = useQuery({
    queryKey: ["faq", api.bot, source.source_id, source.faq_id],
    queryFn: () => api.faq(source.faq_id, source.source_id),
    enabled: isContent,
    staleTime: 60_000,
  });
  const title = faq.data?.title ?? source.title;
  const updated = faq.data?.updated_at ?? source.updated_at;
  const url = faq.data?.url ?? source.url;
  return (
    <Dialog place="right" title={`${texts.sources.label} ${source.n}`} onClose={onClose}>
      <article className="grid gap-4">
        <header className="grid gap-2">
          <p className="flex flex-wrap items-center gap-x-3 text-muted text-sm">
            {faq.data?.category && <span className="font-medium text-accent">{faq.data.category}</span>}
            {updated && <time dateTime={updated}>{texts.sources.updated(longDate(updated))}</time>}
          </p>
          <h3 className="font-semibold text-xl leading-snug">
            {source.matched_subject === title ? <Marked>{title}</Marked> : title}
          </h3>
          {source.matched_subject !== title && isContent && (
            <p className="text-sm">
              <span className="text-muted">{texts.sources.matched} </span>
              <Marked>{source.matched_subject}</Marked>
            </p>
          )}
        </header>
        {!isContent && <p className="text-muted">{texts.sources.record}</p>}
        {isContent && faq.isPending && <p className="text-muted">{texts.sources.loading}</p>}
        {faq.isError && (
          <div role="alert" className="grid justify-items-start gap-3">
            <p className="rounded-2xl bg-danger-soft px-4 py-3 text-danger">{faq.error.message}</p>
            <Button onClick={() => void faq.refetch()}>{texts.actions.retry}</Button>
          </div>
        )}
        {faq.data && <LazyMarkdown text={faq.data.content} />}
        {faq.data && <OwnAnswers faq={faq.data} />}
        {url && (
          <p>
            <ExternalLink url={url} label={texts.sources.original} />
          </p>
        )}
      </article>
    </Dialog>
  );
}

/** The answers for single services that the general one does not hold. */
function OwnAnswers({ faq: { content, service_answers: answers } }: { faq: Faq }) {
  const own = Object.entries(answers).filter(([, answer]) => !content.includes(answer));
  return own.map(([service, answer]) => (
    <section key={service} className="grid gap-2 border-line border-t pt-4">
      <h4 className="font-semibold">{service}</h4>
      <LazyMarkdown text={answer} />
    </section>
  ));
}

function Marked({ children }: { children: string }) {
  return <mark className="rounded bg-mark px-1 text-ink">{children}</mark>;
}
