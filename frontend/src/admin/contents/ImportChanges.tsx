/** What a file would change, by what becomes of its contents. */
import type { ImportedContent, ImportResult } from "../../api/adminTypes";
import { texts } from "../texts/contentFiles";
import { Alert } from "../ui/Alert";
import { Changes } from "../ui/Changes";

const KINDS = ["conflict", "invalid", "remove", "create", "update"] as const;

export function ImportChanges({ result }: { result: ImportResult }) {
  const { counts, contents, ignored } = result;
  const kinds = KINDS.filter((kind) => counts[kind] > 0);
  return (
    <div className="space-y-3">
      {ignored.length > 0 && <Alert look="caution">{texts.ignored(ignored.join(", "))}</Alert>}
      {result.removals_held && <Alert look="caution">{texts.removalsHeld}</Alert>}
      {kinds.length === 0 && <Alert look="good">{texts.same}</Alert>}
      {kinds.map((kind) => {
        const told = contents.filter((one) => one.kind === kind);
        return (
          <details
            key={kind}
            open={kind === "invalid" || kind === "conflict"}
            className="rounded-lg border border-line"
          >
            <summary className="cursor-pointer px-3.5 py-2 font-medium text-sm">
              {texts.counts(texts.kinds[kind], counts[kind])}
            </summary>
            <ul className="divide-y divide-line border-line border-t">
              {told.map((one) => (
                <Line key={`${one.faq_id} ${one.row}`} content={one} />
              ))}
              {counts[kind] > told.length && (
                <li className="px-3.5 py-2 text-muted text-sm">{texts.more(counts[kind] - told.length)}</li>
              )}
            </ul>
          </details>
        );
      })}
      {counts.unchanged > 0 && (
        <p className="text-muted text-sm">{texts.counts(texts.kinds.unchanged, counts.unchanged)}</p>
      )}
    </div>
  );
}

function Line({ content }: { content: ImportedContent }) {
  const { row, faq_id, title, changes, problems, left_out } = content;
  return (
    <li className="space-y-2 px-3.5 py-2 text-sm">
      <p className="flex flex-wrap items-baseline gap-x-2">
        {row !== null && <span className="text-muted text-xs">{texts.row(row)}</span>}
        <span className="min-w-0 break-words">{title || texts.untitled}</span>
        {faq_id && <code className="text-muted text-xs">{faq_id}</code>}
      </p>
      {problems.length > 0 && (
        <ul className="list-disc pl-5 text-danger">
          {problems.map(({ path, message }) => (
            <li key={`${path} ${message}`}>{path ? `${texts.field(path)}: ${message}` : message}</li>
          ))}
        </ul>
      )}
      {changes.length > 0 && (
        <Changes changes={changes.map(({ field, before, after }) => ({ name: texts.field(field), before, after }))} />
      )}
      {left_out.length > 0 && (
        <>
          <p>{texts.leftOut}</p>
          <ul className="list-disc pl-5">
            {left_out.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </>
      )}
    </li>
  );
}
