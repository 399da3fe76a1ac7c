/** The page that embeds this one in a frame, as seen from the frame: it keeps the visitor, opens and closes. */
import type { Visitor } from "../api/client";
import { type FromFrame, received, type ToFrame } from "./messages";

/**
 * The page around this one, if this is the widget's frame.
 *
 * The origin that it gives is not proof of anything: the browser has checked by `frame-ancestors` that it may frame this
 * page, and sends messages to, and names them from, that origin alone.
 */
export function hostPage({ pathname, search }: Location, around: Window): HostPage | null {
  const origin = new URLSearchParams(search).get("origin");
  if (pathname !== "/widget" || around === window || origin === null) return null;
  return new HostPage(origin, around);
}

export class HostPage implements Visitor {
  private current: string | null = null;
  private readonly waiting = new Set<(token: string) => void>();
  private renewing: Promise<string> | null = null;

  constructor(
    private readonly origin: string,
    private readonly around: Window,
  ) {
    addEventListener("message", (event) => this.hear(event));
    document.addEventListener("keydown", (event) => {
      // Escape first ends a syllable, an edit, a dialog
      const within = document.querySelector("dialog[open]") !== null || event.isComposing || event.defaultPrevented;
      if (event.key === "Escape" && !within) this.close();
    });
    this.tell({ haedap: "ready" });
  }

  async token(): Promise<string> {
    return this.renewing ?? this.current ?? this.next();
  }

  /** Many calls may be refused at once: one of them asks for all. */
  async renew(refused: string): Promise<string> {
    if (this.current !== null && this.current !== refused) return this.current;
    if (this.renewing === null) {
      this.renewing = this.next().finally(() => {
        this.renewing = null;
      });
      this.tell({ haedap: "renew", refused });
    }
    return this.renewing;
  }

  close(): void {
    this.tell({ haedap: "close" });
  }

  private next(): Promise<string> {
    return new Promise((give) => this.waiting.add(give));
  }

  private hear(event: MessageEvent): void {
    const message = received<ToFrame>(event, this.around, this.origin);
    if (message?.haedap === "visitor") {
      this.current = message.token;
      for (const give of this.waiting) give(message.token);
      this.waiting.clear();
    } else if (message?.haedap === "open" && matchMedia("(hover: hover)").matches) {
      document.querySelector<HTMLElement>("main > form textarea")?.focus(); // on a telephone that would open its keyboard
    }
  }

  private tell(message: FromFrame): void {
    this.around.postMessage(message, this.origin);
  }
}
