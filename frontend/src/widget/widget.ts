/** The widget on another company's page: opened and closed, its frame loaded when it is first wanted. */
import { issueVisitor } from "../api/visitors";
import { widgetTexts as texts } from "../texts";
import { type FromFrame, received, type ToFrame } from "./messages";
import { type Options, warn } from "./options";
import { Token } from "./token";
import { makeFrame, makeView } from "./view";

const SLOWEST_MS = 30_000;
const AFTER_LOAD_MS = 1_000; // a page that has loaded and said nothing is not haedap's: an error of the browser or a proxy

export class Widget {
  private readonly view;
  private readonly token: Token;
  private frame: HTMLIFrameElement | null = null;
  private ready = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: Options) {
    this.token = new Token(options.server, options.bot);
    this.view = makeView(options);
    const { root, launcher, close, retry } = this.view;
    launcher.addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
    launcher.addEventListener("pointerenter", () => this.load());
    close.addEventListener("click", () => this.close());
    retry.addEventListener("click", () => this.open()); // the focus must not vanish with the button
    root.addEventListener("keydown", (event) => {
      if ((event as KeyboardEvent).key === "Escape" && this.isOpen) this.close();
    });
    addEventListener("message", (event) => this.hear(event));
    document.body.append(this.view.host);
  }

  /** Show the panel, and give it the focus. */
  open(): void {
    this.load();
    this.view.panel.hidden = false;
    this.view.launcher.setAttribute("aria-expanded", "true");
    this.focusInside();
  }

  /** Hide it. The focus goes back to the launcher, if it was inside. */
  close(): void {
    const focused = this.isFocused;
    this.view.panel.hidden = true;
    this.view.launcher.setAttribute("aria-expanded", "false");
    if (focused) this.view.launcher.focus();
  }

  private get isOpen(): boolean {
    return !this.view.panel.hidden;
  }

  /** Whether the focus is on something of the widget's: inside of its frame, too. */
  private get isFocused(): boolean {
    return document.activeElement === this.view.host;
  }

  /** Load the frame, unless it is there or on its way. */
  private load(): void {
    if (this.frame !== null) return;
    const frame = makeFrame(this.options);
    this.frame = frame;
    this.ready = false;
    frame.hidden = true;
    this.say(texts.loading, false);
    frame.addEventListener("load", () => this.expect(frame, AFTER_LOAD_MS));
    this.expect(frame, SLOWEST_MS);
    this.view.panel.append(frame);
  }

  /** Give the frame up if it does not say within this time that it is ready. */
  private expect(frame: HTMLIFrameElement, ms: number): void {
    if (this.ready || frame !== this.frame) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      // A frame does not tell why it shows nothing; who asks for a visitor is told
      const asked = await issueVisitor(this.options.server, this.options.bot);
      if (frame === this.frame && !this.ready) this.fail(asked !== null && "refused" in asked ? asked.refused : null);
    }, ms);
  }

  private fail(refused: string | null): void {
    const focused = this.isFocused;
    clearTimeout(this.timer);
    this.frame?.remove();
    this.frame = null;
    this.ready = false;
    if (refused !== null) {
      warn(
        `${this.options.server} refused (${refused}): is data-bot="${this.options.bot}" right, and is` +
          ` ${location.origin} among the bot's allowed_origins?`,
      );
    }
    this.say(refused === null ? texts.unreachable : texts.refused, refused === null);
    if (this.isOpen && focused) this.focusInside();
  }

  private hear(event: MessageEvent): void {
    const message = received<FromFrame>(event, this.frame?.contentWindow, this.options.server);
    if (message?.haedap === "close") this.close();
    else if (message?.haedap === "ready") void this.introduce();
    else if (message?.haedap === "renew") void this.renew(message.refused);
  }

  /** The frame listens: tell it who its visitor is, and show it. */
  private async introduce(): Promise<void> {
    const { frame } = this;
    clearTimeout(this.timer);
    const issued = await this.token.get();
    if (frame === null || frame !== this.frame) return;
    if (issued === null || "refused" in issued) return this.fail(issued?.refused ?? null);
    this.ready = true;
    this.tell({ haedap: "visitor", token: issued.token });
    const waiting = this.isFocused && this.view.root.activeElement !== this.view.launcher;
    frame.hidden = false;
    this.view.wait.hidden = true;
    // Who has begun to do something else on the page meanwhile is not disturbed
    if (this.isOpen && waiting) this.focusInside();
  }

  private async renew(refused: string): Promise<void> {
    this.tell({ haedap: "visitor", token: (await this.token.renew(refused)) ?? refused });
  }

  private tell(message: ToFrame): void {
    this.frame?.contentWindow?.postMessage(message, this.options.server);
  }

  private say(text: string, again: boolean): void {
    this.view.wait.hidden = false;
    this.view.message.textContent = text;
    this.view.retry.hidden = !again;
  }

  private focusInside(): void {
    if (this.ready) {
      this.frame?.focus();
      this.tell({ haedap: "open" });
    } else if (this.view.retry.hidden) this.view.panel.focus();
    else this.view.retry.focus();
  }
}
