/** The frame that most bubbles share: icon, title, badge or service, text, choices, and the one button. */
import type { ReactNode } from "react";
import { isOwnPath } from "../api/client";
import { Button } from "../ui/Button";
import { useBubbleActions } from "./actions";
import { ExternalLink } from "./ExternalLink";
import { LazyMarkdown } from "./LazyMarkdown";
import type { BubbleProps } from "./props";

interface Props extends BubbleProps {
  children?: ReactNode;
  className?: string;
}

export function BubbleCard({ bubble, sources, onCite, children, className = "border-line bg-surface" }: Props) {
  const { icon, title, description } = bubble;
  const badge = bubble.badge ?? bubble.service_type;
  return (
    <section className={`max-w-full overflow-hidden rounded-2xl border ${className}`}>
      <div className="px-4 py-3">
        {(title || badge || icon) && (
          <header className="mb-1.5 flex items-start gap-2">
            {icon && <span aria-hidden="true">{icon}</span>}
            {title && <h2 className="flex-1 font-semibold leading-snug">{title}</h2>}
            {badge && (
              <span className="rounded-full bg-accent-soft px-2 py-0.5 font-medium text-accent text-xs">{badge}</span>
            )}
          </header>
        )}
        <LazyMarkdown text={description} sources={sources} onCite={onCite} />
        <Guide bubble={bubble} />
      </div>
      {children}
    </section>
  );
}

function Guide({ bubble }: BubbleProps) {
  const { tap, disabled } = useBubbleActions();
  const { guide_text: label, guide_url: url, next_action: path } = bubble;
  if (bubble.bubble_type === "feedback_form" || (!url && !path)) return null;
  return (
    <p className="mt-3 flex flex-wrap gap-2">
      {path && isOwnPath(path) && label && (
        <Button look="filled" disabled={disabled} onClick={() => tap(label, path)}>
          {label}
        </Button>
      )}
      {url && <ExternalLink url={url} label={path ? undefined : (label ?? undefined)} />}
    </p>
  );
}
