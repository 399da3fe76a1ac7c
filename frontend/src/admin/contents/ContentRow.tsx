/** A content in the list. */
import type { ContentLine } from "../../api/adminTypes";
import { dateTime } from "../format";
import { texts } from "../texts/contents";
import { Badge } from "../ui/Badge";
import { Cell } from "../ui/Cell";
import { Link } from "../ui/Link";

interface Props {
  line: ContentLine;
  href: string;
  removed: boolean;
  chosen: boolean;
  onChoose: ((chosen: boolean) => void) | undefined;
}

export function ContentRow({ line, href, removed, chosen, onChoose }: Props) {
  return (
    <tr className="hover:bg-sunken/60">
      {onChoose && (
        <Cell className="w-10">
          {line.drafted && (
            <input
              type="checkbox"
              aria-label={texts.choose(line.title)}
              checked={chosen}
              onChange={(event) => onChoose(event.target.checked)}
              className="size-4 accent-accent"
            />
          )}
        </Cell>
      )}
      <Cell className="min-w-40">
        <Link href={href} className="font-medium hover:text-accent hover:underline">
          {line.title}
        </Link>
        <p className="text-muted text-xs">{[line.faq_id, ...line.tags.map((tag) => `#${tag}`)].join(" · ")}</p>
      </Cell>
      <Cell wide>
        {line.category ?? ""}
        {line.category && line.category_inferred && <span className="text-muted text-xs"> ({texts.inferred})</span>}
      </Cell>
      <Cell right wide>
        {line.similar_titles}
      </Cell>
      <Cell>
        <span className="flex flex-wrap gap-1">
          {removed && <Badge>{texts.removedState}</Badge>}
          {line.drafted && (
            <Badge look={line.drafted === "removal" ? "danger" : "accent"}>{texts.drafted[line.drafted]}</Badge>
          )}
          {line.expired && <Badge look="mark">{texts.expired}</Badge>}
          {line.upcoming && <Badge look="mark">{texts.upcoming}</Badge>}
          {!removed && !line.drafted && <Badge>{texts.served}</Badge>}
        </span>
      </Cell>
      <Cell wide className="whitespace-nowrap text-muted">
        {dateTime(line.updated_at)}
      </Cell>
    </tr>
  );
}
