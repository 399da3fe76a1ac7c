/** Makes a bot's first draft. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { BotLine } from "../../api/adminTypes";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { navigate } from "../router";
import { paths } from "../routes";
import { useSession } from "../session";
import { texts } from "../texts/bot";
import { texts as common } from "../texts/common";
import { Failure } from "../ui/Failure";
import { SelectField } from "../ui/SelectField";
import { TextField } from "../ui/TextField";

export function NewBotDialog({ bots, onClose }: { bots: readonly BotLine[]; onClose: () => void }) {
  const { api } = useSession();
  const client = useQueryClient();
  const [botId, setBotId] = useState("");
  const [name, setName] = useState("");
  const [copyOf, setCopyOf] = useState("");
  const create = useMutation({
    mutationFn: () => api.post("/v1/admin/bots", { body: { bot_id: botId.trim(), name, copy_of: copyOf || null } }),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ["bots"] });
      navigate(paths.section(made.bot_id, "settings"));
    },
  });
  return (
    <Dialog title={texts.list.new} place="centre" onClose={onClose}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <TextField
          label={texts.list.id}
          help={texts.list.idHelp}
          value={botId}
          required
          maxLength={64}
          onChange={setBotId}
        />
        <TextField label={texts.list.name} value={name} required maxLength={80} onChange={setName} />
        <SelectField
          label={texts.list.copyOf}
          help={texts.list.copyHelp}
          value={copyOf}
          options={[["", texts.list.copyNone], ...bots.map((one) => [one.bot_id, one.name ?? one.bot_id] as const)]}
          onChange={setCopyOf}
        />
        {create.isError && <Failure error={create.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" look="filled" disabled={create.isPending}>
            {texts.list.create}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
