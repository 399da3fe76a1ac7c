/** Publishes drafts. Golden questions that would be lost are shown first, and need a second yes. */
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { GateView } from "../gate/GateView";
import { useGate } from "../gate/useGate";
import { texts as common } from "../texts/common";
import { texts } from "../texts/contents";
import { texts as gateTexts } from "../texts/gate";
import { useSay } from "../ui/Toast";
import { type Drafts, usePublishing } from "./usePublishing";

interface Props extends Drafts {
  onClose: () => void;
  onDone: () => void;
}

export function PublishDialog({ onClose, onDone, ...drafts }: Props) {
  const say = useSay();
  const { rehearsal, publish, published } = usePublishing(drafts);
  const gate = useGate(rehearsal);
  const { lost } = gate;
  const submit = () =>
    publish.mutate(lost > 0, {
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
        <GateView gate={gate} subject="contents" error={publish.error} />
        {published > 0 && <p role="status">{texts.publish.soFar(published)}</p>}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button look={lost > 0 ? "danger" : "filled"} disabled={!gate.open || publish.isPending} onClick={submit}>
            {publish.isPending ? texts.publish.busy : lost > 0 ? gateTexts.submitAnyway : texts.publish.submit}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
