/** What differs between two states, field by field. */
import { plain } from "../format";
import { texts } from "../texts/common";

export interface FieldChange {
  name: string;
  before: unknown;
  after: unknown;
}

export function Changes({ changes }: { changes: readonly FieldChange[] }) {
  return (
    <dl className="space-y-3">
      {changes.map(({ name, before, after }) => (
        <div key={name}>
          <dt className="wrap-anywhere mb-1 font-medium text-sm">{name}</dt>
          <dd className="grid gap-2 text-sm sm:grid-cols-2">
            <Side label={texts.before} value={before} className="bg-danger-soft" />
            <Side label={texts.after} value={after} className="bg-accent-soft" />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Side({ label, value, className }: { label: string; value: unknown; className: string }) {
  return (
    <div className={`min-w-0 rounded-lg px-3 py-2 ${className}`}>
      <p className="text-muted text-xs">{label}</p>
      <p className="whitespace-pre-wrap wrap-anywhere">{plain(value)}</p>
    </div>
  );
}
