/** One bubble of any type. It is rendered again only when it, or what it may cite, has changed. */
import { memo } from "react";
import type { BubbleProps } from "./props";
import { TextBubble } from "./TextBubble";
import { views } from "./views";

export const BubbleView = memo(function BubbleView(props: BubbleProps) {
  // A newer server may send a type that this page does not know: it has a text all the same
  const View = views[props.bubble.bubble_type] ?? TextBubble;
  return <View {...props} />;
});
