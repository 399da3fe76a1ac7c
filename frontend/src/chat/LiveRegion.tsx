/** Says an answer to a screen reader once, when it is whole; the conversation itself is not read as it grows. */
import { useConversation } from "./contexts";
import { useStore } from "./store";

export function LiveRegion() {
  const { store } = useConversation();
  const said = useStore(store, (state) => state.announcement);
  return (
    <p role="status" aria-live="polite" className="sr-only">
      {said}
    </p>
  );
}
