/** Publishes drafts. Golden questions that would be lost are shown first, and need a second yes. */
import { useState } from "react";
import { ApiError } from "../../api/errors";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { texts as common } from "../texts/common";
import { texts } from "../texts/contents";
import { Alert } from "../ui/Alert";
import { CheckField } from "../ui/CheckField";
import { Failure } from "../ui/Failure";
import { Loading } from "../ui/Loading";
import { useSay } from "../ui/Toast";
import { RehearsalView } from "./RehearsalView";
import { type Drafts, lostBy, usePublishing } from "./usePublishing";

interface Props extends Drafts {
  onClose: () => void;
  onDone: () => void;
}

export function PublishDialog({ onClose, onDone, ...drafts }: Props) {
  const say = useSay();
  const { rehearsal, publish, published } = usePublishing(drafts);
  const [confirmed, setConfirmed] = useState(false);
  const lost = lostBy(rehearsal.data ?? []);
  const submit = () =>
    publish.mutate(lost > 0, {
      onSuccess: (count) => {
        say(texts.publish.done(count));
        onDone();
        onClose();
      },
      onError: (error) => {
        // Somebody has changed something since they were asked
        if (error instanceof ApiError && error.code === "loses_golden") {
          setConfirmed(false);
          void rehearsal.refetch();
        }
      },
    });
  const surprised = publish.error instanceof ApiError && publish.error.code === "loses_golden";
  return (
    <Dialog title={texts.publish.title} place="wide" onClose={onClose}>
      <div className="space-y-4">
        <p className="text-muted text-sm">{texts.publish.what(drafts.faqIds?.length ?? null)}</p>
        {rehearsal.isFetching && <Loading label={texts.publish.checking} />}
        {rehearsal.isError && !rehearsal.isFetching && (
          <Failure error={rehearsal.error} onRetry={() => void rehearsal.refetch()} />
        )}
        {rehearsal.data && !rehearsal.isFetching && (
          <>
            <RehearsalView rehearsals={rehearsal.data} />
            {lost > 0 && (
              <Alert look="danger">
                <p className="mb-2 font-medium">{texts.publish.lost(lost)}</p>
                <CheckField label={texts.publish.confirm(lost)} checked={confirmed} onChange={setConfirmed} />
              </Alert>
            )}
          </>
        )}
        {published > 0 && <p role="status">{texts.publish.soFar(published)}</p>}
        {surprised && <Alert look="caution">{texts.publish.lostNow}</Alert>}
        {publish.isError && !surprised && <Failure error={publish.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button
            look={lost > 0 ? "danger" : "filled"}
            disabled={!rehearsal.data || rehearsal.isFetching || publish.isPending || (lost > 0 && !confirmed)}
            onClick={submit}
          >
            {publish.isPending ? texts.publish.busy : lost > 0 ? texts.publish.submitAnyway : texts.publish.submit}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
