/** The whole page: sessions at the side, the conversation, the field, and the panel of an FAQ. */
import { useCallback, useEffect, useState } from "react";
import type { Api } from "../api/client";
import type { Source } from "../api/types";
import { preloadMarkdown } from "../bubbles/LazyMarkdown";
import { FaqPanel } from "../faq/FaqPanel";
import { SessionList } from "../sessions/SessionList";
import { texts } from "../texts";
import { IconButton } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { COMPOSER_ID, Composer } from "./Composer";
import { ApiProvider, ConversationProvider } from "./contexts";
import { LiveRegion } from "./LiveRegion";
import { Thread } from "./Thread";
import { useEntry } from "./useEntry";
import { useOpenConversation } from "./useOpenConversation";

interface Props {
  api: Api;
  /** In a frame: closes it. */
  onClose?: (() => void) | undefined;
}

export function ChatPage({ api, onClose }: Props) {
  return (
    <ApiProvider value={api}>
      <Shown api={api} onClose={onClose} />
    </ApiProvider>
  );
}

function Shown({ api, onClose }: Props) {
  const { conversation, open } = useOpenConversation(api);
  const [source, setSource] = useState<Source | null>(null);
  const [listOpen, setListOpen] = useState(false);
  const [drafts] = useState(() => new Map<string, string>());
  const name = useEntry().data?.bot?.name ?? texts.name;
  const openFromDialog = useCallback(
    (sessionId: string | null) => {
      setListOpen(false);
      open(sessionId);
    },
    [open],
  );

  useEffect(preloadMarkdown, []);
  useEffect(() => {
    document.title = name;
  }, [name]);

  return (
    <ConversationProvider value={conversation}>
      <a
        href={`#${COMPOSER_ID}`}
        className="sr-only focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-10 focus:rounded-xl focus:bg-surface focus:px-4 focus:py-2 focus:shadow-md"
      >
        {texts.conversation.skip}
      </a>
      <div className="flex h-dvh">
        <aside
          aria-label={texts.sessions.label}
          className="hidden w-72 shrink-0 border-line border-r bg-sunken/50 lg:block"
        >
          <SessionList current={conversation.sessionId} onOpen={open} name={name} />
        </aside>
        <main className="flex min-w-0 flex-1 flex-col">
          <header className="flex items-center gap-1 border-line border-b px-2 py-1.5 lg:hidden">
            <IconButton icon="menu" label={texts.sessions.open} onClick={() => setListOpen(true)} />
            <h1 className="flex-1 truncate px-1 font-semibold">{name}</h1>
            <IconButton icon="plus" label={texts.sessions.new} onClick={() => open(null)} />
            {onClose && <IconButton icon="close" label={texts.closeChat} onClick={onClose} />}
          </header>
          <Thread key={conversation.sessionId} onOpenSource={setSource} />
          <LiveRegion />
          <Composer key={`${conversation.sessionId} composer`} drafts={drafts} />
        </main>
      </div>
      {listOpen && (
        <Dialog place="left" title={texts.sessions.label} onClose={() => setListOpen(false)}>
          <SessionList current={conversation.sessionId} onOpen={openFromDialog} />
        </Dialog>
      )}
      {source && <FaqPanel source={source} onClose={() => setSource(null)} />}
    </ConversationProvider>
  );
}
