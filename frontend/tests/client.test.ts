// @vitest-environment node
/** The calls to the API: their bot, their pages, their refusals, and what a bubble may not lead to. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Api, isOwnPath } from "../src/api/client";
import { newSessionId } from "../src/chat/sessionId";
import { FakeHaedap, turn } from "./fakeHaedap";

let server: FakeHaedap;
beforeEach(async () => {
  server = await FakeHaedap.start();
});
afterEach(() => server.stop());

test("every call names the bot, but a bubble's address that names one itself", async () => {
  const api = new Api("shop", server.api["origin"]);
  await api.sessions();
  server.on("POST /v1/faqs/popular", { json: { bubbles: [] } });
  await api.tap("/v1/faqs/popular?bot=other&category=정산", {});
  expect(server.requests.map((one) => one.query["bot"])).toEqual(["shop", "other"]);
});

test("all pages of turns are read", async () => {
  server.on("GET /v1/sessions/s/chats", ({ query }) =>
    query["after"]
      ? { json: [turn({ chat_id: "C2" })] }
      : { json: [turn()], headers: { Link: '</v1/sessions/s/chats?bot=default&after=C1>; rel="next"' } },
  );
  expect((await server.api.turns("s")).map((one) => one.chat_id)).toEqual(["C1", "C2"]);
});

test("a refusal says what haedap says", async () => {
  server.on("GET /v1/sessions", {
    status: 429,
    json: { error_message: "천천히 물어봐 주세요.", code: "rate_limited" },
  });
  await expect(server.api.sessions()).rejects.toMatchObject({
    status: 429,
    code: "rate_limited",
    message: "천천히 물어봐 주세요.",
    bubbles: [],
  });
});

test("a proxy's refusal in HTML, or in JSON that is not haedap's, is told in Korean too", async () => {
  server.on("GET /v1/sessions", { status: 502, json: "<html>Bad Gateway</html>" });
  await expect(server.api.sessions()).rejects.toMatchObject({
    status: 502,
    message: expect.stringContaining("다시 시도"),
  });
});

test("a success that is not haedap's, as of a network that wants its leave first, is told in Korean", async () => {
  server.on("GET /v1/sessions", { raw: "<html>Welcome to the hotel</html>" });
  server.on("GET /v1/sessions/s/chats", { raw: "[{" });
  const told = { message: expect.stringContaining("다시 시도") };
  await expect(server.api.sessions()).rejects.toMatchObject(told);
  await expect(server.api.turns("s")).rejects.toMatchObject(told);
});

test("a server that says nothing is told as one that is not there", async () => {
  vi.spyOn(AbortSignal, "timeout").mockReturnValue(AbortSignal.timeout(50));
  server.on("GET /v1/sessions", { never: true });
  await expect(server.api.sessions()).rejects.toMatchObject({
    status: 0,
    message: expect.stringContaining("연결이 끊겼습니다"),
  });
});

test("a server that is not there is told in Korean", async () => {
  const { api } = server;
  await server.stop();
  await expect(api.sessions()).rejects.toMatchObject({
    status: 0,
    message: expect.stringContaining("연결이 끊겼습니다"),
  });
  server = await FakeHaedap.start();
});

test.each([
  "https://evil.example/v1/",
  "//evil.example/v1/",
  "/v2/faqs",
  "/v1/../admin",
  "/v1/%2e%2e/admin",
  "/v1/..\\admin",
  "javascript:alert(1)",
  "",
])("a bubble that leads to %j is not followed", (path) => {
  expect(isOwnPath(path)).toBe(false);
  expect(() => server.api.tap(path, {})).toThrow();
  expect(server.requests).toEqual([]);
});

test("a session id is a random UUID of version 4", () => {
  const made = new Set(Array.from({ length: 100 }, newSessionId));
  expect(made.size).toBe(100);
  for (const id of made) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
