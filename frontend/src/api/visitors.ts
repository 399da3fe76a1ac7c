/** Visitor tokens, for the widget: asked for by another company's page. Alone in its file: the loader stays small. */

const SLOWEST_MS = 30_000;

/** What came of asking: a token; a refusal; or nothing, when the server is away or busy. */
export type Issued = { token: string } | { refused: string } | null;

/** Ask for a new visitor of a bot. `server` is haedap's origin, not the page's. */
export async function issueVisitor(server: string, bot: string): Promise<Issued> {
  try {
    const response = await fetch(`${server}/v1/visitors?bot=${bot}`, {
      method: "POST",
      credentials: "omit",
      signal: AbortSignal.timeout(SLOWEST_MS),
    });
    if (response.status >= 500 || response.status === 429) return null;
    if (!response.ok) return { refused: `HTTP ${response.status}` };
    return (await response.json()) as { token: string };
  } catch (error) {
    if (error instanceof SyntaxError) return null; // a proxy's page of HTML
    if (error instanceof Error && error.name === "TimeoutError") return null; // a server that is silent
    if (!(error instanceof TypeError)) throw error;
    return (await answers(server)) ? { refused: "this page's origin is not allowed" } : null;
  }
}

/**
 * Whether the server answers at all. To a script a refusal by CORS looks like a server that is away; a request that asks
 * to read nothing tells the two apart.
 */
async function answers(server: string): Promise<boolean> {
  try {
    await fetch(`${server}/widget.js`, { mode: "no-cors", credentials: "omit", cache: "no-store" });
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
