/** Makes an older version the draft again, and lets it serve when that is asked for. */
import { useState } from "react";
import type { BotDetail } from "../../api/adminTypes";
import { dateTime, publishedAt } from "../format";
import { GateView } from "../gate/GateView";
import { useGate } from "../gate/useGate";
import { texts as all } from "../texts/bot";
import { texts as gateTexts } from "../texts/gate";
import { CheckField } from "../ui/CheckField";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Failure } from "../ui/Failure";
import { useSay } from "../ui/Toast";
import { useBotChanges, useSettingsRehearsal } from "./useBotChanges";

const texts = all.versions;

interface Props {
  detail: BotDetail;
  version: string;
  onClose: () => void;
}

export function RestoreDialog({ detail, version, onClose }: Props) {
  const say = useSay();
  const { restore } = useBotChanges(detail.bot_id);
  const [publish, setPublish] = useState(false);
  const gate = useGate(useSettingsRehearsal(detail, version, publish));
  const loses = publish && gate.lost.length > 0;
  return (
    <ConfirmDialog
      title={texts.restoreTitle}
      lead={
        <div className="space-y-3">
          <p>{texts.restoreLead(dateTime(publishedAt(version)))}</p>
          <CheckField label={texts.publishToo} checked={publish} onChange={setPublish} />
          {publish && <GateView gate={gate} error={restore.error} />}
          {!publish && restore.isError && <Failure error={restore.error} />}
        </div>
      }
      confirm={loses ? gateTexts.submitAnyway : texts.restore}
      busy={restore.isPending || (publish && !gate.open)}
      onConfirm={() =>
        restore.mutate(
          { based_on: detail.based_on, version, publish, lose_golden: publish ? gate.lost : [] },
          {
            onSuccess: () => {
              say(publish ? texts.restoredAndPublished : texts.restored);
              onClose();
            },
            onError: gate.onError,
          },
        )
      }
      onClose={onClose}
    />
  );
}
