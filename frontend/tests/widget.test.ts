/** The widget's loader on another company's page. */
import { gzipSync } from "node:zlib";
import userEvent from "@testing-library/user-event";
import { build } from "vite";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ToFrame } from "../src/widget/messages";
import { type Options, readOptions } from "../src/widget/options";
import { inkOn, styles } from "../src/widget/styles";
import { Token } from "../src/widget/token";
import { Widget } from "../src/widget/widget";
import { MOST_BYTES } from "../vite.widget.config";
import { post, settled } from "./fakeFrame";
import { FakeHaedap } from "./fakeHaedap";
import { soon } from "./soon";

const KEY = "haedap.visitor.shop";
let server: FakeHaedap;
let address: string;

beforeEach(async () => {
  server = await FakeHaedap.start();
  address = server.api["origin"];
  let made = 0;
  server.on("POST /v1/visitors", () => ({ status: 201, json: { token: `hv_${++made}.sig` } }));
});

afterEach(async () => {
  document.body.replaceChildren();
  localStorage.clear();
  await server.stop();
});

function script(attributes: Record<string, string> = {}): HTMLScriptElement {
  const made = document.createElement("script");
  made.src = `${address}/widget.js`;
  for (const [name, value] of Object.entries({ "data-bot": "shop", ...attributes })) made.setAttribute(name, value);
  return made;
}

function options(attributes: Record<string, string> = {}): Options {
  return readOptions(script(attributes)) as Options;
}

/** A widget on the page, what its frame was sent, and the frame's side of the talk. */
function shown(attributes?: Record<string, string>) {
  const widget = new Widget(options(attributes));
  const host = document.querySelector("haedap-widget") as HTMLElement;
  const root = host.shadowRoot as ShadowRoot;
  const sent: ToFrame[] = [];
  const inside = Object.assign(new EventTarget(), {
    postMessage(message: ToFrame, target: string) {
      expect(target).toBe(address);
      sent.push(message);
    },
  }) as unknown as Window;
  const frame = () => {
    const found = root.querySelector("iframe");
    // jsdom has no windows for frames in shadow roots
    if (found) Object.defineProperty(found, "contentWindow", { value: inside, configurable: true });
    return { element: found, inside, say: (message: unknown, origin = address) => post(message, inside, origin) };
  };
  return {
    widget,
    root,
    sent,
    frame,
    launcher: root.querySelector(".launcher") as HTMLButtonElement,
    panel: root.querySelector(".panel") as HTMLElement,
    retry: root.querySelector(".retry") as HTMLButtonElement,
    said: () => root.querySelector("[role=status]")?.textContent,
  };
}

async function opened() {
  const made = shown();
  made.widget.open();
  made.frame().say({ haedap: "ready" });
  await soon(() => expect(made.sent.map((one) => one.haedap)).toContain("visitor"));
  return made;
}

describe("the script", () => {
  test("takes what its attributes say, and its server from its own address", () => {
    const read = options({ "data-position": "left", "data-label": " 물어보세요 ", "data-color": "#FD0" });
    expect(read).toEqual({
      server: address,
      bot: "shop",
      position: "left",
      label: "물어보세요",
      labelled: true,
      color: "#FD0",
    });
  });

  test.each([
    ["data-color", "red;}*{display:none"],
    ["data-color", "url(//evil.test)"],
    ["data-position", "top:0;left"],
  ])("leaves %s=%j and warns", (name, value) => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    const read = options({ [name]: value });
    expect(styles(read)).not.toContain(value);
    expect(read).toMatchObject({ color: "#0b6b4f", position: "right" });
    expect(warned).toHaveBeenCalledTimes(1);
  });

  test.each(["Shop", "../v1", "a b", "<b>", ""])("with data-bot=%j shows nothing, warns and breaks nothing", (bot) => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
    expect(readOptions(script({ "data-bot": bot }))).toBeNull();
    expect(warned.mock.calls[0]?.[0]).toMatch(/^haedap: data-bot=/);
  });

  test("loaded twice is one widget, which the page can open and close", async () => {
    document.body.append(script());
    await import("../src/widget/loader");
    vi.resetModules();
    await import("../src/widget/loader");
    expect(document.querySelectorAll("haedap-widget")).toHaveLength(1);
    const panel = document.querySelector("haedap-widget")?.shadowRoot?.querySelector(".panel") as HTMLElement;
    window.haedap?.open();
    expect(panel.hidden).toBe(false);
    window.haedap?.close();
    expect(panel.hidden).toBe(true);
    delete window.haedap;
  });

  test("is built as one file of at most 6 KB of gzip that a strict policy allows", async () => {
    const built = await build({ configFile: "vite.widget.config.ts", logLevel: "error", build: { write: false } });
    const { output } = built as unknown as { output: { fileName: string; code: string }[] };
    expect(output.map((one) => one.fileName)).toEqual(["widget.js"]);
    const code = output[0]?.code ?? "";
    expect(gzipSync(code).length).toBeLessThanOrEqual(MOST_BYTES);
    expect(MOST_BYTES).toBeLessThanOrEqual(6 * 1024);
    expect(code).not.toMatch(
      /innerHTML|insertAdjacentHTML|\beval\b|new Function|\.cssText|"style"|document\.write|import\(/,
    );
    expect(code).toContain("챗봇에게 물어보기");
  });
});

describe("the launcher", () => {
  test("says what it is and whether the panel is open; nothing is loaded before it is wanted", async () => {
    const { launcher, panel, frame, root } = shown();
    expect(launcher.getAttribute("aria-label")).toBe("챗봇에게 물어보기");
    expect(launcher.getAttribute("aria-expanded")).toBe("false");
    expect(frame().element).toBeNull();
    await settled();
    expect(server.requests).toEqual([]);
    await userEvent.click(launcher);
    expect([launcher.getAttribute("aria-expanded"), panel.hidden]).toEqual(["true", false]);
    const src = new URL(frame().element?.src ?? "");
    expect([src.origin, src.pathname]).toEqual([address, "/widget"]);
    expect(Object.fromEntries(src.searchParams)).toEqual({ bot: "shop", origin: location.origin });
    expect(root.activeElement).toBe(panel);
  });

  test("begins to load the frame when the pointer comes near, once", async () => {
    const { launcher, root, panel } = shown();
    await userEvent.hover(launcher);
    await userEvent.click(launcher);
    expect(root.querySelectorAll("iframe")).toHaveLength(1);
    expect(panel.hidden).toBe(false);
  });

  test("adds one element to the page, and no style", () => {
    const before = document.head.innerHTML;
    const { root } = shown();
    expect(document.body.children).toHaveLength(1);
    expect(document.head.innerHTML).toBe(before);
    expect([...root.querySelectorAll("[style],style,link")]).toEqual([]);
  });

  test.each([
    ["#fff", "#000"],
    ["#ffdd00", "#000"],
    ["#000", "#fff"],
    ["#0b6b4f", "#fff"],
  ])("on %s has %s ink", (color, ink) => {
    expect(inkOn(color)).toBe(ink);
  });
});

describe("the panel", () => {
  test("gets its visitor and the focus once the frame is ready", async () => {
    const { sent, frame, root } = await opened();
    expect(sent).toEqual([{ haedap: "visitor", token: "hv_1.sig" }, { haedap: "open" }]);
    expect(frame().element?.hidden).toBe(false);
    expect(root.activeElement).toBe(frame().element);
    expect(server.asked("POST /v1/visitors").map((one) => one.query)).toEqual([{ bot: "shop" }]);
    expect(localStorage.getItem(KEY)).toBe("hv_1.sig");
  });

  test("closes when the frame asks for it, and the launcher has the focus again", async () => {
    const { frame, root, launcher, panel } = await opened();
    frame().say({ haedap: "close" });
    expect([panel.hidden, launcher.getAttribute("aria-expanded")]).toEqual([true, "false"]);
    expect(root.activeElement).toBe(launcher);
  });

  test("closes by Escape while it loads", async () => {
    const { launcher, panel, root } = shown();
    launcher.focus();
    await userEvent.keyboard("{Enter}");
    expect(panel.hidden).toBe(false);
    await userEvent.keyboard("{Escape}");
    expect(panel.hidden).toBe(true);
    expect(root.activeElement).toBe(launcher);
  });

  test("takes no focus from what the page does when a script closes it", async () => {
    const { widget } = await opened();
    const field = document.createElement("input");
    document.body.append(field);
    field.focus();
    widget.close();
    expect(document.activeElement).toBe(field);
  });

  test("hears its frame alone, of its server's origin alone", async () => {
    const { frame, launcher, panel, sent } = shown();
    launcher.click();
    const { inside } = frame();
    post({ haedap: "ready" }, window, address);
    post({ haedap: "ready" }, null, address);
    for (const origin of ["https://evil.test", "null", "", `${address}.evil.test`])
      post({ haedap: "ready" }, inside, origin);
    for (const data of ["ready", null, 1, { type: "ready" }, { haedap: "unknown" }]) post(data, inside, address);
    await settled();
    expect([sent, server.requests]).toEqual([[], []]);
    post({ haedap: "close" }, window, address);
    expect(panel.hidden).toBe(false);
  });
});

describe("a server", () => {
  test("that is away is told in Korean, and another try goes well", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { widget, frame, said, retry, root, panel, sent } = shown();
    server.on("POST /v1/visitors", { status: 503, json: {} });
    widget.open();
    frame().element?.dispatchEvent(new Event("load"));
    vi.advanceTimersByTime(1_000);
    vi.useRealTimers();
    await soon(() => expect(said()).toContain("다시 시도"));
    expect([frame().element, retry.hidden, root.activeElement]).toEqual([null, false, retry]);
    server.on("POST /v1/visitors", { status: 201, json: { token: "hv_9.sig" } });
    await userEvent.click(retry);
    expect(root.activeElement).toBe(panel);
    frame().say({ haedap: "ready" });
    await soon(() => expect(sent[0]).toEqual({ haedap: "visitor", token: "hv_9.sig" }));
  });

  test("that says nothing is told so too", async () => {
    vi.spyOn(AbortSignal, "timeout").mockReturnValue(AbortSignal.timeout(50));
    server.on("POST /v1/visitors", { never: true });
    const { widget, frame, said } = shown();
    widget.open();
    frame().say({ haedap: "ready" });
    await soon(() => expect(said()).toContain("연결하지 못했어요"));
  });

  test("that cannot be reached is told so too", async () => {
    const { widget, frame, said } = shown();
    widget.open();
    await server.stop();
    frame().say({ haedap: "ready" });
    await soon(() => expect(said()).toContain("연결하지 못했어요"));
    server = await FakeHaedap.start();
  });

  test.each([403, 404])(
    "that refuses with %s is told to the developer, and the customer has no button",
    async (status) => {
      const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
      server.on("POST /v1/visitors", { status, json: {} });
      const { widget, frame, said, retry } = shown();
      widget.open();
      frame().say({ haedap: "ready" });
      await soon(() => expect(said()).toBe("이 페이지에서는 챗봇을 이용할 수 없어요."));
      expect(retry.hidden).toBe(true);
      expect(warned.mock.calls[0]?.[0]).toContain('data-bot="shop"');
    },
  );
});

test("a refusal that CORS hides from the script is told from a server that is away", async () => {
  const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
  vi.spyOn(globalThis, "fetch").mockRejectedValueOnce(new TypeError("Failed to fetch"));
  const { widget, frame, said } = shown();
  widget.open();
  frame().say({ haedap: "ready" });
  await soon(() => expect(said()).toBe("이 페이지에서는 챗봇을 이용할 수 없어요."));
  expect(warned.mock.calls[0]?.[0]).toContain("allowed_origins");
  expect(server.requests.map((one) => one.path)).toEqual(["/widget.js"]);
});

describe("a visitor's token", () => {
  test("is kept for the next page", async () => {
    expect(await new Token(address, "shop").get()).toEqual({ token: "hv_1.sig" });
    expect(await new Token(address, "shop").get()).toEqual({ token: "hv_1.sig" });
    expect(await new Token(address, "bank").get()).toEqual({ token: "hv_2.sig" });
  });

  test("is kept in memory where the page may store nothing", async () => {
    const forbidden = () => {
      throw new DOMException("denied", "SecurityError");
    };
    vi.spyOn(Storage.prototype, "getItem").mockImplementation(forbidden);
    vi.spyOn(Storage.prototype, "setItem").mockImplementation(forbidden);
    const token = new Token(address, "shop");
    expect(await token.get()).toEqual({ token: "hv_1.sig" });
    expect(await token.get()).toEqual({ token: "hv_1.sig" });
  });

  test("that something else wrote over is none", async () => {
    localStorage.setItem(KEY, "<script>");
    expect(await new Token(address, "shop").get()).toEqual({ token: "hv_1.sig" });
  });

  test("that the server refuses is replaced once, by that of another tab if there is one", async () => {
    localStorage.setItem(KEY, "hv_old.sig");
    const { frame, sent } = await opened();
    frame().say({ haedap: "renew", refused: "hv_old.sig" });
    await soon(() => expect(sent.at(-1)).toEqual({ haedap: "visitor", token: "hv_1.sig" }));
    frame().say({ haedap: "renew", refused: "hv_1.sig" });
    await soon(() => expect(sent).toHaveLength(4));
    expect(server.asked("POST /v1/visitors")).toHaveLength(1);
    localStorage.setItem(KEY, "hv_tab.sig");
    frame().say({ haedap: "renew", refused: "hv_1.sig" });
    await soon(() => expect(sent.at(-1)).toEqual({ haedap: "visitor", token: "hv_tab.sig" }));
  });
});
