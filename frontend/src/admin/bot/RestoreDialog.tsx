/** Makes an older version the draft again, and lets it serve when that is asked for. */
import { useState } from "react";
import type { BotDetail } from "../../api/adminTypes";
import { texts as all } from "../texts/bot";
import { CheckField } from "../ui/CheckField";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Failure } from "../ui/Failure";
import { useSay } from "../ui/Toast";
import { useBotChanges } from "./useBotChanges";

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
  return (
    <ConfirmDialog
      title={texts.restoreTitle}
      lead={
        <div className="space-y-3">
          <p>{texts.restoreLead(version.split("#").at(-1) ?? version)}</p>
          <CheckField label={texts.publishToo} checked={publish} onChange={setPublish} />
          {restore.isError && <Failure error={restore.error} />}
        </div>
      }
      confirm={texts.restore}
      busy={restore.isPending}
      onConfirm={() =>
        restore.mutate(
          { based_on: detail.based_on, version, publish },
          {
            onSuccess: () => {
              say(publish ? texts.restoredAndPublished : texts.restored);
              onClose();
            },
          },
        )
      }
      onClose={onClose}
    />
  );
}
