/** Keys with which programs ask one bot. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ApiKey } from "../../api/adminTypes";
import { Button } from "../../ui/Button";
import { number } from "../format";
import type { BotPageProps } from "../Pages";
import { useSession } from "../session";
import { texts as common } from "../texts/common";
import { texts } from "../texts/keys";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Failure } from "../ui/Failure";
import { Loading } from "../ui/Loading";
import { PageHead } from "../ui/PageHead";
import { useSay } from "../ui/Toast";
import { KeyTable } from "./KeyTable";
import { NewProgramKey } from "./NewProgramKey";

export default function ProgramsPage({ bot }: BotPageProps) {
  const { api } = useSession();
  const say = useSay();
  const client = useQueryClient();
  const queryKey = ["programs", bot];
  const path = { bot_id: bot };
  const keys = useQuery({ queryKey, queryFn: () => api.get("/v1/admin/bots/{bot_id}/keys", { path }) });
  const [making, setMaking] = useState(false);
  const [ending, setEnding] = useState<ApiKey | null>(null);
  const revoke = useMutation({
    mutationFn: (key_id: string) => api.delete("/v1/admin/bots/{bot_id}/keys/{key_id}", { path: { ...path, key_id } }),
    onSuccess: () => {
      say(texts.revokeDone);
      return client.invalidateQueries({ queryKey });
    },
    onSettled: () => setEnding(null),
  });
  return (
    <>
      <PageHead title={common.sections.programs} lead={texts.programs.lead}>
        <Button look="filled" className="text-sm" onClick={() => setMaking(true)}>
          {texts.programs.new}
        </Button>
      </PageHead>
      {revoke.isError && <Failure error={revoke.error} />}
      {keys.isPending && <Loading />}
      {keys.isError && <Failure error={keys.error} onRetry={() => void keys.refetch()} />}
      {keys.data && (
        <KeyTable
          label={common.sections.programs}
          keys={keys.data}
          none={texts.programs.none}
          extra={[
            [
              texts.programs.rate,
              (key) => (key.rate_per_minute ? number(key.rate_per_minute) : texts.programs.noLimit),
            ],
          ]}
          onRevoke={setEnding}
        />
      )}
      {making && <NewProgramKey bot={bot} onClose={() => setMaking(false)} />}
      {ending && (
        <ConfirmDialog
          title={texts.revokeTitle}
          lead={texts.revokeLead(ending.name)}
          confirm={texts.revoke}
          busy={revoke.isPending}
          onConfirm={() => revoke.mutate(ending.key_id)}
          onClose={() => setEnding(null)}
        />
      )}
    </>
  );
}
