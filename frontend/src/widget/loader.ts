/** `<script src="https://…/widget.js" data-bot="…">`: puts the widget on the page, once, however often it is loaded. */
import { readOptions, warn } from "./options";
import { Widget } from "./widget";

declare global {
  interface Window {
    haedap?: { open(): void; close(): void };
  }
}

/** The element of this script; modules are not told theirs. */
function ownScript(): HTMLScriptElement | null {
  const { currentScript } = document;
  if (currentScript instanceof HTMLScriptElement) return currentScript;
  return document.querySelector<HTMLScriptElement>('script[src$="/widget.js"]');
}

function start(): void {
  const script = ownScript();
  if (script === null) warn("the script's own element was not found; the widget is not shown");
  if (script === null || typeof window.haedap?.open === "function") return;
  const options = readOptions(script);
  if (options === null) return;

  let widget: Widget | undefined;
  let wanted = false;
  window.haedap = {
    open() {
      wanted = true;
      widget?.open();
    },
    close() {
      wanted = false;
      widget?.close();
    },
  };
  const show = () => {
    widget = new Widget(options);
    if (wanted) widget.open();
  };
  if (document.body) show();
  else addEventListener("DOMContentLoaded", show, { once: true });
}

start();
