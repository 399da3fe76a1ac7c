/** The groups of questions, the largest first. */
import type { Desk } from "../../api/adminTypes";
import { number } from "../format";
import { paths } from "../routes";
import { texts } from "../texts/desk";
import { Badge } from "../ui/Badge";
import { Cell } from "../ui/Cell";
import { Link } from "../ui/Link";
import { Table } from "../ui/Table";
import { WhyBadges } from "./WhyBadges";

interface Props {
  bot: string;
  clusters: Desk["clusters"];
  /** Where a group is opened, by its question. */
  addressOf: (question: string) => string;
}

export function ClusterTable({ bot, clusters, addressOf }: Props) {
  const { columns } = texts;
  return (
    <Table
      label={texts.table}
      cards
      columns={[
        { label: columns.question },
        { label: columns.count, right: true },
        { label: columns.sessions, right: true },
        { label: columns.why },
        { label: columns.nearest },
      ]}
    >
      {clusters.map((one) => {
        const [nearest] = one.contents;
        return (
          <tr key={one.question}>
            <Cell className="min-w-40">
              <Link href={addressOf(one.question)}>{one.question}</Link>{" "}
              {one.state && <Badge look={one.state === "solved" ? "accent" : "plain"}>{texts.states[one.state]}</Badge>}
            </Cell>
            <Cell label={columns.count} right>
              {number(one.count)}
            </Cell>
            <Cell label={columns.sessions} right>
              {number(one.sessions)}
            </Cell>
            <Cell>
              <WhyBadges why={one.why} />
            </Cell>
            <Cell label={columns.nearest} className="min-w-40 text-muted">
              {nearest && (
                <Link href={paths.content(bot, nearest.faq_id, nearest.source_id)} className="hover:underline">
                  {nearest.title}
                </Link>
              )}
            </Cell>
          </tr>
        );
      })}
    </Table>
  );
}
