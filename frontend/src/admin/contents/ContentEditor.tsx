/** A content's form, and beside it what it will look like, what differs from what is served, and what may be wrong. */
import { type ReactNode, useState } from "react";
import type { ContentDetail } from "../../api/adminTypes";
import { ApiError, isConflict } from "../../api/errors";
import { Button } from "../../ui/Button";
import { navigate } from "../router";
import { paths } from "../routes";
import { texts as common } from "../texts/common";
import { texts } from "../texts/contents";
import { Alert } from "../ui/Alert";
import { ConflictAlert } from "../ui/ConflictAlert";
import { Failure } from "../ui/Failure";
import { PageHead } from "../ui/PageHead";
import { TextField } from "../ui/TextField";
import { useSay } from "../ui/Toast";
import { serving, useBot, useEditing } from "../useBot";
import { ContentActions } from "./ContentActions";
import { ContentChanges } from "./ContentChanges";
import { ContentFields } from "./ContentFields";
import { ContentState } from "./ContentState";
import { ContentViews } from "./ContentViews";
import { bodyOf, problemsByField } from "./form";
import { useCheck, useContentChange } from "./useContent";
import { shownContent, useContentForm } from "./useContentForm";

interface Props {
  bot: string;
  sourceId: string | undefined;
  /** Nothing: a new one. */
  detail: ContentDetail | null;
  back: ReactNode;
}

export function ContentEditor({ bot, sourceId, detail, back }: Props) {
  const { may, refusal } = useEditing(bot)(sourceId);
  const say = useSay();
  const check = useCheck();
  const served = serving(useBot(bot).data);
  const { form, basedOn, dirty, change, load } = useContentForm(detail);
  const [newId, setNewId] = useState("");
  const changing = useContentChange({ bot, sourceId, faqId: detail?.faq_id ?? null });
  const removal = detail?.drafted === "removal";
  const removed = detail !== null && !detail.published && !detail.draft && detail.removed !== null;
  const editable = may && !removal && !removed;
  const error = changing.error;
  const problems = error instanceof ApiError ? problemsByField(error.problems) : {};

  const theirs = detail !== null && isConflict(error) && dirty && detail.based_on !== basedOn ? detail : null;

  const save = (over = basedOn) => {
    const content = bodyOf(form);
    changing.mutate(
      detail === null ? { kind: "create", faqId: newId.trim(), content } : { kind: "save", basedOn: over, content },
      {
        onSuccess: (saved) => {
          if (!saved) return;
          load(saved);
          const addLine = say(texts.savedDraft);
          void check({ bot, sourceId, faqId: saved.faq_id }, saved.based_on).then((found) => {
            if (found) addLine(texts.toCheck(found));
          });
          if (detail === null) navigate(paths.content(bot, saved.faq_id, sourceId), { replace: true, done: true });
        },
      },
    );
  };

  return (
    <>
      <PageHead title={detail ? (shownContent(detail)?.title ?? detail.faq_id) : texts.new} back={back}>
        {editable && (
          <Button look="filled" className="text-sm" disabled={!dirty || changing.isPending} onClick={() => save()}>
            {common.saveDraft}
          </Button>
        )}
        {detail && may && (
          <ContentActions
            bot={bot}
            sourceId={sourceId}
            detail={detail}
            dirty={dirty}
            changing={changing}
            onLoad={load}
          />
        )}
      </PageHead>
      <div className="mb-4 space-y-2">
        {detail ? (
          <ContentState detail={detail} dirty={dirty} />
        ) : (
          <p className="text-muted text-sm">{texts.newLead}</p>
        )}
        {refusal && <Alert>{refusal}</Alert>}
        {error && !theirs && <Failure error={error} />}
        {theirs && (
          <ConflictAlert
            onTake={() => {
              load(theirs);
              changing.reset();
            }}
            onMine={() => save(theirs.based_on)}
          >
            <ContentChanges published={shownContent(theirs)} form={form} />
          </ConflictAlert>
        )}
      </div>
      <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,7fr)_minmax(0,5fr)]">
        <fieldset disabled={!editable} className="min-w-0 space-y-5">
          <legend className="sr-only">{texts.title}</legend>
          {detail === null && (
            <TextField label={texts.id} help={texts.idHelp} value={newId} maxLength={200} onChange={setNewId} />
          )}
          <ContentFields
            form={form}
            summaries={shownContent(detail)?.summary_titles ?? []}
            serviceTypes={served?.service_types ?? []}
            categories={(served?.categories ?? []).map((one) => one.name)}
            problems={problems}
            editable={editable}
            onChange={change}
          />
        </fieldset>
        <ContentViews bot={bot} sourceId={sourceId} detail={detail} form={form} dirty={dirty} />
      </div>
    </>
  );
}
