/** One section of a bot's settings. */
import { texts } from "../texts/settings";
import { CheckField } from "../ui/CheckField";
import { Panel } from "../ui/Panel";
import { Problem } from "../ui/Problem";
import { GROUPS, type SectionName, type SettingGroup } from "./fields";
import { SettingInput } from "./SettingInput";
import { SourcesSection } from "./SourcesSection";
import type { Values } from "./values";

interface Props {
  section: SectionName;
  bot: string;
  values: Values;
  problems: Readonly<Record<string, string>>;
  disabled: boolean;
  onChange: (values: Values) => void;
}

const CHAT = {
  model: null,
  temperature: 0.2,
  max_tokens: null,
  history_tokens: 1_500,
  input_won: null,
  output_won: null,
};

export function SettingsSection({ section, bot, values, problems, disabled, onChange }: Props) {
  if (section === "sources") {
    return <SourcesSection bot={bot} values={values} problems={problems} disabled={disabled} onChange={onChange} />;
  }
  const groups: readonly SettingGroup[] = GROUPS[section];
  const noModel = values["chat"] === null;
  const commerce = (values["word_lists"] as string[] | undefined)?.includes("commerce") ?? false;
  return (
    <div className={`grid items-start gap-5 ${groups.length > 1 ? "xl:grid-cols-2" : "max-w-3xl"}`}>
      {section === "replies" && <p className="text-muted text-sm xl:col-span-2">{texts.repliesHelp}</p>}
      {groups.map((group, at) => (
        <Panel key={group.title} title={group.title} lead={group.help}>
          <div
            className={group.fields.every((one) => one.kind === "number") ? "grid gap-4 sm:grid-cols-2" : "space-y-4"}
          >
            {section === "model" && at === 0 && (
              <div>
                <CheckField
                  label={texts.useModel}
                  checked={!noModel}
                  disabled={disabled}
                  onChange={(on) => onChange({ ...values, chat: on ? CHAT : null })}
                />
                <p className="mt-1 text-muted text-xs">{texts.useModelHelp}</p>
              </div>
            )}
            {section === "search" && at === groups.length - 1 && (
              <CheckField
                label={texts.commerce}
                checked={commerce}
                disabled={disabled}
                onChange={(on) => onChange({ ...values, word_lists: on ? ["commerce"] : [] })}
              />
            )}
            <Problem text={problems[placeOf(group)]} />
            {group.fields
              .filter((field) => !(noModel && field.path[0] === "chat"))
              .map((field) => (
                <SettingInput
                  key={field.path.join(".")}
                  field={field}
                  values={values}
                  problems={problems}
                  disabled={disabled}
                  onChange={onChange}
                />
              ))}
          </div>
        </Panel>
      ))}
    </div>
  );
}

/** Where in a bot a group's fields stand together; nowhere, where they stand apart. */
function placeOf(group: SettingGroup): string {
  return group.fields[0]?.path.slice(0, -1).join(".") || "-";
}
