/** Somebody else has saved meanwhile: what differs, and two ways on, of which neither loses anything unseen. */
import type { ReactNode } from "react";
import { Button } from "../../ui/Button";
import { texts } from "../texts/common";
import { Alert } from "./Alert";

interface Props {
  /** Begin again with what is saved now. */
  onTake: () => void;
  /** Save what is written here over it. */
  onMine: () => void;
  /** What differs between the two. */
  children: ReactNode;
}

export function ConflictAlert({ onTake, onMine, children }: Props) {
  return (
    <Alert look="caution" urgent>
      <p className="font-medium">{texts.conflict.lead}</p>
      <details className="my-2">
        <summary>{texts.conflict.differences}</summary>
        <div className="mt-2">{children}</div>
      </details>
      <div className="flex flex-wrap gap-2">
        <Button className="px-3 py-1 text-ink text-sm" onClick={onTake}>
          {texts.conflict.take}
        </Button>
        <Button className="px-3 py-1 text-ink text-sm" onClick={onMine}>
          {texts.conflict.mine}
        </Button>
      </div>
    </Alert>
  );
}
