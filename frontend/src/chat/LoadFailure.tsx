/** What is shown when a conversation could not be fetched. */
import { texts } from "../texts";
import { Button } from "../ui/Button";
import { useConversation } from "./contexts";

export function LoadFailure({ message }: { message: string }) {
  const conversation = useConversation();
  return (
    <div role="alert" className="m-auto grid justify-items-center gap-3 text-center">
      <p className="rounded-2xl bg-danger-soft px-4 py-3 text-danger">{message}</p>
      <Button onClick={() => void conversation.load()}>{texts.actions.retry}</Button>
    </div>
  );
}
