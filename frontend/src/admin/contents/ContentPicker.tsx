/** Contents that are named: found by their titles, told by them, with the id beside. */
import { useQueries } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { IconButton } from "../../ui/Button";
import { useSession } from "../session";
import { texts as common } from "../texts/common";
import { picker as texts } from "../texts/contents";
import type { FieldProps } from "../ui/Field";
import { TextField } from "../ui/TextField";
import { contentSources, useBot } from "../useBot";
import { asked, contentsKey } from "./useContents";

export interface NamedContent {
  faq_id: string;
  /** Nothing: it is gone, or not known yet. */
  title: string | null;
}

interface Props extends FieldProps {
  bot: string;
  chosen: readonly NamedContent[];
  most: number;
  onChange: (chosen: NamedContent[]) => void;
}

const SHOWN = 8;
const PAUSE_MS = 250;

export function ContentPicker({ bot, chosen, most, onChange, label, help, problem }: Props) {
  const [typed, setTyped] = useState("");
  const found = useFound(bot, typed);
  const left = found.filter((one) => !chosen.some(({ faq_id }) => faq_id === one.faq_id)).slice(0, SHOWN);
  return (
    <div className="space-y-2">
      <TextField
        label={label}
        help={help}
        problem={problem}
        type="search"
        placeholder={texts.search}
        value={typed}
        disabled={chosen.length >= most}
        onKeyDown={(event) => event.key === "Enter" && event.preventDefault()} // looks up, submits nothing
        onChange={setTyped}
      />
      {typed.trim() !== "" && (
        <ul
          aria-label={texts.found}
          className="max-h-48 divide-y divide-line overflow-y-auto rounded-lg border border-line"
        >
          {left.map((one) => (
            <li key={one.faq_id}>
              <button
                type="button"
                className="w-full px-3 py-1.5 text-left text-sm hover:bg-sunken"
                onClick={() => {
                  onChange([...chosen, one]);
                  setTyped("");
                }}
              >
                <ContentName {...one} />
              </button>
            </li>
          ))}
          {left.length === 0 && <li className="px-3 py-1.5 text-muted text-sm">{texts.none}</li>}
        </ul>
      )}
      {chosen.length > 0 && (
        <ul aria-label={texts.chosen} className="space-y-1">
          {chosen.map((one) => (
            <li key={one.faq_id} className="flex items-start gap-2 rounded-lg bg-sunken py-1 pr-1 pl-3 text-sm">
              <span className="min-w-0 flex-1 py-1">
                <ContentName {...one} />
              </span>
              <IconButton
                icon="close"
                label={common.removeOf(one.title ?? one.faq_id)}
                onClick={() => onChange(chosen.filter(({ faq_id }) => faq_id !== one.faq_id))}
              />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** A title with its small id; of what is gone the id. */
export function ContentName({ faq_id, title }: NamedContent) {
  return (
    <>
      <span className={title === null ? "text-muted" : ""}>{title ?? texts.gone}</span>{" "}
      <code className="wrap-anywhere text-muted text-xs">{faq_id}</code>
    </>
  );
}

/** The title of a content that is known by its id alone, as long as it is served. */
export function useContentTitle(bot: string, faqId: string): string | null {
  return useNamed(bot, faqId).find((one) => one.faq_id === faqId)?.title ?? null;
}

/** What the sources of a bot have under these words, once nothing is typed for a moment. */
function useFound(bot: string, typed: string): NamedContent[] {
  const [q, setQ] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setQ(typed.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return useNamed(bot, typed.trim() === "" ? "" : q);
}

/** What the sources of a bot have under these words; under none nothing. */
function useNamed(bot: string, q: string): NamedContent[] {
  const { api } = useSession();
  const sources = contentSources(useBot(bot).data);
  return useQueries({
    queries: sources.map(([source]) => ({
      queryKey: [...contentsKey(bot), "named", source, q],
      enabled: q !== "",
      queryFn: () =>
        api.get("/v1/admin/bots/{bot_id}/contents", {
          path: { bot_id: bot },
          query: asked({ source, which: "all", category: "", q }),
        }),
    })),
    combine: (results) =>
      results.flatMap(({ data }) => data?.contents ?? []).filter((one) => one.drafted !== "new" && !one.expired),
  });
}
