/** Says that a group needs nothing more, until questions join it; or takes that back. */
import { Button } from "../../ui/Button";
import { texts } from "../texts/desk";
import { Failure } from "../ui/Failure";
import { useSay } from "../ui/Toast";
import { type Cluster, type Handled, useHandling } from "./useDesk";

interface Props {
  bot: string;
  cluster: Cluster;
  onDone: () => void;
}

export function HandleButtons({ bot, cluster, onDone }: Props) {
  const say = useSay();
  const handle = useHandling(bot, cluster);
  const mark = (state: Handled | null) =>
    handle.mutate(state, {
      onSuccess: () => {
        say(state ? texts.handled[state] : texts.reopened);
        onDone();
      },
    });
  const button = (label: string, state: Handled | null) => (
    <Button className="px-3 py-1 text-sm" disabled={handle.isPending} onClick={() => mark(state)}>
      {label}
    </Button>
  );
  return (
    <>
      {cluster.state ? (
        button(texts.reopen, null)
      ) : (
        <>
          {button(texts.handle.done, "done")}
          {button(texts.handle.ignored, "ignored")}
        </>
      )}
      {handle.isError && <Failure error={handle.error} />}
    </>
  );
}
