/** A bot's form, in sections; saved as a draft, and published. */
import { useState } from "react";
import type { Bot, BotDetail } from "../../api/adminTypes";
import { ApiError, isConflict } from "../../api/errors";
import { Button } from "../../ui/Button";
import { useUnsaved } from "../router";
import { paths, query } from "../routes";
import { useSession } from "../session";
import { texts } from "../texts/bot";
import { texts as common } from "../texts/common";
import { texts as names } from "../texts/settings";
import { Alert } from "../ui/Alert";
import { Badge } from "../ui/Badge";
import { Changes } from "../ui/Changes";
import { ConflictAlert } from "../ui/ConflictAlert";
import { Failure } from "../ui/Failure";
import { Link } from "../ui/Link";
import { PageHead } from "../ui/PageHead";
import { Tabs } from "../ui/Tabs";
import { useSay } from "../ui/Toast";
import { changedSettings, described } from "./describe";
import { type SectionName, standsIn } from "./fields";
import { SettingsActions } from "./SettingsActions";
import { SettingsSection } from "./SettingsSection";
import { useBotChanges } from "./useBotChanges";
import { VersionName } from "./VersionName";
import { cleaned, type Values } from "./values";

interface State {
  basedOn: string;
  saved: Values;
  values: Values;
}

function stateOf(detail: BotDetail): State {
  const bot = (detail.draft ?? detail.published ?? {}) as Bot & Values;
  return { basedOn: detail.based_on, saved: bot, values: bot };
}

export function SettingsEditor({ detail }: { detail: BotDetail }) {
  const { may } = useSession();
  const say = useSay();
  const [shown, setShown] = useState<SectionName>("basics");
  const [state, setState] = useState(() => stateOf(detail));
  const changes = useBotChanges(detail.bot_id);
  const dirty = state.values !== state.saved && JSON.stringify(state.values) !== JSON.stringify(state.saved);
  useUnsaved(dirty);
  // What somebody else has saved replaces nothing that is being written: saving that is refused then
  if (detail.based_on !== state.basedOn && !dirty) setState(stateOf(detail));

  const editable = may("editor");
  const error = changes.save.error;
  const problems =
    error instanceof ApiError ? Object.fromEntries(error.problems.map((one) => [one.path, one.message])) : {};
  const theirs = isConflict(error) && dirty && detail.based_on !== state.basedOn;
  const save = (over = state.basedOn) => {
    const values = cleaned(state.values);
    setState({ ...state, values }); // so that what is wrong with the third row stands at the third
    changes.save.mutate(
      { based_on: over, bot: values },
      {
        onSuccess: (now) => {
          setState(stateOf(now));
          say(texts.settings.saved);
        },
      },
    );
  };

  return (
    <>
      <PageHead title={common.sections.settings} lead={texts.settings.lead}>
        {editable && (
          <>
            <Button
              look="filled"
              className="text-sm"
              disabled={!dirty || changes.save.isPending}
              onClick={() => save()}
            >
              {common.saveDraft}
            </Button>
            <SettingsActions
              detail={detail}
              dirty={dirty}
              changes={changes}
              onReset={() => setState(stateOf(detail))}
            />
          </>
        )}
      </PageHead>
      <div className="mb-4 space-y-2">
        <p className="flex flex-wrap items-center gap-2 text-muted text-sm">
          <code className="text-xs">{detail.bot_id}</code>
          {detail.version ? (
            <span>
              {texts.settings.version} <VersionName version={detail.version} />
            </span>
          ) : (
            <Badge>{texts.neverServed}</Badge>
          )}
          {detail.draft_differs && <Badge look="accent">{texts.draftDiffers}</Badge>}
          {dirty && <span className="text-ink">{common.unsaved}</span>}
          {editable && detail.has_draft && (
            <Link href={paths.section(detail.bot_id, "try") + query({ version: "draft" })}>
              {texts.settings.tryDraft}
            </Link>
          )}
        </p>
        {!editable && <Alert>{common.readOnly}</Alert>}
        {error && !theirs && <Failure error={error} />}
        {theirs && (
          <ConflictAlert
            onTake={() => {
              setState(stateOf(detail));
              changes.save.reset();
            }}
            onMine={() => save(detail.based_on)}
          >
            <Changes changes={described(changedSettings(stateOf(detail).saved, cleaned(state.values)))} />
          </ConflictAlert>
        )}
      </div>
      <Tabs
        label={texts.settings.parts}
        tabs={(Object.entries(names.sections) as [SectionName, string][]).map(([name, label]) => [
          name,
          <Marked
            key={name}
            label={label}
            wrong={Object.keys(problems).filter((path) => standsIn(path, name)).length}
          />,
        ])}
        shown={shown}
        onShow={setShown}
      >
        <SettingsSection
          section={shown}
          bot={detail.bot_id}
          values={state.values}
          problems={problems}
          disabled={!editable}
          onChange={(values) => setState({ ...state, values })}
        />
      </Tabs>
    </>
  );
}

/** A section's name, and how much of it is to be mended. */
function Marked({ label, wrong }: { label: string; wrong: number }) {
  if (wrong === 0) return label;
  return (
    <>
      {label} <Badge look="danger">{texts.settings.wrong(wrong)}</Badge>
    </>
  );
}
