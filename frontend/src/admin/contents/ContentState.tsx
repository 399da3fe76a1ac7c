/** What becomes of a content: served, drafted, to be removed; and what its saving has left out. */
import type { ContentDetail } from "../../api/adminTypes";
import { dateTime } from "../format";
import { texts as common } from "../texts/common";
import { texts } from "../texts/contents";
import { Alert } from "../ui/Alert";
import { Badge } from "../ui/Badge";

export function ContentState({ detail, dirty }: { detail: ContentDetail; dirty: boolean }) {
  const { drafted, published, draft, removed } = detail;
  return (
    <>
      <p className="flex flex-wrap items-center gap-1.5 text-muted text-sm">
        <Badge>{published ? texts.served : removed && !draft ? texts.removedState : texts.neverServed}</Badge>
        {drafted && <Badge look={drafted === "removal" ? "danger" : "accent"}>{texts.drafted[drafted]}</Badge>}
        <code className="text-xs">{detail.faq_id}</code>
        {drafted && detail.saved_at && <span>{texts.saved(dateTime(detail.saved_at), detail.saved_by ?? "")}</span>}
        {dirty && <span className="text-ink">{common.unsaved}</span>}
      </p>
      {drafted === "removal" && <Alert look="caution">{texts.removalNote}</Alert>}
      {!published && !draft && removed && <Alert look="caution">{texts.removedNote}</Alert>}
      {detail.outdated && <Alert look="caution">{texts.outdated}</Alert>}
      {detail.left_out.length > 0 && (
        <Alert look="caution" urgent>
          <p>{texts.leftOut}</p>
          <ul className="list-disc pl-5">
            {detail.left_out.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </Alert>
      )}
    </>
  );
}
