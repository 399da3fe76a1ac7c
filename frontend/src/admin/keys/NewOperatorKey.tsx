/** Makes an operator's key, and shows it once. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { BotLine, Role } from "../../api/adminTypes";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { useSession } from "../session";
import { texts as common } from "../texts/common";
import { texts } from "../texts/keys";
import { CheckField } from "../ui/CheckField";
import { Failure } from "../ui/Failure";
import { SelectField } from "../ui/SelectField";
import { TextField } from "../ui/TextField";
import { MadeKey } from "./MadeKey";

const ROLES: readonly Role[] = ["viewer", "editor", "owner"];

export function NewOperatorKey({ bots, onClose }: { bots: readonly BotLine[]; onClose: () => void }) {
  const { api, me } = useSession();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("editor");
  const [all, setAll] = useState(me.bots === null);
  const [chosen, setChosen] = useState<string[]>([]);
  const create = useMutation({
    mutationFn: () => api.post("/v1/admin/keys", { body: { name, role, bots: all ? null : chosen } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["keys"] }),
  });
  if (create.data) return <MadeKey made={create.data.key} onClose={onClose} />;
  return (
    <Dialog title={texts.operators.new} place="centre" onClose={onClose}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <TextField label={texts.name} help={texts.nameHelp} value={name} required maxLength={60} onChange={setName} />
        <SelectField
          label={texts.operators.role}
          help={texts.operators.roleHelp[role]}
          value={role}
          options={ROLES.map((one) => [one, common.roles[one]])}
          onChange={(one) => setRole(one as Role)}
        />
        <fieldset className="space-y-1.5">
          <legend className="mb-1 font-medium text-sm">{texts.operators.bots}</legend>
          {me.bots === null && <CheckField label={texts.operators.allBots} checked={all} onChange={setAll} />}
          {!all &&
            bots.map((one) => (
              <CheckField
                key={one.bot_id}
                label={one.name ?? one.bot_id}
                checked={chosen.includes(one.bot_id)}
                onChange={(on) =>
                  setChosen(on ? [...chosen, one.bot_id] : chosen.filter((other) => other !== one.bot_id))
                }
              />
            ))}
          {!all && chosen.length === 0 && <p className="text-muted text-xs">{texts.operators.chooseBots}</p>}
        </fieldset>
        {create.isError && <Failure error={create.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button
            type="submit"
            look="filled"
            disabled={create.isPending || !name.trim() || (!all && chosen.length === 0)}
          >
            {texts.issue}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
