/** The frame of every page: where one can go, which bot is meant, who one is. */
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { BotLine } from "../api/adminTypes";
import { IconButton } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Navigation } from "./Navigation";
import { usePath } from "./router";
import type { Route } from "./routes";
import { texts } from "./texts/common";

interface Props {
  route: Route;
  bots: readonly BotLine[];
  children: ReactNode;
}

export function Shell({ route, bots, children }: Props) {
  const [open, setOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const path = usePath();
  const seen = useRef(path);
  useEffect(() => {
    setOpen(false);
    if (seen.current !== path) main.current?.focus({ preventScroll: true }); // a new page is read from its beginning
    seen.current = path;
  }, [path]);
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[15rem_minmax(0,1fr)]">
      <a
        href="#main"
        className="sr-only z-30 rounded-lg bg-surface px-3 py-2 focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        {texts.skip}
      </a>
      <div className="flex items-center gap-2 border-line border-b bg-surface px-3 py-2 lg:hidden">
        <IconButton icon="menu" label={texts.menu} onClick={() => setOpen(true)} />
        <p className="font-semibold">{texts.name}</p>
      </div>
      {open ? (
        <Dialog title={texts.menu} place="left" onClose={() => setOpen(false)}>
          <Navigation route={route} bots={bots} onGo={() => setOpen(false)} />
        </Dialog>
      ) : (
        <aside className="sticky top-0 hidden h-dvh overflow-y-auto border-line border-r bg-surface px-3 py-4 lg:block">
          <Navigation route={route} bots={bots} />
        </aside>
      )}
      <main
        ref={main}
        id="main"
        tabIndex={-1}
        className="mx-auto w-full min-w-0 max-w-6xl px-4 py-6 outline-none sm:px-6 lg:px-8"
      >
        {children}
      </main>
    </div>
  );
}
