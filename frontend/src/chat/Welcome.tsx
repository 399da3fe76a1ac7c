/**
 * What an empty conversation begins with: the bot's greeting and categories, or a plain greeting without them; and some
 * questions that others ask, as soon as they are there.
 */
import { BubbleView } from "../bubbles/BubbleView";
import { texts } from "../texts";
import { Button } from "../ui/Button";
import { Face } from "../ui/Face";
import { namesNoBot, useEntry } from "./useEntry";
import { usePopular } from "./usePopular";

export function Welcome() {
  const entry = useEntry();
  const popular = usePopular();
  const [first, ...others] = entry.data?.bubbles ?? [];
  const greeting = first?.bubble_type === "text" ? first.description : undefined;
  const bubbles = greeting === undefined && first ? [first, ...others] : others;
  if (entry.isPending) return null;
  if (namesNoBot(entry.error)) {
    return (
      <p role="alert" className="m-auto text-center text-muted">
        {texts.errors.noBot}
      </p>
    );
  }
  return (
    <div className="m-auto grid w-full max-w-2xl gap-6 py-10">
      <header className="grid justify-items-center gap-3 text-center">
        <Face expression={entry.data?.expression ?? "SMILE"} className="size-14" />
        <h2 className="text-balance font-semibold text-2xl tracking-tight">{greeting ?? texts.welcome.greeting}</h2>
        {bubbles.length === 0 && <p className="text-muted">{texts.welcome.lead}</p>}
      </header>
      {bubbles.map((bubble) => (
        <BubbleView key={bubble.bubble_id} bubble={bubble} />
      ))}
      {popular && <BubbleView bubble={popular} />}
      {entry.isError && (
        <p role="alert" className="flex flex-wrap items-center justify-center gap-3 text-danger text-sm">
          {entry.error.message}
          <Button onClick={() => void entry.refetch()}>{texts.actions.retry}</Button>
        </p>
      )}
    </div>
  );
}
