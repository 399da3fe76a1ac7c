/** A link to a page outside, in a new tab that knows nothing of this one. */
import { texts } from "../texts";
import { Icon } from "../ui/Icon";
import { isSecure } from "./media";

export function ExternalLink({ url, label = texts.bubbles.more }: { url: string; label?: string | undefined }) {
  if (!isSecure(url)) return null;
  return (
    <a
      href={url}
      target="_blank"
      rel="noopener noreferrer"
      className="inline-flex items-center gap-1.5 rounded-xl border border-line bg-surface px-4 py-2 text-accent hover:bg-sunken"
    >
      {label}
      <Icon name="external" className="size-4" />
      <span className="sr-only">{texts.bubbles.newTab}</span>
    </a>
  );
}
