/** A remark beside the answer. */

import { BubbleCard } from "./BubbleCard";
import type { BubbleProps } from "./props";

export function NoticeBubble(props: BubbleProps) {
  return <BubbleCard {...props} className="border-transparent bg-sunken text-muted text-sm" />;
}
