/** A golden question's form. */
import { type FormEvent, useEffect, useState } from "react";
import type { GoldenQuestion } from "../../api/adminTypes";
import { ApiError } from "../../api/errors";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ContentName, ContentPicker, type NamedContent } from "../contents/ContentPicker";
import { useUnsaved } from "../router";
import { texts as common } from "../texts/common";
import { texts } from "../texts/golden";
import { Alert } from "../ui/Alert";
import { AreaField } from "../ui/AreaField";
import { Failure } from "../ui/Failure";
import { TextField } from "../ui/TextField";
import { useSay } from "../ui/Toast";
import type { useGolden } from "./useGolden";

interface Props {
  bot: string;
  /** Nothing: a new one. */
  golden: GoldenQuestion | null;
  /** All of them as they are now, whoever has changed them. */
  kept: readonly GoldenQuestion[];
  save: ReturnType<typeof useGolden>["save"];
  onClose: () => void;
}

interface Form {
  question: string;
  contents: readonly NamedContent[];
  note: string;
}

const MOST_RIGHT = 20;
const formOf = (golden: GoldenQuestion | null): Form => ({
  question: golden?.question ?? "",
  contents: golden?.contents ?? [],
  note: golden?.note ?? "",
});

export function GoldenDialog({ bot, golden, kept, save, onClose }: Props) {
  const say = useSay();
  const [read, setRead] = useState(golden);
  const [form, setForm] = useState(() => formOf(golden));
  useUnsaved(JSON.stringify(form) !== JSON.stringify(formOf(read)));
  const { reset } = save;
  useEffect(() => reset(), [reset]); // what was wrong with another one
  const conflict = isConflict(save.error) && read !== null;
  const theirs = conflict ? (kept.find((one) => one.golden_id === read.golden_id) ?? null) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const edited = conflict ? theirs : read; // what was shown meanwhile is written over by a second yes
    const faq_ids = form.contents.map((one) => one.faq_id);
    save.mutate(
      { edited, body: { question: form.question.trim(), faq_ids, note: form.note } },
      {
        onSuccess: ({ masked, question }) => {
          say(masked ? texts.savedMasked(question) : texts.saved);
          onClose();
        },
      },
    );
  };
  return (
    <Dialog title={golden ? texts.edit : texts.add} place="centre" onClose={onClose}>
      <form onSubmit={submit} className="space-y-4">
        <AreaField
          label={texts.question}
          rows={2}
          required
          maxLength={2_000}
          value={form.question}
          onChange={(question) => setForm({ ...form, question })}
        />
        <ContentPicker
          bot={bot}
          label={texts.right}
          help={texts.rightHelp}
          most={MOST_RIGHT}
          chosen={form.contents}
          onChange={(contents) => setForm({ ...form, contents })}
        />
        <TextField
          label={texts.note}
          maxLength={300}
          value={form.note}
          onChange={(note) => setForm({ ...form, note })}
        />
        {conflict ? (
          <Conflict
            theirs={theirs}
            onTake={() => {
              setRead(theirs);
              setForm(formOf(theirs));
              reset();
            }}
          />
        ) : (
          save.isError && <Failure error={save.error} />
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="filled" disabled={save.isPending || !form.question.trim()}>
            {conflict ? texts.conflict.mine : common.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** What somebody else has made of it; nothing: they have thrown it away. */
function Conflict({ theirs, onTake }: { theirs: GoldenQuestion | null; onTake: () => void }) {
  if (theirs === null) return <Alert look="caution">{texts.conflict.gone}</Alert>;
  return (
    <Alert look="caution">
      <p>{texts.conflict.lead}</p>
      <dl className="my-2 grid grid-cols-[max-content_minmax(0,1fr)] gap-x-3 gap-y-1">
        <dt>{texts.question}</dt>
        <dd>{theirs.question}</dd>
        <dt>{texts.right}</dt>
        <dd>
          {theirs.contents.length === 0 && texts.notAnswered}
          {theirs.contents.map((one) => (
            <p key={one.faq_id}>
              <ContentName {...one} />
            </p>
          ))}
        </dd>
        <dt>{texts.note}</dt>
        <dd>{theirs.note || common.none}</dd>
      </dl>
      <Button className="px-3 py-1 text-ink text-sm" onClick={onTake}>
        {texts.conflict.take}
      </Button>
    </Alert>
  );
}

/** Somebody else was faster, or has thrown it away. */
function isConflict(error: unknown): boolean {
  return error instanceof ApiError && (error.code === "conflict" || error.code === "golden_not_found");
}
