/** What the loader adds to a page: one element, with the launcher and the panel in its shadow root. */
import { widgetTexts as texts } from "../texts";
import type { Options } from "./options";
import { styles } from "./styles";

export interface View {
  host: HTMLElement;
  root: ShadowRoot;
  launcher: HTMLButtonElement;
  panel: HTMLElement;
  /** What is said in the panel while there is no page in it. */
  wait: HTMLElement;
  message: HTMLElement;
  retry: HTMLButtonElement;
  close: HTMLButtonElement;
}

const SVG = "http://www.w3.org/2000/svg";
const CROSS = "M6 6l12 12M18 6 6 18";

/** Make it, closed. No markup is parsed and no style attribute set: strict policies allow every step. */
export function makeView(options: Options): View {
  const host = document.createElement("haedap-widget");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles(options));
  root.adoptedStyleSheets = [sheet];

  const launcher = button("launcher", options.label, "M21 12a8 8 0 0 1-8 8H4l2-3.500A8 8 0 1 1 21 12Z", CROSS);
  launcher.setAttribute("aria-expanded", "false");
  launcher.setAttribute("aria-haspopup", "dialog");
  if (options.labelled) launcher.append(element("span", "", options.label));

  const close = button("close", texts.close, CROSS);
  const retry = element("button", "retry", texts.retry);
  retry.type = "button";
  const message = element("p");
  message.setAttribute("role", "status");
  const wait = element("div", "wait");
  wait.append(message, retry, close);
  const panel = element("div", "panel");
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-label", texts.panel);
  panel.tabIndex = -1;
  panel.hidden = true;
  panel.append(wait);
  root.append(panel, launcher);
  return { host, root, launcher, panel, wait, message, retry, close };
}

/** The frame with haedap's own page, for a panel. */
export function makeFrame({ server, bot }: Options): HTMLIFrameElement {
  const frame = document.createElement("iframe");
  frame.title = texts.panel;
  frame.allow = "clipboard-write";
  frame.src = `${server}/widget?bot=${bot}&origin=${encodeURIComponent(location.origin)}`;
  return frame;
}

function element<Name extends keyof HTMLElementTagNameMap>(name: Name, className = "", text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

/** A button with an icon; the second one stands for the first while what it opens is open. */
function button(className: string, label: string, ...paths: string[]): HTMLButtonElement {
  const made = element("button", className);
  made.type = "button";
  made.setAttribute("aria-label", label);
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  for (const path of paths) {
    const line = document.createElementNS(SVG, "path");
    line.setAttribute("d", path);
    svg.append(line);
  }
  made.append(svg);
  return made;
}
