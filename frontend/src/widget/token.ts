/** The visitor's token, in the storage of the page that embeds haedap: browsers keep cookies from frames. */
import { type Issued, issueVisitor } from "../api/visitors";

export class Token {
  private readonly key: string;
  private memory: string | null = null;
  private renewed = false;

  constructor(
    private readonly server: string,
    private readonly bot: string,
  ) {
    this.key = `haedap.visitor.${bot}`;
  }

  /** The one that is kept, else a new one. */
  async get(): Promise<Issued> {
    const kept = this.kept();
    return kept === null ? this.issue(null) : { token: kept };
  }

  /** Another one than that which was refused, once a page; nothing where there is none to be had. */
  async renew(refused: string): Promise<string | null> {
    const kept = this.kept();
    if (kept !== null && kept !== refused) return kept; // another tab was faster
    if (this.renewed) return null;
    this.renewed = true;
    const issued = await this.issue(refused);
    return issued !== null && "token" in issued ? issued.token : null;
  }

  private async issue(refused: string | null): Promise<Issued> {
    const issued = await issueVisitor(this.server, this.bot);
    if (issued === null || "refused" in issued) return issued;
    const kept = this.kept();
    if (kept !== null && kept !== refused) return { token: kept }; // another tab was faster
    this.memory = issued.token;
    stored(() => localStorage.setItem(this.key, issued.token));
    return issued;
  }

  private kept(): string | null {
    const kept = stored(() => localStorage.getItem(this.key)) ?? this.memory;
    return kept !== null && /^hv_[\w.-]{1,300}$/.test(kept) ? kept : null;
  }
}

/** What storage gives; nothing where it is full, or forbidden by the page or by the reader. */
function stored<T>(use: () => T): T | null {
  try {
    return use();
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}
