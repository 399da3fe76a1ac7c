/** Makes a key for a program, and shows it once. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { useSession } from "../session";
import { texts as common } from "../texts/common";
import { texts } from "../texts/keys";
import { Failure } from "../ui/Failure";
import { TextField } from "../ui/TextField";
import { MadeKey } from "./MadeKey";

const USUAL_RATE = "60";

export function NewProgramKey({ bot, onClose }: { bot: string; onClose: () => void }) {
  const { api } = useSession();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [rate, setRate] = useState(USUAL_RATE);
  const create = useMutation({
    mutationFn: () =>
      api.post("/v1/admin/bots/{bot_id}/keys", {
        path: { bot_id: bot },
        body: { name, rate_per_minute: Number(rate) },
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["programs", bot] }),
  });
  if (create.data) return <MadeKey made={create.data.key} onClose={onClose} />;
  return (
    <Dialog title={texts.programs.new} place="centre" onClose={onClose}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <TextField label={texts.name} help={texts.nameHelp} value={name} required maxLength={60} onChange={setName} />
        <TextField
          label={texts.programs.rate}
          help={texts.programs.rateHelp}
          type="number"
          min={0}
          max={1_000_000}
          required
          value={rate}
          onChange={setRate}
        />
        {create.isError && <Failure error={create.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="filled" disabled={create.isPending || !name.trim()}>
            {texts.issue}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
