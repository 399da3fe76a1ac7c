/** Operators' keys. */
import type { AdminKey, BotLine } from "../../api/adminTypes";
import { useSession } from "../session";
import { texts as common } from "../texts/common";
import { texts } from "../texts/keys";
import { KeysOfAKind } from "./KeysOfAKind";
import { NewOperatorKey } from "./NewOperatorKey";

export default function KeysPage({ bots }: { bots: readonly BotLine[] }) {
  const { api, me } = useSession();
  return (
    <KeysOfAKind<AdminKey>
      label={common.keys}
      words={texts.operators}
      queryKey={["keys"]}
      read={() => api.get("/v1/admin/keys")}
      revoke={(key_id) => api.delete("/v1/admin/keys/{key_id}", { path: { key_id } })}
      mine={me.key_id}
      extra={[
        [texts.operators.role, (key) => common.roles[key.role]],
        [texts.operators.bots, (key) => key.bots?.join(", ") ?? texts.operators.allBots],
      ]}
      form={(onClose) => <NewOperatorKey bots={bots} onClose={onClose} />}
    />
  );
}
