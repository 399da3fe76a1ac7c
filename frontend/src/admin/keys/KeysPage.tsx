/** Operators' keys: who has one, and making and ending them. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { AdminKey, BotLine } from "../../api/adminTypes";
import { Button } from "../../ui/Button";
import { useSession } from "../session";
import { texts as common } from "../texts/common";
import { texts } from "../texts/keys";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Failure } from "../ui/Failure";
import { Loading } from "../ui/Loading";
import { PageHead } from "../ui/PageHead";
import { useSay } from "../ui/Toast";
import { KeyTable } from "./KeyTable";
import { NewOperatorKey } from "./NewOperatorKey";

export default function KeysPage({ bots }: { bots: readonly BotLine[] }) {
  const { api, me } = useSession();
  const say = useSay();
  const client = useQueryClient();
  const keys = useQuery({ queryKey: ["keys"], queryFn: () => api.get("/v1/admin/keys") });
  const [making, setMaking] = useState(false);
  const [ending, setEnding] = useState<AdminKey | null>(null);
  const revoke = useMutation({
    mutationFn: (key_id: string) => api.delete("/v1/admin/keys/{key_id}", { path: { key_id } }),
    onSuccess: () => {
      say(texts.revokeDone);
      return client.invalidateQueries({ queryKey: ["keys"] });
    },
    onSettled: () => setEnding(null),
  });
  return (
    <>
      <PageHead title={common.keys} lead={texts.operators.lead}>
        <Button look="filled" className="text-sm" onClick={() => setMaking(true)}>
          {texts.operators.new}
        </Button>
      </PageHead>
      {revoke.isError && <Failure error={revoke.error} />}
      {keys.isPending && <Loading />}
      {keys.isError && <Failure error={keys.error} onRetry={() => void keys.refetch()} />}
      {keys.data && (
        <KeyTable
          label={common.keys}
          keys={keys.data}
          mine={me.key_id}
          none={texts.operators.none}
          extra={[
            [texts.operators.role, (key) => common.roles[key.role]],
            [texts.operators.bots, (key) => key.bots?.join(", ") ?? texts.operators.allBots],
          ]}
          onRevoke={setEnding}
        />
      )}
      {making && <NewOperatorKey bots={bots} onClose={() => setMaking(false)} />}
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
