/** What an API is, for the model that chooses it. */
import { texts } from "../texts/workshop";
import { AreaField } from "../ui/AreaField";
import { Panel } from "../ui/Panel";
import { TextField } from "../ui/TextField";
import { named, type PanelProps } from "./panel";

export function AboutPanel({ form, problems, onChange }: PanelProps) {
  return (
    <Panel title={texts.sections.about}>
      <div className="space-y-4">
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            {...named(texts.id)}
            problem={problems["source_id"]}
            value={form.source_id}
            onChange={(source_id) => onChange({ source_id })}
          />
          <TextField
            {...named(texts.name)}
            problem={problems["name"]}
            value={form.name}
            onChange={(name) => onChange({ name })}
          />
        </div>
        <AreaField
          {...named(texts.description)}
          rows={2}
          problem={problems["description"]}
          value={form.description}
          onChange={(description) => onChange({ description })}
        />
        <AreaField
          {...named(texts.prompt)}
          rows={2}
          problem={problems["prompt"]}
          value={form.prompt}
          onChange={(prompt) => onChange({ prompt })}
        />
      </div>
    </Panel>
  );
}
