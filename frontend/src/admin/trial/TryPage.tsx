/** Tries a question: against what serves, or against the draft. */
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../ui/Button";
import type { BotPageProps } from "../botPage";
import { useQueryText } from "../router";
import { useSession } from "../session";
import { texts as common } from "../texts/common";
import { texts } from "../texts/trial";
import { AreaField } from "../ui/AreaField";
import { Failure } from "../ui/Failure";
import { Loading } from "../ui/Loading";
import { PageHead } from "../ui/PageHead";
import { RowsField } from "../ui/RowsField";
import { SelectField } from "../ui/SelectField";
import { TextField } from "../ui/TextField";
import { serving, useBot } from "../useBot";
import { TrialView } from "./TrialView";

const MOST_EARLIER = 10;

export default function TryPage({ bot }: BotPageProps) {
  const { api } = useSession();
  const detail = useBot(bot).data;
  const given = new URLSearchParams(useQueryText());
  const [question, setQuestion] = useState(given.get("q") ?? "");
  const [version, setVersion] = useState(given.get("version") === "draft" ? "draft" : "published");
  const [service, setService] = useState("");
  const [earlier, setEarlier] = useState<{ user_message: string; system_message: string }[]>([]);
  const trial = useMutation({
    mutationFn: (asked: string) =>
      api.post("/v1/admin/bots/{bot_id}/try", {
        path: { bot_id: bot },
        body: {
          question: asked,
          version: detail?.has_draft || !detail?.published ? version : "published",
          service_type: service || null,
          history: earlier.filter((one) => one.user_message.trim()),
        },
      }),
  });
  const services = serving(detail)?.service_types ?? [];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (question.trim()) trial.mutate(question);
  };
  const ask = (other: string) => {
    setQuestion(other);
    trial.mutate(other);
  };
  return (
    <>
      <PageHead title={common.sections.try} lead={texts.lead} />
      <form onSubmit={submit} className="mb-6 space-y-4 rounded-xl border border-line bg-surface p-4">
        <AreaField
          label={texts.question}
          rows={2}
          value={question}
          maxLength={2_000}
          onChange={setQuestion}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) submit(event);
          }}
        />
        <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
          <SelectField
            label={texts.version}
            help={detail && !detail.has_draft ? texts.noDraft : undefined}
            value={detail?.has_draft ? version : "published"}
            options={[
              ["published", texts.versions.published],
              ...(detail?.has_draft ? ([["draft", texts.versions.draft]] as const) : []),
            ]}
            onChange={setVersion}
          />
          {services.length > 0 && (
            <SelectField
              label={texts.service}
              value={service}
              options={[["", texts.noService], ...services.map((one) => [one, one] as const)]}
              onChange={setService}
            />
          )}
        </div>
        <details open={earlier.length > 0}>
          <summary className="text-accent text-sm">{texts.earlier}</summary>
          <div className="mt-3">
            <RowsField
              label={texts.earlier}
              help={texts.earlierHelp}
              rows={earlier}
              empty={{ user_message: "", system_message: "" }}
              addLabel={texts.addEarlier}
              most={MOST_EARLIER}
              onChange={setEarlier}
            >
              {(row, change) => (
                <>
                  <TextField
                    label={texts.asked}
                    value={row.user_message}
                    onChange={(user_message) => change({ ...row, user_message })}
                  />
                  <TextField
                    label={texts.answered}
                    value={row.system_message}
                    onChange={(system_message) => change({ ...row, system_message })}
                  />
                </>
              )}
            </RowsField>
          </div>
        </details>
        <Button type="submit" look="filled" disabled={trial.isPending || !question.trim()}>
          {texts.submit}
        </Button>
      </form>
      {trial.isPending && <Loading label={texts.busy} />}
      {trial.isError && <Failure error={trial.error} />}
      {trial.data && !trial.isPending && <TrialView bot={bot} trial={trial.data} onAsk={ask} />}
    </>
  );
}
