/** Markdown, rendered as soon as its renderer is loaded; the text as it is until then. */
import { lazy, Suspense } from "react";
import { ErrorBoundary } from "../ui/ErrorBoundary";
import type { MarkdownProps } from "./Markdown";

const load = () => import("./Markdown");
const Markdown = lazy(load);

/** Fetch the renderer before it is needed. That it cannot be fetched is seen when it is. */
export function preloadMarkdown(): void {
  load().catch(reportError);
}

export function LazyMarkdown(props: MarkdownProps) {
  const plain = <p className="whitespace-pre-wrap leading-[1.7]">{props.text}</p>;
  return (
    <ErrorBoundary fallback={plain}>
      <Suspense fallback={plain}>
        <Markdown {...props} />
      </Suspense>
    </ErrorBoundary>
  );
}
