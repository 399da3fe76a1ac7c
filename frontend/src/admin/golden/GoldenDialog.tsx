/** A golden question's form. */
import { type FormEvent, useEffect, useState } from "react";
import type { GoldenQuestion } from "../../api/adminTypes";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { texts as common } from "../texts/common";
import { texts } from "../texts/golden";
import { AreaField } from "../ui/AreaField";
import { Failure } from "../ui/Failure";
import { kept, LinesField } from "../ui/LinesField";
import { TextField } from "../ui/TextField";
import { useSay } from "../ui/Toast";
import type { GoldenForm, useGolden } from "./useGolden";

interface Props {
  /** Nothing: a new one. */
  golden: GoldenQuestion | null;
  save: ReturnType<typeof useGolden>["save"];
  onClose: () => void;
}

export function GoldenDialog({ golden, save, onClose }: Props) {
  const say = useSay();
  const [form, setForm] = useState<GoldenForm>(golden ?? { question: "", faq_ids: [], note: "" });
  const { reset } = save;
  useEffect(() => reset(), [reset]); // what was wrong with another one
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = { question: form.question.trim(), faq_ids: kept(form.faq_ids), note: form.note };
    save.mutate(
      { goldenId: golden?.golden_id ?? null, body },
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
        <LinesField
          label={texts.faqIds}
          help={texts.faqIdsHelp}
          value={form.faq_ids}
          onChange={(faq_ids) => setForm({ ...form, faq_ids })}
        />
        <TextField
          label={texts.note}
          maxLength={300}
          value={form.note}
          onChange={(note) => setForm({ ...form, note })}
        />
        {save.isError && <Failure error={save.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="filled" disabled={save.isPending || !form.question.trim()}>
            {common.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
