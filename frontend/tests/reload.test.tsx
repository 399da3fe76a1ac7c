/** The page after a reload. */
import { fireEvent, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeHaedap, turn } from "./fakeHaedap";
import { showPage } from "./showPage";

let server: FakeHaedap;
beforeEach(async () => {
  server = await FakeHaedap.start();
});
afterEach(() => server.stop());

describe("a reload", () => {
  const id = "0192d5f0-7b1e-4c3a-9d4e-5f6a7b8c9d0e";

  test("shows what was said, and follows an answer that is still coming", async () => {
    sessionStorage.setItem("haedap.session.default", id);
    const text = { bubble_id: "b1", bubble_type: "text" as const, description: "내일입니다." };
    server.turns = [
      turn({ bubbles: [text], decision: "answer" }),
      turn({ chat_id: "C2", user_message: "모레?", status: "running", streaming_id: "S1" }),
    ];
    const stream = server.nextAnswer().say("모레");
    showPage(server);
    expect(await screen.findByText("내일입니다.")).toBeTruthy();
    expect(await screen.findByText("모레")).toBeTruthy();
    stream.say("입니다.").done({ chat_id: "C2" });
    expect(await screen.findByText("모레입니다.")).toBeTruthy();
    expect(server.asked(`GET /v1/sessions/${id}/chats`)).toHaveLength(1);
  });

  test("whose tab remembers what is no session begins a new one", async () => {
    sessionStorage.setItem("haedap.session.default", "../../v1/admin?x=");
    showPage(server);
    expect(await screen.findByText("안녕하세요! 무엇을 도와드릴까요?")).toBeTruthy();
    expect(server.requests.some(({ path }) => path.includes("admin"))).toBe(false);
  });

  test.each(["{", "[null, 1, {}]", '{"after": null}'])("whose tab remembers %s of lists shows none", async (lists) => {
    sessionStorage.setItem("haedap.session.default", id);
    sessionStorage.setItem(`haedap.lists.${id}`, lists);
    server.turns = [turn({ user_message: "하나" })];
    showPage(server);
    expect(await screen.findByText("하나")).toBeTruthy();
    expect(screen.getAllByRole("listitem").length).toBeGreaterThan(0);
  });

  test("shows the lists that were opened, too", async () => {
    server.on("POST /v1/faqs/popular", {
      json: { bubbles: [{ bubble_id: "b1", bubble_type: "faq_list", description: "정산의 인기 질문" }] },
    });
    const entry = { bubble_id: "b1", bubble_type: "category_list", description: "골라 주세요" };
    server.on("GET /v1/faqs/categories", {
      json: { bubbles: [{ ...entry, info_map: { 정산: "/v1/faqs/popular?category=정산" } }], expression: "SMILE" },
    });
    const { unmount } = showPage(server);
    await userEvent.click(await screen.findByRole("button", { name: "정산" }));
    await screen.findByText("정산의 인기 질문");
    unmount();
    showPage(server);
    expect(await screen.findByText("정산의 인기 질문")).toBeTruthy();
    expect(screen.getByRole("button", { name: "다시 묻기" })).toBeTruthy();
    expect(screen.queryByRole("button", { name: "질문 고치기" })).toBeNull();
  });

  test("offers to ask again what was interrupted", async () => {
    sessionStorage.setItem("haedap.session.default", id);
    server.turns = [turn({ status: "interrupted" })];
    server.nextAnswer().say("내일입니다.").done();
    showPage(server);
    expect(await screen.findByText("답변이 중단되었어요.")).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "다시 묻기" }));
    expect(await screen.findByText("내일입니다.")).toBeTruthy();
    expect(server.questions[0]?.body["replaces"]).toBe("C1");
  });

  test("that fails is tried again when there is a network again", async () => {
    sessionStorage.setItem("haedap.session.default", id);
    server.on(`GET /v1/sessions/${id}/chats`, {
      status: 503,
      json: { error_message: "점검 중입니다.", code: "unknown" },
    });
    showPage(server);
    expect(await screen.findByText("점검 중입니다.")).toBeTruthy();
    server.on(`GET /v1/sessions/${id}/chats`, { json: [turn({ user_message: "하나" })] });
    fireEvent(window, new Event("online"));
    expect(await screen.findByText("하나")).toBeTruthy();
    expect(screen.queryByText("점검 중입니다.")).toBeNull();
  });

  test("that fails is tried again", async () => {
    sessionStorage.setItem("haedap.session.default", id);
    server.on(`GET /v1/sessions/${id}/chats`, {
      status: 503,
      json: { error_message: "점검 중입니다.", code: "store_unavailable" },
    });
    showPage(server);
    expect(await screen.findByText("점검 중입니다.")).toBeTruthy();
    server.on(`GET /v1/sessions/${id}/chats`, { json: [turn({ user_message: "하나" })] });
    await userEvent.click(screen.getByRole("button", { name: "다시 시도" }));
    expect(await screen.findByText("하나")).toBeTruthy();
  });
});
