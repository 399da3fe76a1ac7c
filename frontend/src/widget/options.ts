/** What the script's attributes say: all of it is checked, since it comes from another company's page. */
import { widgetTexts } from "../texts";

export interface Options {
  /** haedap's origin: where the script comes from. */
  server: string;
  bot: string;
  position: "left" | "right";
  label: string;
  /** Whether the label is shown beside the icon. */
  labelled: boolean;
  color: string;
}

const COLOR = "#0b6b4f";

/** The options, or nothing if there is none to go by. What is wrong is told in the developer's console. */
export function readOptions(script: HTMLScriptElement): Options | null {
  const { bot = "default", position = "right", label = "", color = COLOR } = script.dataset;
  if (!/^[a-z0-9][a-z0-9_-]{0,63}$/.test(bot)) {
    warn(`data-bot="${bot}" is no bot id; the widget is not shown`);
    return null;
  }
  if (location.origin === "null") {
    warn("this page has no origin (a file, or a sandboxed frame); the widget is not shown");
    return null;
  }
  if (position !== "left" && position !== "right") warn('data-position is "left" or "right"');
  const isColor = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(color);
  if (!isColor) warn("data-color is a colour like #0b6b4f");
  return {
    server: new URL(script.src).origin,
    bot,
    position: position === "left" ? "left" : "right",
    label: label.trim().slice(0, 40) || widgetTexts.open,
    labelled: label.trim() !== "",
    color: isColor ? color : COLOR,
  };
}

/** Tell the page's developer. */
export function warn(text: string): void {
  // biome-ignore lint/suspicious/noConsole: a developer of another page has no other place to look
  console.warn(`haedap: ${text}`);
}
