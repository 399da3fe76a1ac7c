/** Images over https, with a caption. */
import { texts } from "../texts";
import { BubbleCard } from "./BubbleCard";
import type { BubbleProps } from "./BubbleView";
import { isSecure } from "./media";

export function ImageBubble(props: BubbleProps) {
  const { caption, title, source_url: urls } = props.bubble;
  return (
    <BubbleCard {...props}>
      <figure className="grid gap-2 px-4 pb-4">
        {(urls ?? []).filter(isSecure).map((url) => (
          <img
            key={url}
            src={url}
            alt={caption ?? title ?? texts.bubbles.image}
            loading="lazy"
            referrerPolicy="no-referrer"
            className="max-h-96 rounded-xl"
          />
        ))}
        {caption && <figcaption className="text-muted text-sm">{caption}</figcaption>}
      </figure>
    </BubbleCard>
  );
}
