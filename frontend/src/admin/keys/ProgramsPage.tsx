/** Keys with which programs ask one bot. */
import type { ApiKey } from "../../api/adminTypes";
import type { BotPageProps } from "../botPage";
import { number } from "../format";
import { useSession } from "../session";
import { texts as common } from "../texts/common";
import { texts } from "../texts/keys";
import { KeysOfAKind } from "./KeysOfAKind";
import { NewProgramKey } from "./NewProgramKey";

export default function ProgramsPage({ bot }: BotPageProps) {
  const { api } = useSession();
  const path = { bot_id: bot };
  const rate = (key: ApiKey) => (key.rate_per_minute ? number(key.rate_per_minute) : texts.programs.noLimit);
  return (
    <KeysOfAKind<ApiKey>
      label={common.sections.programs}
      words={texts.programs}
      queryKey={["programs", bot]}
      read={() => api.get("/v1/admin/bots/{bot_id}/keys", { path })}
      revoke={(key_id) => api.delete("/v1/admin/bots/{bot_id}/keys/{key_id}", { path: { ...path, key_id } })}
      extra={[[texts.programs.rate, rate]]}
      form={(onClose) => <NewProgramKey bot={bot} onClose={onClose} />}
    />
  );
}
