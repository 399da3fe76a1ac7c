/** How an API is asked. */
import { texts } from "../texts/workshop";
import { AreaField } from "../ui/AreaField";
import { LinesField } from "../ui/LinesField";
import { Panel } from "../ui/Panel";
import { Problem } from "../ui/Problem";
import { RowsField } from "../ui/RowsField";
import { SelectField } from "../ui/SelectField";
import { TextField } from "../ui/TextField";
import { named, type PanelProps } from "./panel";
import type { Pair } from "./sourceForm";

export function RequestPanel({ form, problems, onChange }: PanelProps) {
  return (
    <Panel title={texts.sections.request}>
      <div className="space-y-4">
        <SelectField
          label={texts.method}
          value={form.method}
          options={[
            ["GET", "GET"],
            ["POST", "POST"],
          ]}
          onChange={(method) => onChange({ method: method === "POST" ? "POST" : "GET" })}
        />
        <TextField
          {...named(texts.url)}
          problem={problems["url"]}
          value={form.url}
          spellCheck={false}
          onChange={(url) => onChange({ url })}
        />
        <AreaField
          {...named(texts.parameters)}
          problem={problems["parameters"]}
          value={form.parameters}
          spellCheck={false}
          className="font-mono text-xs"
          onChange={(parameters) => onChange({ parameters })}
        />
        <Pairs
          texts={texts.query}
          add={texts.addQuery}
          pairs={form.query}
          problem={within(problems, "query")}
          onChange={(query) => onChange({ query })}
        />
        <Pairs
          texts={texts.headers}
          add={texts.addHeader}
          pairs={form.headers}
          problem={within(problems, "headers")}
          onChange={(headers) => onChange({ headers })}
        />
        {form.method === "POST" && (
          <AreaField
            {...named(texts.body)}
            problem={problems["body"]}
            value={form.body}
            spellCheck={false}
            className="font-mono text-xs"
            onChange={(body) => onChange({ body })}
          />
        )}
        <details>
          <summary className="text-accent text-sm">{texts.advanced}</summary>
          <div className="mt-3 grid gap-4 sm:grid-cols-3">
            <TextField
              label={texts.timeout}
              type="number"
              min={0.1}
              max={30}
              step="0.1"
              problem={problems["timeout_seconds"]}
              value={form.timeout_seconds}
              onChange={(timeout_seconds) => onChange({ timeout_seconds })}
            />
            <TextField
              label={texts.retries}
              type="number"
              min={0}
              max={3}
              problem={problems["retries"]}
              value={form.retries}
              onChange={(retries) => onChange({ retries })}
            />
            <TextField
              label={texts.cache}
              type="number"
              min={0}
              max={86_400}
              problem={problems["cache_seconds"]}
              value={form.cache_seconds}
              onChange={(cache_seconds) => onChange({ cache_seconds })}
            />
            <div className="sm:col-span-3">
              <LinesField
                {...named(texts.hosts)}
                problem={within(problems, "allowed_hosts")}
                value={form.allowed_hosts}
                onChange={(allowed_hosts) => onChange({ allowed_hosts })}
              />
            </div>
          </div>
        </details>
      </div>
    </Panel>
  );
}

interface PairsProps {
  texts: readonly string[];
  add: string;
  pairs: Pair[];
  problem: string | undefined;
  onChange: (pairs: Pair[]) => void;
}

function Pairs({ texts: label, add, pairs, problem, onChange }: PairsProps) {
  return (
    <div>
      <RowsField
        {...named(label)}
        rows={pairs}
        empty={{ name: "", value: "" }}
        addLabel={add}
        most={20}
        onChange={onChange}
      >
        {(row, change) => (
          <>
            <TextField label={texts.pairName} value={row.name} onChange={(name) => change({ ...row, name })} />
            <TextField
              label={texts.pairValue}
              value={row.value}
              spellCheck={false}
              onChange={(value) => change({ ...row, value })}
            />
          </>
        )}
      </RowsField>
      <Problem text={problem} />
    </div>
  );
}

/** What is wrong with a part of the form, or with something in it. */
function within(problems: PanelProps["problems"], name: string): string | undefined {
  return Object.entries(problems).find(([path]) => path === name || path.startsWith(`${name}.`))?.[1];
}
