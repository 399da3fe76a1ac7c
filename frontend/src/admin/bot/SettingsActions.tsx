/** Publishing a bot's draft, with what it changes; and throwing it away. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { BotDetail } from "../../api/adminTypes";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { GateView } from "../gate/GateView";
import { useGate } from "../gate/useGate";
import { navigate } from "../router";
import { paths } from "../routes";
import { useSession } from "../session";
import { texts as all } from "../texts/bot";
import { texts as common } from "../texts/common";
import { texts as gateTexts } from "../texts/gate";
import { Changes } from "../ui/Changes";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Failure } from "../ui/Failure";
import { Loading } from "../ui/Loading";
import { useSay } from "../ui/Toast";
import { described } from "./describe";
import { type useBotChanges, useSettingsRehearsal } from "./useBotChanges";

const texts = all.settings;

interface Props {
  detail: BotDetail;
  dirty: boolean;
  changes: ReturnType<typeof useBotChanges>;
  onReset: () => void;
}

export function SettingsActions({ detail, dirty, changes, onReset }: Props) {
  const say = useSay();
  const [asking, setAsking] = useState<"publish" | "discard" | null>(null);
  const { discard } = changes;
  const close = () => setAsking(null);
  if (!detail.has_draft) return null;
  return (
    <>
      <Button className="text-sm" disabled={dirty} onClick={() => setAsking("publish")}>
        {texts.publish}
      </Button>
      <Button className="text-sm" onClick={() => setAsking("discard")}>
        {texts.discard}
      </Button>
      {asking === "publish" && <PublishBot detail={detail} changes={changes} onClose={close} />}
      {asking === "discard" && (
        <ConfirmDialog
          title={texts.discardTitle}
          lead={
            <>
              {detail.published ? texts.discardLead : texts.discardNew}
              {discard.isError && <Failure error={discard.error} />}
            </>
          }
          confirm={texts.discard}
          busy={discard.isPending}
          onConfirm={() =>
            discard.mutate(detail.based_on, {
              onSuccess: () => {
                say(texts.discarded);
                onReset();
                close();
                if (!detail.published) navigate(paths.bots, { replace: true, done: true });
              },
            })
          }
          onClose={close}
        />
      )}
    </>
  );
}

function PublishBot({ detail, changes, onClose }: Omit<Props, "dirty" | "onReset"> & { onClose: () => void }) {
  const { api } = useSession();
  const say = useSay();
  const { publish } = changes;
  const diff = useQuery({
    queryKey: ["diff", detail.bot_id, "published", "draft", detail.based_on],
    enabled: detail.published !== null,
    queryFn: () =>
      api.get("/v1/admin/bots/{bot_id}/diff", {
        path: { bot_id: detail.bot_id },
        query: { before: "published", after: "draft" },
      }),
  });
  const gate = useGate(useSettingsRehearsal(detail, "draft"));
  const loses = gate.lost.length > 0;
  const submit = () =>
    publish.mutate(
      { based_on: detail.based_on, lose_golden: gate.lost },
      {
        onSuccess: ({ unbuilt_sources }) => {
          say(unbuilt_sources.length ? texts.unbuilt(unbuilt_sources.join(", ")) : texts.published);
          onClose();
        },
        onError: gate.onError,
      },
    );
  return (
    <Dialog title={texts.publishTitle} place="wide" onClose={onClose}>
      <div className="space-y-4">
        {diff.isLoading && <Loading />}
        {diff.isError && <Failure error={diff.error} />}
        {diff.data && <p className="text-muted text-sm">{diff.data.length ? texts.publishLead : texts.publishSame}</p>}
        {diff.data && <Changes changes={described(diff.data)} />}
        <GateView gate={gate} error={publish.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button
            look={loses ? "danger" : "filled"}
            disabled={!gate.open || publish.isPending || diff.isLoading}
            onClick={submit}
          >
            {publish.isPending ? texts.publishing : loses ? gateTexts.submitAnyway : texts.publish}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
