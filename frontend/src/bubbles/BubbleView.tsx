/** One bubble of any type. It is rendered again only when it, or what it may cite, has changed. */
import { memo } from "react";
import type { Bubble, Source } from "../api/types";
import { TextBubble } from "./TextBubble";
import { views } from "./views";

export interface BubbleProps {
  bubble: Bubble;
  /** What citations in its text may name. */
  sources?: readonly Source[];
  /** Goes to a source that the text cites. */
  onCite?: (n: number) => void;
}

export const BubbleView = memo(function BubbleView(props: BubbleProps) {
  // A newer server may send a type that this page does not know: it has a text all the same
  const View = views[props.bubble.bubble_type] ?? TextBubble;
  return <View {...props} />;
});
