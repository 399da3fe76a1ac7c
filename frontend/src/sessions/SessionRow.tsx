/** One conversation in the list. */
import type { Session } from "../api/types";
import { texts } from "../texts";
import { IconButton } from "../ui/Button";
import { titleOf } from "./useSessions";

interface Props {
  session: Session;
  current: boolean;
  onOpen: () => void;
  onRename: () => void;
  onDelete: () => void;
}

export function SessionRow({ session, current, onOpen, onRename, onDelete }: Props) {
  const title = titleOf(session);
  return (
    <li
      className={`group flex items-center rounded-xl transition-colors ${current ? "bg-accent-soft font-medium" : "hover:bg-sunken"}`}
    >
      <button
        type="button"
        aria-current={current ? "true" : undefined}
        title={title}
        onClick={onOpen}
        className="min-w-0 flex-1 truncate px-3 py-2 text-left text-sm"
      >
        {title}
      </button>
      {/* Out of the way until they are wanted; always there where nothing can hover */}
      <span className="flex pr-1 group-focus-within:w-auto group-hover:w-auto group-focus-within:opacity-100 group-hover:opacity-100 [@media(hover:hover)]:w-0 [@media(hover:hover)]:overflow-hidden [@media(hover:hover)]:opacity-0">
        <IconButton icon="edit" label={texts.sessions.rename(title)} onClick={onRename} className="size-8" />
        <IconButton icon="trash" label={texts.sessions.delete(title)} onClick={onDelete} className="size-8" />
      </span>
    </li>
  );
}
