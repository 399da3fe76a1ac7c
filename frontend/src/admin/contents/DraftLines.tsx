/** Which drafts would be published, and what becomes of each. */
import type { ContentsComparison } from "../../api/adminTypes";
import { texts } from "../texts/contents";
import { Badge } from "../ui/Badge";

const LOOKS = { new: "accent", edit: "plain", removal: "danger" } as const;

export function DraftLines({ drafts, more }: Pick<ContentsComparison, "drafts" | "more">) {
  return (
    <ul aria-label={texts.publish.drafts} className="space-y-1 text-sm">
      {drafts.map(({ faq_id, title, drafted }) => (
        <li key={faq_id}>
          <Badge look={LOOKS[drafted]}>{texts.publish.kinds[drafted]}</Badge> {title}
        </li>
      ))}
      {more > 0 && <li className="text-muted">{texts.publish.more(more)}</li>}
    </ul>
  );
}
