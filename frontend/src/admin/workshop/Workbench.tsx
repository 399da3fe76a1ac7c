/** One HTTP source at work: its request, a sample of its response, what is taken of it, and what becomes of that. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { BotDetail, HttpSource } from "../../api/adminTypes";
import { ApiError } from "../../api/errors";
import { Button } from "../../ui/Button";
import { useBotChanges } from "../bot/useBotChanges";
import { navigate, useUnsaved } from "../router";
import { paths } from "../routes";
import { useSession } from "../session";
import { texts as common } from "../texts/common";
import { texts } from "../texts/workshop";
import { Failure } from "../ui/Failure";
import { useSay } from "../ui/Toast";
import { AboutPanel } from "./AboutPanel";
import { FieldsPanel } from "./FieldsPanel";
import { RequestPanel } from "./RequestPanel";
import { ResultPanels } from "./ResultPanels";
import { SamplePanel } from "./SamplePanel";
import { jsonObject, type SourceForm, sourceFormOf, sourceOf, unsendable } from "./sourceForm";

interface Props {
  detail: BotDetail;
  /** Nothing: a new one. */
  source: HttpSource | null;
}

export function Workbench({ detail, source }: Props) {
  const { api } = useSession();
  const say = useSay();
  const bot = detail.bot_id;
  const [saved, setSaved] = useState(() => sourceFormOf(source));
  const [form, setForm] = useState(saved);
  const [sample, setSample] = useState("");
  const [given, setGiven] = useState("{}");
  const dirty = JSON.stringify(form) !== JSON.stringify(saved);
  useUnsaved(dirty);
  const { save } = useBotChanges(bot);
  const work = useMutation({
    mutationFn: (asked: { pasted: boolean; form: SourceForm }) =>
      api.post("/v1/admin/bots/{bot_id}/workshop", {
        path: { bot_id: bot },
        body: {
          source: sourceOf(asked.form),
          arguments: jsonObject(given) ?? {},
          sample: asked.pasted ? sample : null,
        },
      }),
  });
  const bad = unsendable(form);
  const blocked = Object.keys(bad).length > 0;
  const problems = Object.fromEntries(
    [work.error, save.error].flatMap((error) =>
      error instanceof ApiError
        ? error.problems.map((one) => [one.path.replace(/^(source|sources\.\d+)\./, ""), one.message])
        : [],
    ),
  );
  Object.assign(problems, bad);
  const change = (values: Partial<SourceForm>) => setForm((one) => ({ ...one, ...values }));

  /** What can be ticked stands below the list that is chosen: the sample is looked at again. */
  const chooseList = (records: string) => {
    const next = { ...form, records };
    setForm(next);
    if (work.variables) work.mutate({ pasted: work.variables.pasted, form: next });
  };

  const keep = () => {
    const base = detail.draft ?? detail.published;
    if (base === null) return;
    const made = sourceOf(form);
    const known = base.sources.some((one) => one.source_id === source?.source_id);
    const sources = known
      ? base.sources.map((one) => (one.source_id === source?.source_id ? made : one))
      : [...base.sources, made];
    save.mutate(
      { based_on: detail.based_on, bot: { ...base, sources } },
      {
        onSuccess: () => {
          setSaved(form);
          say(texts.saved);
          navigate(paths.workshop(bot, form.source_id.trim()), { replace: true, done: true });
        },
      },
    );
  };

  return (
    <div className="grid items-start gap-5 xl:grid-cols-2">
      <div className="min-w-0 space-y-5">
        <AboutPanel form={form} problems={problems} onChange={change} />
        <RequestPanel form={form} problems={problems} onChange={change} />
      </div>
      <div className="min-w-0 space-y-5">
        <SamplePanel
          sample={sample}
          given={given}
          busy={work.isPending}
          blocked={blocked}
          onSample={setSample}
          onGiven={setGiven}
          onWork={(pasted) => work.mutate({ pasted, form })}
        />
        {work.isError && <Failure error={work.error} />}
        <FieldsPanel form={form} problems={problems} worked={work.data} onChange={change} onList={chooseList} />
        {work.data && <ResultPanels worked={work.data} stale={work.variables?.form !== form} />}
        {save.isError && <Failure error={save.error} />}
        <div className="flex flex-wrap items-center justify-end gap-3">
          {dirty && <span className="text-muted text-sm">{common.unsaved}</span>}
          <Button look="filled" disabled={!dirty || save.isPending || blocked} onClick={keep}>
            {texts.save}
          </Button>
        </div>
      </div>
    </div>
  );
}
