/** Videos over https, with a caption. Nothing is loaded but their first data until they are played. */
import { texts } from "../texts";
import { BubbleCard } from "./BubbleCard";
import { isSecure, NotLoaded, useNotLoaded } from "./media";
import type { BubbleProps } from "./props";

export function VideoBubble(props: BubbleProps) {
  const { caption, title, source_url: urls } = props.bubble;
  const [notLoaded, onError] = useNotLoaded();
  return (
    <BubbleCard {...props}>
      <figure className="grid gap-2 px-4 pb-4">
        {(urls ?? []).filter(isSecure).map((url) =>
          notLoaded.has(url) ? (
            <NotLoaded key={url} what="video" />
          ) : (
            // biome-ignore lint/a11y/useMediaCaption: what a video says is its caption; operators give no track
            <video
              key={url}
              src={url}
              controls
              preload="metadata"
              aria-label={caption ?? title ?? texts.bubbles.video}
              onError={() => onError(url)}
              className="max-h-96 w-full rounded-xl bg-sunken"
            />
          ),
        )}
        {caption && <figcaption className="text-muted text-sm">{caption}</figcaption>}
      </figure>
    </BubbleCard>
  );
}
