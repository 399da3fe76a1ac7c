/** The visitor's conversations: searched, opened, renamed, deleted. */
import { useEffect, useRef, useState } from "react";
import type { Session } from "../api/types";
import { namesNoBot } from "../chat/useEntry";
import { texts } from "../texts";
import { Button } from "../ui/Button";
import { Face } from "../ui/Face";
import { Icon } from "../ui/Icon";
import { DeleteDialog } from "./DeleteDialog";
import { RenameDialog } from "./RenameDialog";
import { SessionRow } from "./SessionRow";
import { titleOf, useSessions } from "./useSessions";

interface Props {
  current: string;
  /** Opens a session, or with `null` a new one. */
  onOpen: (sessionId: string | null) => void;
  name?: string;
}

export function SessionList({ current, onOpen, name }: Props) {
  const sessions = useSessions();
  const [wanted, setWanted] = useState("");
  const [renamed, setRenamed] = useState<Session | null>(null);
  const [deleted, setDeleted] = useState<Session | null>(null);
  const [gone, setGone] = useState<Session | null>(null);
  const begin = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // The focus went with the row, unless the field of a new conversation has it
    if (gone !== null && document.activeElement === document.body) begin.current?.focus();
  }, [gone]);
  const all = sessions.data ?? [];
  const found = all.filter((one) => matches(one, wanted));

  return (
    <div className="flex h-full flex-col gap-3 lg:p-4">
      {name && (
        <h1 className="flex items-center gap-3 pb-2 font-semibold text-lg">
          <Face expression="SMILE" className="size-8" />
          <span className="truncate">{name}</span>
        </h1>
      )}
      <Button ref={begin} className="flex items-center gap-2 font-medium" onClick={() => onOpen(null)}>
        <Icon name="plus" />
        {texts.sessions.new}
      </Button>
      {all.length > 0 && (
        <label className="flex items-center gap-2 rounded-xl px-3 text-muted focus-within:bg-surface focus-within:outline-2 focus-within:outline-accent">
          <Icon name="search" className="size-4" />
          <input
            type="search"
            aria-label={texts.sessions.search}
            placeholder={texts.sessions.search}
            value={wanted}
            onChange={({ target }) => setWanted(target.value)}
            className="min-w-0 flex-1 bg-transparent py-2 text-ink text-sm outline-none"
          />
        </label>
      )}
      <nav aria-label={texts.sessions.label} className="-mx-1 min-h-0 flex-1 overflow-y-auto px-1">
        {sessions.isError && !namesNoBot(sessions.error) && (
          <div role="alert" className="grid justify-items-start gap-2 px-2 text-danger text-sm">
            {texts.sessions.failed}
            <Button onClick={() => void sessions.refetch()}>{texts.actions.retry}</Button>
          </div>
        )}
        {sessions.isSuccess && found.length === 0 && (
          <p className="px-3 text-muted text-sm">{wanted ? texts.sessions.noneFound : texts.sessions.none}</p>
        )}
        <ul className="grid grid-cols-[minmax(0,1fr)] gap-0.5">
          {found.map((one) => (
            <SessionRow
              key={one.session_id}
              session={one}
              current={one.session_id === current}
              onOpen={() => onOpen(one.session_id)}
              onRename={() => setRenamed(one)}
              onDelete={() => setDeleted(one)}
            />
          ))}
        </ul>
      </nav>
      {renamed && <RenameDialog session={renamed} onClose={() => setRenamed(null)} />}
      {deleted && (
        <DeleteDialog
          session={deleted}
          onClose={() => setDeleted(null)}
          onDeleted={() => {
            setDeleted(null);
            setGone(deleted);
            if (deleted.session_id === current) onOpen(null);
          }}
        />
      )}
    </div>
  );
}

/** Whether a session's name, or what it began with, holds all words that are wanted. */
function matches(session: Session, wanted: string): boolean {
  const text = `${titleOf(session)} ${session.first_message}`.toLocaleLowerCase("ko");
  return wanted
    .toLocaleLowerCase("ko")
    .split(/\s+/)
    .every((word) => text.includes(word));
}
