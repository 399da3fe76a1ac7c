/** A modal dialog: the browser's own, which keeps the focus inside, closes by Escape and gives the focus back. */
import { type ReactNode, useId, useLayoutEffect, useRef } from "react";
import { texts } from "../texts";
import { IconButton } from "./Button";

const places = {
  centre: "m-auto w-[min(26rem,calc(100vw-2rem))] rounded-2xl",
  wide: "m-auto w-[min(46rem,calc(100vw-2rem))] rounded-2xl",
  right: "mr-0 ml-auto h-dvh max-h-none w-[min(32rem,100vw)] max-w-none sm:rounded-l-2xl",
  left: "mr-auto ml-0 h-dvh max-h-none w-[min(20rem,calc(100vw-3rem))] max-w-none rounded-r-2xl",
} as const;

interface Props {
  title: string;
  place: keyof typeof places;
  onClose: () => void;
  children: ReactNode;
}

/** Open as long as it is rendered. */
export function Dialog({ title, place, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const pressedOutside = useRef(false);
  const titleId = useId();
  // Closed before it is taken out of the page: only then the browser gives the focus back to what had it
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click on the backdrop is Escape by mouse
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      className={`flex max-h-[90dvh] flex-col border border-line bg-surface text-ink shadow-xl ${places[place]}`}
      onCancel={(event) => {
        if (event.target !== event.currentTarget) return; // React hands on what a dialog within this one is told
        event.preventDefault();
        onClose();
      }}
      // A click that ends outside may have begun as a selection of text
      onPointerDown={(event) => {
        pressedOutside.current = event.target === event.currentTarget;
      }}
      onClick={(event) => event.target === event.currentTarget && pressedOutside.current && onClose()}
    >
      <header className="flex items-start gap-3 px-5 pt-4 pb-2">
        <h2 id={titleId} className="flex-1 py-1.5 font-semibold text-lg leading-snug">
          {title}
        </h2>
        <IconButton icon="close" label={texts.close} onClick={onClose} />
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-5">{children}</div>
    </dialog>
  );
}
