/** What may be wrong with a content as it was saved. */
import { paths } from "../routes";
import { texts } from "../texts/contents";
import { Alert } from "../ui/Alert";
import { Badge } from "../ui/Badge";
import { Failure } from "../ui/Failure";
import { Link } from "../ui/Link";
import { Loading } from "../ui/Loading";
import { useHealth } from "./useContent";

interface Props {
  bot: string;
  sourceId: string | undefined;
  faqId: string;
  basedOn: string;
  dirty: boolean;
}

export function Health({ bot, sourceId, faqId, basedOn, dirty }: Props) {
  const health = useHealth({ bot, sourceId, faqId }, basedOn);
  return (
    <div className="space-y-3">
      <p className="text-muted text-xs">{texts.healthLead}</p>
      {dirty && <Alert look="caution">{texts.saveFirst}</Alert>}
      {health.isPending && <Loading />}
      {health.isError && <Failure error={health.error} onRetry={() => void health.refetch()} />}
      {health.data?.length === 0 && <Alert look="good">{texts.healthy}</Alert>}
      <ul className="space-y-3">
        {health.data?.map((one) => (
          <li key={`${one.kind} ${one.faq_id} ${one.message}`} className="rounded-lg border border-line p-3 text-sm">
            <p>
              <Badge look={one.kind === "contradiction" || one.kind === "duplicate" ? "danger" : "mark"}>
                {texts.findings[one.kind]}
              </Badge>{" "}
              {one.message}
            </p>
            {one.here && (
              <p className="mt-1.5 text-xs">
                <span className="text-muted">{texts.compare.here}</span> {one.here}
              </p>
            )}
            {one.there && (
              <p className="mt-1 text-xs">
                <span className="text-muted">{texts.compare.there}</span> {one.there}
              </p>
            )}
            {one.faq_id && (
              <p className="mt-1.5">
                <Link href={paths.content(bot, one.faq_id, sourceId)}>{one.title ?? one.faq_id}</Link>
              </p>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
