/** Operators' calls: how they are addressed, and what becomes of refusals. */
import { Blob as NodesBlob } from "node:buffer";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AdminApi } from "../src/api/admin";
import { ApiError } from "../src/api/errors";
import { FakeHaedap } from "./fakeHaedap";

let server: FakeHaedap;
let api: AdminApi;
beforeEach(async () => {
  server = await FakeHaedap.start();
  api = new AdminApi("ha_k", server.address("/").origin);
});
afterEach(() => server.stop());

test("the key goes in a header, and an id with a slash stays one part of the path", async () => {
  server.on("GET /v1/admin/bots/default/contents/a/b", { json: {} });
  await api.get("/v1/admin/bots/{bot_id}/contents/{faq_id}", { path: { bot_id: "default", faq_id: "a/b" } });
  const [request] = server.requests;
  expect(request?.headers.authorization).toBe("Bearer ha_k");
  expect(request?.headers.cookie).toBeUndefined();
});

test("what is not asked for is left out of the query", async () => {
  server.on("GET /v1/admin/bots/default/contents", { json: { contents: [] } });
  await api.get("/v1/admin/bots/{bot_id}/contents", {
    path: { bot_id: "default" },
    query: { q: "", category: null, which: "drafted", limit: 5 },
  });
  expect(server.requests[0]?.query).toEqual({ which: "drafted", limit: "5" });
});

test("an answer without a body is nothing", async () => {
  server.on("DELETE /v1/admin/bots/default/draft", { status: 204 });
  const gone = await api.delete("/v1/admin/bots/{bot_id}/draft", {
    path: { bot_id: "default" },
    query: { based_on: "b" },
  });
  expect(gone).toBeUndefined();
});

test("a file comes with the name that the server gives it", async () => {
  server.on("GET /v1/admin/bots/default/insights.csv", {
    json: "날짜",
    headers: { "Content-Disposition": 'attachment; filename="insights-default.csv"' },
  });
  const { name, blob } = await api.file("/v1/admin/bots/{bot_id}/insights.csv", { path: { bot_id: "default" } });
  expect(name).toBe("insights-default.csv");
  expect(await blob.text()).toContain("날짜");
});

const EXPORT = "/v1/admin/bots/{bot_id}/history/export";
const FILE = gzipSync("질문\n".repeat(9_000));
const PACKED = { "Content-Type": "application/gzip", "Content-Disposition": 'attachment; filename="history.csv.gz"' };

test("a packed file is unpacked, and called as what it is", async () => {
  server.on("GET /v1/admin/bots/default/history/export", { raw: FILE, headers: PACKED });
  const { name, blob } = await api.file(EXPORT, { path: { bot_id: "default" }, query: { gzip: true } });
  expect(name).toBe("history.csv");
  expect(await blob.text()).toBe("질문\n".repeat(9_000));
});

test.each([
  { how: "ends too early, as if it were whole", raw: FILE.subarray(0, -1) },
  { how: "never begins", raw: "" },
  { how: "loses its connection", raw: FILE.subarray(0, 40), breaks: true },
])("a file that $how is no file", async ({ how: _, ...reply }) => {
  server.on("GET /v1/admin/bots/default/history/export", { ...reply, headers: PACKED });
  await expect(api.file(EXPORT, { path: { bot_id: "default" } })).rejects.toMatchObject({ code: "broken_off" });
});

test("a refused form tells each field that is wrong", async () => {
  const problems = [{ path: "title", message: "내용을 적어 주세요." }];
  server.on("POST /v1/admin/bots/default/contents", {
    status: 422,
    json: { error_message: "입력값이 올바르지 않습니다.", code: "invalid_fields", problems },
  });
  const refused = api.post("/v1/admin/bots/{bot_id}/contents", {
    path: { bot_id: "default" },
    body: { content: {} },
  });
  await expect(refused).rejects.toSatisfy(
    (error) => error instanceof ApiError && error.status === 422 && error.problems[0]?.path === "title",
  );
});

test("a file is sent as it is", async () => {
  server.on("POST /v1/admin/bots/default/contents/import", { json: {} });
  const file = new NodesBlob(["ID,제목\r\n"]) as Blob; // Node's `fetch` does not read jsdom's
  await api.upload("/v1/admin/bots/{bot_id}/contents/import", file, {
    path: { bot_id: "default" },
    query: { format: "csv" },
  });
  const [request] = server.requests;
  expect([request?.headers["content-type"], request?.text]).toEqual(["application/octet-stream", "ID,제목\r\n"]);
});
