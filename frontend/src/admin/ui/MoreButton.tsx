/** Goes on with a list. */
import { Button } from "../../ui/Button";
import { texts } from "../texts/common";

export function MoreButton({ busy, onClick }: { busy: boolean; onClick: () => void }) {
  return (
    <div className="mt-3 text-center">
      <Button className="text-sm" disabled={busy} onClick={onClick}>
        {busy ? `${texts.loading}…` : texts.more}
      </Button>
    </div>
  );
}
