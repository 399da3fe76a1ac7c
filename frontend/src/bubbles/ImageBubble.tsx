/** Images over https, with a caption. */
import { texts } from "../texts";
import { BubbleCard } from "./BubbleCard";
import { isSecure, NotLoaded, useNotLoaded } from "./media";
import type { BubbleProps } from "./props";

export function ImageBubble(props: BubbleProps) {
  const { caption, title, source_url: urls } = props.bubble;
  const [notLoaded, onError] = useNotLoaded();
  return (
    <BubbleCard {...props}>
      <figure className="grid gap-2 px-4 pb-4">
        {(urls ?? [])
          .filter(isSecure)
          .map((url) =>
            notLoaded.has(url) ? (
              <NotLoaded key={url} what="image" />
            ) : (
              <img
                key={url}
                src={url}
                alt={caption ?? title ?? texts.bubbles.image}
                loading="lazy"
                referrerPolicy="no-referrer"
                onError={() => onError(url)}
                className="max-h-96 rounded-xl"
              />
            ),
          )}
        {caption && <figcaption className="text-muted text-sm">{caption}</figcaption>}
      </figure>
    </BubbleCard>
  );
}
