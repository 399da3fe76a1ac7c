/** What can be done with a whole content: publish, throw a draft away, remove, bring back. */
import { useState } from "react";
import type { ContentDetail } from "../../api/adminTypes";
import { Button } from "../../ui/Button";
import { navigate } from "../router";
import { paths } from "../routes";
import { texts } from "../texts/contents";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { useSay } from "../ui/Toast";
import { PublishDialog } from "./PublishDialog";
import type { ContentChange, useContentChange } from "./useContent";

interface Props {
  bot: string;
  sourceId: string | undefined;
  detail: ContentDetail;
  dirty: boolean;
  changing: ReturnType<typeof useContentChange>;
  onLoad: (detail: ContentDetail | null) => void;
}

export function ContentActions({ bot, sourceId, detail, dirty, changing, onLoad }: Props) {
  const say = useSay();
  const [asking, setAsking] = useState<"publish" | "discard" | "remove" | null>(null);
  const { published, draft, drafted, removed } = detail;
  const close = () => setAsking(null);
  const toList = () => navigate(paths.section(bot, "contents"), { replace: true, done: true });

  const run = (change: ContentChange, done: string) =>
    changing.mutate(change, {
      onSuccess: (now) => {
        say(done);
        onLoad(now ?? null);
        if (!now) toList();
      },
      onSettled: close,
    });
  const basedOn = detail.based_on;

  return (
    <>
      {drafted && (
        <>
          <Button className="text-sm" disabled={dirty || changing.isPending} onClick={() => setAsking("publish")}>
            {texts.publishThis}
          </Button>
          <Button className="text-sm" disabled={changing.isPending} onClick={() => setAsking("discard")}>
            {texts.discard}
          </Button>
        </>
      )}
      {published && drafted !== "removal" && (
        <Button className="text-sm" disabled={dirty || changing.isPending} onClick={() => setAsking("remove")}>
          {texts.removal}
        </Button>
      )}
      {!published && !draft && removed && (
        <Button
          look="filled"
          className="text-sm"
          disabled={changing.isPending}
          onClick={() => run({ kind: "restore", basedOn }, texts.restored)}
        >
          {texts.restore}
        </Button>
      )}
      {asking === "publish" && (
        <PublishDialog
          bot={bot}
          sourceId={sourceId}
          faqIds={[detail.faq_id]}
          onClose={close}
          onDone={() => drafted === "removal" && toList()}
        />
      )}
      {asking === "discard" && (
        <ConfirmDialog
          title={texts.discardTitle}
          lead={published ? texts.discardLead : texts.discardNew}
          confirm={texts.discard}
          busy={changing.isPending}
          onConfirm={() => run({ kind: "discard", basedOn, isAll: !published && !removed }, texts.discarded)}
          onClose={close}
        />
      )}
      {asking === "remove" && (
        <ConfirmDialog
          title={texts.removalTitle}
          lead={texts.removalLead}
          confirm={texts.removal}
          busy={changing.isPending}
          onConfirm={() => run({ kind: "remove", basedOn }, texts.removalDone)}
          onClose={close}
        />
      )}
    </>
  );
}
