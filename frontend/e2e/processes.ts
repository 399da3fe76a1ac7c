/** The processes that browser tests need: haedap itself, and the OpenAI-compatible fake of `tests/fakes`. */
import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const PYTHON = process.env["PYTHON"] ?? join(ROOT, ".venv", "bin", "python");
const STOP_MS = 3_000;

/** An owner's key of every haedap that is served here, which lives as long as a test. */
export const OWNER_KEY = "ha_e2e_owner_of_all_bots";

export interface Served {
  address: string;
  stop(): Promise<void>;
}

/** A new folder for `DATA_DIR`: a copy of another, or empty. */
export async function newDataDir(copied?: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "haedap-page-"));
  if (copied !== undefined) await cp(copied, folder, { recursive: true });
  return folder;
}

/** Index what the tests ask about. Returns its `DATA_DIR`, to be copied. */
export async function buildIndex(): Promise<string> {
  const folder = await newDataDir();
  await run("tests.page_index", [], folder);
  return folder;
}

/** Add the bot `shop` to a `DATA_DIR`: pages of this origin may embed it. */
export function addShop(folder: string, origin: string): Promise<void> {
  return run("tests.page_index", [origin], folder);
}

/** haedap with offline engines, or with a language model, on a copy of the index, which `prepare` may add to. */
export async function serveHaedap(
  index: string,
  settings: Record<string, string> = {},
  prepare: (folder: string) => Promise<void> = async () => {},
): Promise<Served> {
  const folder = await newDataDir(index);
  await prepare(folder);
  const served = await serve("functions.local", [], folder, {
    PORT: "0",
    EMBEDDING_THREADS: "1", // as many as cores would fight with the browser for them
    ADMIN_API_KEY: OWNER_KEY,
    RATE_LIMIT_PER_MINUTE: "0",
    RATE_LIMIT_PER_MINUTE_ADDRESS: "0",
    ...settings,
  });
  await (await fetch(`${served.address}/v1/faqs/search?q=warm`)).text(); // loads what the first question needs
  return {
    address: served.address,
    stop: async () => {
      await served.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The fake language model: says what it is fed. */
export function serveFakeOpenAI(): Promise<Served> {
  return serve("tests.fakes.openai_server", ["--port", "0"], tmpdir(), {});
}

/** Run a module to its end. */
async function run(module: string, options: string[], folder: string): Promise<void> {
  const { process: ran, said } = python(module, options, folder, {});
  const code = await new Promise<number | null>((ended) => ran.on("exit", ended));
  if (code !== 0) throw new Error(`${module} failed:\n${said()}`);
}

/** Start a module that prints the address where it serves. */
async function serve(module: string, options: string[], folder: string, settings: Record<string, string>) {
  const { process: server, said } = python(module, options, folder, settings);
  const address = await new Promise<string>((found, failed) => {
    server.stdout?.on("data", () => {
      const [url] = said().match(/http:\/\/127\.0\.0\.1:\d+(?=\S*\n)/) ?? [];
      if (url) found(url);
    });
    server.on("exit", () => failed(new Error(`${module} did not start:\n${said()}`)));
  });
  return { address, stop: () => stopped(server) };
}

function python(module: string, options: string[], folder: string, settings: Record<string, string>) {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(PYTHON, ["-m", module, ...options], {
    cwd: folder, // where there is no `.env`
    env: {
      PATH,
      HOME,
      PYTHONPATH: ROOT,
      PYTHONUNBUFFERED: "1",
      NO_PROXY: "127.0.0.1",
      DATA_DIR: folder,
      EMBEDDING_MODEL: "local",
      ...settings,
    },
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (piece) => {
      text += String(piece);
    });
  }
  return { process: child, said: () => text };
}

async function stopped(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const ended = new Promise((exited) => server.once("exit", exited));
  server.kill("SIGTERM");
  const late = setTimeout(() => server.kill("SIGKILL"), STOP_MS); // a stream that a test left open is waited for
  await ended;
  clearTimeout(late);
}
