/** Links to pages outside. */
import { BubbleCard } from "./BubbleCard";
import { ExternalLink } from "./ExternalLink";
import type { BubbleProps } from "./props";

export function LinkBubble(props: BubbleProps) {
  return (
    <BubbleCard {...props}>
      {props.bubble.source_url && (
        <p className="flex flex-wrap gap-2 px-4 pb-4">
          {props.bubble.source_url.map((url) => (
            <ExternalLink key={url} url={url} label={props.bubble.caption ?? undefined} />
          ))}
        </p>
      )}
    </BubbleCard>
  );
}
