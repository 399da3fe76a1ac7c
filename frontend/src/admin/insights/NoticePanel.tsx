/** What is pinned to the bot's entry, and pinning something else. */
import { type FormEvent, useState } from "react";
import { Button } from "../../ui/Button";
import { dateTime } from "../format";
import { useSession } from "../session";
import { texts as all } from "../texts/insights";
import { Alert } from "../ui/Alert";
import { AreaField } from "../ui/AreaField";
import { Failure } from "../ui/Failure";
import { Loading } from "../ui/Loading";
import { Panel } from "../ui/Panel";
import { SelectField } from "../ui/SelectField";
import { useSay } from "../ui/Toast";
import { useNotice } from "./useInsights";

const texts = all.notice;
const USUAL_MINUTES = "60";

export function NoticePanel({ bot, suggested }: { bot: string; suggested: string }) {
  const { may } = useSession();
  const say = useSay();
  const { pinned, pin, unpin } = useNotice(bot);
  const [text, setText] = useState(suggested);
  const [minutes, setMinutes] = useState(USUAL_MINUTES);
  const notice = pinned.data?.notice;
  const failed = pinned.error ?? pin.error ?? unpin.error;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    pin.mutate(
      { text, minutes: Number(minutes) },
      {
        onSuccess: () => {
          say(texts.pinned);
          setText("");
        },
      },
    );
  };
  return (
    <Panel title={texts.title} lead={texts.lead}>
      <div className="space-y-4">
        {pinned.isPending && <Loading />}
        {failed && <Failure error={failed} />}
        {pinned.data && !notice && <p className="text-muted text-sm">{texts.none}</p>}
        {notice && (
          <Alert look="good">
            <p className="whitespace-pre-wrap">{notice.text}</p>
            <p className="mt-1 flex flex-wrap items-center gap-3 text-muted text-xs">
              {texts.until(dateTime(notice.until))}
              {may("editor") && (
                <Button
                  className="px-2.5 py-0.5 text-ink text-xs"
                  disabled={unpin.isPending}
                  onClick={() => unpin.mutate(undefined, { onSuccess: () => say(texts.unpinned) })}
                >
                  {texts.unpin}
                </Button>
              )}
            </p>
          </Alert>
        )}
        {may("editor") && (
          <form onSubmit={submit} className="space-y-3">
            <AreaField label={texts.text} rows={2} maxLength={500} value={text} onChange={setText} />
            <div className="flex items-end gap-3">
              <SelectField
                label={texts.minutes}
                value={minutes}
                options={texts.durations.map(([one, label]) => [String(one), label])}
                onChange={setMinutes}
              />
              <Button type="submit" className="shrink-0 py-1.5 text-sm" disabled={pin.isPending || !text.trim()}>
                {notice ? texts.replace : texts.pin}
              </Button>
            </div>
          </form>
        )}
      </div>
    </Panel>
  );
}
