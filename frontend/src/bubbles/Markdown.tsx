/** Markdown as elements: sanitized, without raw HTML, links in new tabs, images over https, citations as links. */
import { useMemo } from "react";
import ReactMarkdown, { type Components, type Options } from "react-markdown";
import rehypeSanitize from "rehype-sanitize";
import remarkGfm from "remark-gfm";
import type { Source } from "../api/types";
import { texts } from "../texts";
import { rehypeCitations } from "./citations";
import { isSecure } from "./media";
import { remarkHtmlAsText } from "./rawHtml";

export interface MarkdownProps {
  text: string;
  sources?: readonly Source[] | undefined;
  onCite?: ((n: number) => void) | undefined;
}

// One tilde is a range, as in 2~3일, not half of a stroke
const REMARK: Options["remarkPlugins"] = [[remarkGfm, { singleTilde: false }], remarkHtmlAsText];
const REHYPE: Options["remarkRehypeOptions"] = {
  footnoteLabel: texts.bubbles.footnotes,
  footnoteBackContent: () => [], // links inside of an answer lead nowhere
};
const NO_SOURCES: MarkdownProps["sources"] = [];

export default function Markdown({ text, sources = NO_SOURCES, onCite }: MarkdownProps) {
  const numbers = useMemo(() => new Set(sources?.map((one) => one.n)), [sources]);
  const components = useMemo(() => elements(onCite), [onCite]);
  return (
    <div className="prose">
      <ReactMarkdown
        remarkPlugins={REMARK}
        remarkRehypeOptions={REHYPE}
        // What is made of citations comes behind the sanitizer, which would take it for the model's own
        rehypePlugins={[rehypeSanitize, [rehypeCitations, numbers]]}
        urlTransform={(url, key) => (key === "src" ? secure(url) : reachable(url))}
        components={components}
      >
        {text}
      </ReactMarkdown>
    </div>
  );
}

function elements(onCite: MarkdownProps["onCite"]): Components {
  return {
    a: ({ href, children }) =>
      href ? (
        <a href={href} target="_blank" rel="noopener noreferrer">
          {children}
        </a>
      ) : (
        children
      ),
    img: ({ src, alt }) =>
      src ? <img src={src} alt={alt ?? ""} loading="lazy" referrerPolicy="no-referrer" /> : (alt ?? null),
    table: ({ children }) => (
      // A wide table is scrolled, by keyboard too
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached
      <section className="overflow-x-auto" tabIndex={0} aria-label={texts.bubbles.table}>
        <table>{children}</table>
      </section>
    ),
    button: ({ value, children }) => (
      <button
        type="button"
        className="mx-0.5 rounded-md bg-accent-soft px-1.5 align-baseline font-medium text-[0.8em] text-accent hover:underline"
        aria-label={texts.sources.citation(Number(value))}
        onClick={() => onCite?.(Number(value))}
      >
        {children}
      </button>
    ),
  };
}

function secure(url: string): string | undefined {
  return isSecure(url) ? url : undefined;
}

function reachable(url: string): string | undefined {
  return /^(https:\/\/|mailto:|tel:)/i.test(url) ? url : undefined;
}
