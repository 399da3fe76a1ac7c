/** What a bot draws on: its contents, and APIs, which are set up in the workshop. */
import { Button, IconButton } from "../../ui/Button";
import { paths } from "../routes";
import { texts } from "../texts/bot";
import { texts as common } from "../texts/common";
import { texts as names } from "../texts/settings";
import { Badge } from "../ui/Badge";
import { Link } from "../ui/Link";
import { Panel } from "../ui/Panel";
import { Problem } from "../ui/Problem";
import type { SettingField } from "./fields";
import { SettingInput } from "./SettingInput";
import type { Values } from "./values";

interface Props {
  bot: string;
  values: Values;
  problems: Readonly<Record<string, string>>;
  disabled: boolean;
  onChange: (values: Values) => void;
}

const MOST = 16;

function field(kind: "line" | "area", path: string, [label = "", help = ""]: readonly string[]): SettingField {
  return { kind, path: [path], label, help };
}

const FIELDS: readonly SettingField[] = [
  field("line", "source_id", names.sourceId),
  field("line", "name", names.sourceName),
  field("area", "description", names.sourceDescription),
  field("area", "prompt", names.sourcePrompt),
];

export function SourcesSection({ bot, values, problems, disabled, onChange }: Props) {
  const sources = (values["sources"] as Values[] | undefined) ?? [];
  const set = (next: Values[]) => onChange({ ...values, sources: next });
  const id = (source: Values) => String(source["source_id"] ?? "");
  return (
    <div className="max-w-3xl space-y-5">
      <Problem text={problems["sources"]} />
      {sources.map((source, at) => (
        <Panel
          key={at}
          title={String(source["name"] || id(source) || common.position(at + 1))}
          beside={
            <>
              <Badge>{source["kind"] === "http" ? texts.settings.api : texts.settings.vector}</Badge>
              {source["kind"] === "http" && !disabled && (
                <Link href={paths.workshop(bot, id(source))} className="text-accent text-sm hover:underline">
                  {texts.settings.openWorkshop}
                </Link>
              )}
              {!disabled && sources.length > 1 && (
                <IconButton
                  icon="trash"
                  label={common.removeOf(id(source))}
                  onClick={() => set(sources.filter((_, n) => n !== at))}
                />
              )}
            </>
          }
        >
          <div className="space-y-4">
            {FIELDS.map((one) => (
              <SettingInput
                key={one.path.join(".")}
                field={one}
                values={source}
                problems={problems}
                disabled={disabled}
                within={`sources.${at}.`}
                onChange={(next) =>
                  set(sources.map((other, n) => (n === at ? { ...next, prompt: next["prompt"] || null } : other)))
                }
              />
            ))}
          </div>
        </Panel>
      ))}
      {!disabled && sources.length < MOST && (
        <div className="flex flex-wrap items-center gap-4">
          <Button
            className="text-sm"
            onClick={() =>
              set([...sources, { kind: "vector", source_id: "", name: "", description: "", prompt: null }])
            }
          >
            {texts.settings.addVector}
          </Button>
          <Link href={paths.section(bot, "workshop")} className="text-accent text-sm hover:underline">
            {texts.settings.addHttp}
          </Link>
        </div>
      )}
    </div>
  );
}
