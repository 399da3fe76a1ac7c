/** The chat page inside the widget's frame: who it is, and what it says to the page around it. */

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Api } from "../src/api/client";
import { ChatPage } from "../src/chat/ChatPage";
import { HostPage, hostPage } from "../src/widget/hostPage";
import { post, settled } from "./fakeFrame";
import { FakeHaedap } from "./fakeHaedap";

const SHOP = "https://shop.example";
let server: FakeHaedap;
beforeEach(async () => {
  server = await FakeHaedap.start();
});
afterEach(() => server.stop());

/** A window around this one, and what it was posted. */
function around() {
  const sent: unknown[] = [];
  const target = new EventTarget() as Window;
  target.postMessage = ((message: unknown, origin: string) => {
    expect(origin).toBe(SHOP);
    sent.push(message);
  }) as Window["postMessage"];
  return { target, sent };
}

describe("the page around", () => {
  const at = (path: string) => new URL(path, "https://haedap.example") as unknown as Location;
  const { target } = around();

  test("is there in the widget's frame alone", () => {
    const path = `/widget?bot=shop&origin=${encodeURIComponent(SHOP)}`;
    expect(hostPage(at(path), target)).toBeInstanceOf(HostPage);
    expect(hostPage(at(path), window)).toBeNull();
    expect(hostPage(at(path.replace("/widget", "/")), target)).toBeNull();
    expect(hostPage(at("/widget?bot=shop"), target)).toBeNull();
  });

  test("is told that the frame listens, then to close by Escape, unless something in the frame takes it", () => {
    const { target, sent } = around();
    new HostPage(SHOP, target);
    expect(sent).toEqual([{ haedap: "ready" }]);
    fireEvent.keyDown(document.body, { key: "Escape", isComposing: true });
    const dialog = document.body.appendChild(document.createElement("dialog"));
    dialog.open = true;
    fireEvent.keyDown(document.body, { key: "Escape" });
    dialog.remove();
    expect(sent).toHaveLength(1);
    fireEvent.keyDown(document.body, { key: "Escape" });
    expect(sent).toEqual([{ haedap: "ready" }, { haedap: "close" }]);
  });

  test("is believed when it is the window around and of the origin that was named, only", async () => {
    const { target } = around();
    const token = vi.fn();
    void new HostPage(SHOP, target).token().then(token);
    post({ haedap: "visitor", token: "hv_evil" }, target, "https://evil.test");
    post({ haedap: "visitor", token: "hv_evil" }, target, "null");
    post({ haedap: "visitor", token: "hv_evil" }, window, SHOP);
    await settled();
    expect(token).not.toHaveBeenCalled();
    post({ haedap: "visitor", token: "hv_1.sig" }, target, SHOP);
    await settled();
    expect(token).toHaveBeenCalledWith("hv_1.sig");
  });
});

describe("a call", () => {
  test("waits for the visitor and is made as that visitor", async () => {
    const { target } = around();
    const api = new Api("shop", server.api["origin"], new HostPage(SHOP, target));
    const listed = api.sessions();
    await settled();
    expect(server.requests).toEqual([]);
    post({ haedap: "visitor", token: "hv_1.sig" }, target, SHOP);
    await listed;
    expect(server.requests[0]?.headers.authorization).toBe("Bearer hv_1.sig");
  });

  test("that is refused for its visitor is made again with another one; many calls ask once", async () => {
    const { target, sent } = around();
    server.on("GET /v1/sessions", ({ headers }) =>
      headers.authorization === "Bearer hv_new.sig"
        ? { json: [] }
        : { status: 401, json: { error_message: "방문자 정보가 올바르지 않습니다.", code: "invalid_visitor" } },
    );
    const api = new Api("shop", server.api["origin"], new HostPage(SHOP, target));
    post({ haedap: "visitor", token: "hv_old.sig" }, target, SHOP);
    const listed = Promise.all([api.sessions(), api.sessions()]);
    await waitFor(() => expect(sent).toContainEqual({ haedap: "renew", refused: "hv_old.sig" }));
    post({ haedap: "visitor", token: "hv_new.sig" }, target, SHOP);
    expect(await listed).toEqual([[], []]);
    expect(sent).toHaveLength(2);
  });

  test("that is refused again is told", async () => {
    const { target, sent } = around();
    server.on("GET /v1/sessions", { status: 401, json: { error_message: "아니요.", code: "invalid_visitor" } });
    const api = new Api("shop", server.api["origin"], new HostPage(SHOP, target));
    post({ haedap: "visitor", token: "hv_old.sig" }, target, SHOP);
    const refused = expect(api.sessions()).rejects.toMatchObject({ status: 401 });
    await waitFor(() => expect(sent).toHaveLength(2));
    post({ haedap: "visitor", token: "hv_old.sig" }, target, SHOP);
    await refused;
  });
});

describe("the chat page in a frame", () => {
  function show(onClose: () => void) {
    render(
      <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
        <ChatPage api={server.api} onClose={onClose} />
      </QueryClientProvider>,
    );
  }

  test("can be closed, and takes the focus in its field when it is opened", async () => {
    const { target } = around();
    const host = new HostPage(SHOP, target);
    const close = vi.fn();
    show(close);
    const field = await screen.findByRole("textbox", { name: "질문" });
    await userEvent.click(screen.getByRole("button", { name: "챗봇 닫기" }));
    expect(close).toHaveBeenCalledTimes(1);
    post({ haedap: "open" }, target, SHOP);
    expect(document.activeElement).toBe(field);
    host.close();
  });

  test("remembers its conversation for as long as it is open where storage is forbidden", async () => {
    vi.spyOn(Storage.prototype, "getItem").mockImplementation(() => {
      throw new DOMException("denied", "SecurityError");
    });
    vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("denied", "SecurityError");
    });
    const { forgetSession, rememberedSession, rememberSession } = await import("../src/chat/sessionId");
    const id = "0192d5f0-7b1e-4c3a-9d4e-5f6a7b8c9d0e";
    rememberSession("shop", id);
    expect(rememberedSession("shop")).toBe(id);
    expect(rememberedSession("bank")).toBeNull();
    vi.mocked(Storage.prototype.getItem).mockRestore(); // full, not forbidden
    sessionStorage["haedap.session.shop"] = "11111111-7b1e-4c3a-9d4e-5f6a7b8c9d0e";
    rememberSession("shop", id);
    expect(rememberedSession("shop")).toBe(id);
    forgetSession("shop");
    expect(rememberedSession("shop")).toBeNull();
  });
});
