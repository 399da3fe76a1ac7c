/** Why a group's questions are at the desk, and how many of each. */
import type { Desk } from "../../api/adminTypes";
import { texts } from "../texts/desk";
import { Badge } from "../ui/Badge";

type Why = Desk["clusters"][number]["why"];

export function WhyBadges({ why }: { why: Why }) {
  return (
    <span className="flex flex-wrap gap-1">
      {(Object.keys(texts.why) as (keyof Why)[]).map((name) => {
        const count = why[name];
        return (
          count && (
            <Badge key={name} look={name === "unhelpful" || name === "refused" ? "danger" : "plain"}>
              {texts.whyCount(name, count)}
            </Badge>
          )
        );
      })}
    </span>
  );
}
