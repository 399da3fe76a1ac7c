/** Keys of one kind: who has one, making one, and ending one. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Button } from "../../ui/Button";
import { texts } from "../texts/keys";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Failure } from "../ui/Failure";
import { Loading } from "../ui/Loading";
import { PageHead } from "../ui/PageHead";
import { useSay } from "../ui/Toast";
import { type AnyKey, KeyTable, type KeyTableProps } from "./KeyTable";

interface KeysProps<K extends AnyKey> extends Pick<KeyTableProps<K>, "label" | "mine" | "extra"> {
  words: { lead: string; new: string; none: string };
  queryKey: readonly string[];
  read: () => Promise<readonly K[]>;
  revoke: (keyId: string) => Promise<unknown>;
  /** What makes a new one. */
  form: (onClose: () => void) => ReactNode;
}

export function KeysOfAKind<K extends AnyKey>({ words, queryKey, read, revoke, form, ...table }: KeysProps<K>) {
  const say = useSay();
  const client = useQueryClient();
  const keys = useQuery({ queryKey, queryFn: read });
  const [making, setMaking] = useState(false);
  const [ending, setEnding] = useState<K | null>(null);
  const end = useMutation({
    mutationFn: revoke,
    onSuccess: () => {
      say(texts.revokeDone);
      return client.invalidateQueries({ queryKey });
    },
    onSettled: () => setEnding(null),
  });
  return (
    <>
      <PageHead title={table.label} lead={words.lead}>
        <Button look="filled" className="text-sm" onClick={() => setMaking(true)}>
          {words.new}
        </Button>
      </PageHead>
      {end.isError && <Failure error={end.error} />}
      {keys.isPending && <Loading />}
      {keys.isError && <Failure error={keys.error} onRetry={() => void keys.refetch()} />}
      {keys.data && <KeyTable {...table} keys={keys.data} none={words.none} onRevoke={setEnding} />}
      {making && form(() => setMaking(false))}
      {ending && (
        <ConfirmDialog
          title={texts.revokeTitle}
          lead={texts.revokeLead(ending.name)}
          confirm={texts.revoke}
          busy={end.isPending}
          onConfirm={() => end.mutate(ending.key_id)}
          onClose={() => setEnding(null)}
        />
      )}
    </>
  );
}
