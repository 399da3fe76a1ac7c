/** Publishes drafts. Golden questions that would be lost are shown first, and need a second yes. */
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { GateView } from "../gate/GateView";
import { useGate } from "../gate/useGate";
import { texts as common } from "../texts/common";
import { texts } from "../texts/contents";
import { texts as gateTexts } from "../texts/gate";
import { useSay } from "../ui/Toast";
import { DraftLines } from "./DraftLines";
import { type Drafts, usePublishing } from "./usePublishing";

interface Props extends Drafts {
  onClose: () => void;
  onDone: () => void;
}

export function PublishDialog({ onClose, onDone, ...drafts }: Props) {
  const say = useSay();
  const { rehearsal, publish, published } = usePublishing(drafts);
  const gate = useGate(rehearsal);
  const loses = gate.lost.length > 0;
  const submit = () =>
    publish.mutate(gate.lost, {
      onSuccess: (count) => {
        say(texts.publish.done(count));
        onDone();
        onClose();
      },
      onError: gate.onError,
    });
  return (
    <Dialog title={texts.publish.title} place="wide" onClose={onClose}>
      <div className="space-y-4">
        <p className="text-muted text-sm">{texts.publish.what(drafts.faqIds?.length ?? null)}</p>
        {rehearsal.data && <DraftLines {...rehearsal.data} />}
        <GateView gate={gate} error={publish.error} />
        {published > 0 && <p role="status">{texts.publish.soFar(published)}</p>}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button look={loses ? "danger" : "filled"} disabled={!gate.open || publish.isPending} onClick={submit}>
            {publish.isPending ? texts.publish.busy : loses ? gateTexts.submitAnyway : texts.publish.submit}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
