/** Videos over https, with a caption. Nothing is loaded but their first data until they are played. */
import { texts } from "../texts";
import { BubbleCard } from "./BubbleCard";
import type { BubbleProps } from "./BubbleView";
import { isSecure } from "./media";

export function VideoBubble(props: BubbleProps) {
  const { caption, title, source_url: urls } = props.bubble;
  return (
    <BubbleCard {...props}>
      <figure className="grid gap-2 px-4 pb-4">
        {(urls ?? []).filter(isSecure).map((url) => (
          // biome-ignore lint/a11y/useMediaCaption: what a video says is its caption; operators give no track
          <video
            key={url}
            src={url}
            controls
            preload="metadata"
            aria-label={caption ?? title ?? texts.bubbles.video}
            className="max-h-96 w-full rounded-xl bg-sunken"
          />
        ))}
        {caption && <figcaption className="text-muted text-sm">{caption}</figcaption>}
      </figure>
    </BubbleCard>
  );
}
