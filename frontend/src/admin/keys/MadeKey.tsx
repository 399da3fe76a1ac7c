/** A new key, shown once. */

import { Button } from "../../ui/Button";
import { copyText } from "../../ui/clipboard";
import { Dialog } from "../../ui/Dialog";
import { texts as common } from "../texts/common";
import { texts } from "../texts/keys";
import { Alert } from "../ui/Alert";
import { TextField } from "../ui/TextField";
import { useSay } from "../ui/Toast";

export function MadeKey({ made, onClose }: { made: string; onClose: () => void }) {
  const say = useSay();
  const copy = async () => say((await copyText(made)) ? common.copied : common.copyFailed);
  return (
    <Dialog title={texts.made.title} place="centre" onClose={onClose}>
      <div className="space-y-4">
        <Alert look="caution">{texts.made.lead}</Alert>
        <TextField
          label={texts.made.key}
          value={made}
          readOnly
          onChange={() => {}}
          onFocus={(event) => event.target.select()}
          className="font-mono text-xs"
        />
        <div className="flex justify-end gap-2">
          <Button onClick={() => void copy()}>{common.copy}</Button>
          <Button look="filled" onClick={onClose}>
            {texts.made.done}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
