/** A question on the page: typed, answered, stopped, edited. */
import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeHaedap, missing } from "./fakeHaedap";
import { ask, showPage } from "./showPage";

let server: FakeHaedap;
beforeEach(async () => {
  server = await FakeHaedap.start();
});
afterEach(() => server.stop());

describe("a question", () => {
  test("is no longer than the server takes", async () => {
    server.on("GET /v1/faqs/categories", {
      json: { bubbles: [], expression: "SMILE", categories: [], max_question_characters: 30 },
    });
    showPage(server);
    const field = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "질문" });
    await waitFor(() => expect(field.maxLength).toBe(30));
    fireEvent.change(field, { target: { value: "가".repeat(29) } });
    expect(screen.queryByText(/까지 쓸 수/)).toBeNull();
    fireEvent.change(field, { target: { value: "가".repeat(30) } });
    expect(screen.getByText("질문은 30자까지 쓸 수 있어요.")).toBeTruthy();
  });

  test("that is pasted and too long says that its end is left out", async () => {
    server.on("GET /v1/faqs/categories", { json: { bubbles: [], max_question_characters: 30 } });
    showPage(server);
    const field = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "질문" });
    await waitFor(() => expect(field.maxLength).toBe(30));
    await userEvent.click(field);
    await userEvent.paste("가".repeat(31));
    expect(field.value).toHaveLength(30);
    expect(screen.getByText(/붙여 넣은 글의 뒷부분은 빠졌어요/)).toBeTruthy();
    await userEvent.type(field, "{Backspace}");
    expect(screen.queryByText(/빠졌어요/)).toBeNull();
  });

  test("whose answer broke is not asked how that was", async () => {
    const bubbles = [{ bubble_id: "b2", bubble_type: "error" as const, description: "지금은 어렵습니다." }];
    const feedback = {
      bubbles: [{ bubble_id: "f1", bubble_type: "feedback_request" as const, description: "도움이 되었나요?" }],
    };
    server
      .nextAnswer()
      .send("error", { code: "llm_unavailable", error_message: "", expression: "CRYING", bubbles, feedback });
    showPage(server);
    await ask("하나");
    await screen.findByText("지금은 어렵습니다.");
    expect(screen.queryByText("도움이 되었나요?")).toBeNull();
  });

  test("is answered as the answer comes; what may be asked next is a tap away", async () => {
    const stream = server.nextAnswer().send("status", { step: "searching" });
    showPage(server);
    await ask("정산은 언제?");
    expect(await screen.findByText("도움말을 찾고 있어요")).toBeTruthy();
    stream.say("**다음 영업일**");
    expect(await screen.findByText("다음 영업일")).toBeTruthy();
    expect(screen.queryByText("검색 완료")).toBeNull();
    const suggested = {
      bubble_id: "b2",
      bubble_type: "similar_questions",
      description: "이어서 이런 질문도 볼 수 있어요.",
      info_map: { "계좌를 바꾸고 싶어요": "/v1/faqs/popular?bot=default" },
    } as const;
    stream.send("bubble", suggested).done();
    expect(await screen.findByText("검색 완료")).toBeTruthy();

    const text = { bubble_id: "b1", bubble_type: "text", description: "바꾸실 수 있어요." };
    server.on("POST /v1/faqs/popular", { json: { bubbles: [text] } });
    const chip = screen.getByRole("button", { name: "계좌를 바꾸고 싶어요" });
    expect(chip.className).toContain("rounded-full");
    await userEvent.click(chip);
    expect(await screen.findByText("바꾸실 수 있어요.")).toBeTruthy();
    expect(screen.getAllByText("검색 완료")).toHaveLength(1);
  });

  test("that is asked before the bot has said how long an answer is typed at least waits for that", async () => {
    server.on("GET /v1/faqs/categories", {
      afterMs: 400,
      json: { bubbles: [], expression: "SMILE", categories: [], bot: { name: "가온 도우미", min_loading_ms: 700 } },
    });
    server.nextAnswer().say("내일입니다.").done();
    showPage(server);
    const field = await screen.findByRole("textbox", { name: "질문" });
    const asked = Date.now();
    fireEvent.change(field, { target: { value: "언제?" } });
    fireEvent.keyDown(field, { key: "Enter" });
    await screen.findByText("내일입니다.");
    expect(Date.now() - asked).toBeGreaterThanOrEqual(699);
  });

  test("whose bot's entry fails is answered", async () => {
    server.on("GET /v1/faqs/categories", { afterMs: 100, status: 503 });
    server.nextAnswer().say("내일입니다.").done();
    showPage(server);
    await ask("언제?");
    expect(await screen.findByText("내일입니다.")).toBeTruthy();
  });

  test("is not sent by the Enter that ends a Hangul syllable, nor by Shift+Enter, nor empty", async () => {
    showPage(server);
    const field = await screen.findByRole("textbox", { name: "질문" });
    await userEvent.type(field, "   {Enter}");
    await userEvent.type(field, "정산");
    fireEvent.keyDown(field, { key: "Enter", isComposing: true });
    fireEvent.keyDown(field, { key: "Enter", shiftKey: true });
    expect(server.questions).toHaveLength(0);
    server.nextAnswer().say("네").done();
    fireEvent.keyDown(field, { key: "Enter" });
    await waitFor(() => expect(server.questions).toHaveLength(1));
  });

  test("that is a script is shown as text", async () => {
    server.nextAnswer().say("<img src=x onerror=alert(1)>").done();
    const { container } = showPage(server);
    await userEvent.click(await screen.findByRole("textbox", { name: "질문" }));
    await userEvent.paste("<script>alert(1)</script>");
    await userEvent.keyboard("{Enter}");
    expect(await screen.findByText("<script>alert(1)</script>")).toBeTruthy();
    expect(await screen.findByText("<img src=x onerror=alert(1)>")).toBeTruthy();
    expect(container.querySelector("script, img")).toBeNull();
  });

  test("that cannot be asked says why, and is tried again", async () => {
    const sessionsFail = { status: 429, json: { error_message: "천천히 물어봐 주세요.", code: "rate_limited" } };
    showPage(server);
    let tries = 0;
    const path = () => server.questions[0]?.path ?? "";
    await screen.findByText("안녕하세요! 무엇을 도와드릴까요?");
    const reply = server["reply"].bind(server);
    server["reply"] = (received) =>
      received.path.endsWith("/chats") && tries++ === 0 ? sessionsFail : reply(received);
    await ask("정산은 언제?");
    expect(await screen.findByText("천천히 물어봐 주세요.")).toBeTruthy();
    server.answers.push(missing);
    server.nextAnswer().say("내일입니다.").done();
    await userEvent.click(screen.getByRole("button", { name: "다시 시도" }));
    expect(await screen.findByText("내일입니다.")).toBeTruthy();
    expect(path()).toMatch(/^\/v1\/sessions\/[0-9a-f-]{36}\/chats$/);
  });

  test("the last one is edited and replaces its turn; an earlier one cannot be", async () => {
    server.nextAnswer().say("첫 답").done({ chat_id: "C1" });
    server.nextAnswer().say("둘째 답").done({ chat_id: "C2" });
    server.nextAnswer().say("고친 답").done({ chat_id: "C3" });
    showPage(server);
    await ask("하나");
    await screen.findByText("첫 답");
    await ask("둘");
    await screen.findByText("둘째 답");
    await userEvent.click(screen.getByRole("button", { name: "질문 고치기" }));
    const field = screen.getByRole("textbox", { name: "고친 질문" });
    expect(document.activeElement).toBe(field);
    await userEvent.clear(field);
    await userEvent.type(field, "셋{Enter}");
    expect(await screen.findByText("고친 답")).toBeTruthy();
    expect(screen.queryByText("둘째 답")).toBeNull();
    expect(screen.getByText("첫 답")).toBeTruthy();
    expect(server.questions[2]?.body).toEqual({ user_message: "셋", replaces: "C2" });
  });

  test("that is edited and not taken is given back, with the reason; the answer stays", async () => {
    server.nextAnswer().say("첫 답").done({ chat_id: "C1" });
    showPage(server);
    await ask("하나");
    await screen.findByText("첫 답");
    const [asked] = server.questions;
    server.on(`POST ${asked?.path}`, { status: 503, json: { error_message: "점검 중입니다.", code: "unknown" } });
    await userEvent.click(screen.getByRole("button", { name: "질문 고치기" }));
    const field = screen.getByRole<HTMLTextAreaElement>("textbox", { name: "고친 질문" });
    await userEvent.clear(field);
    await userEvent.type(field, "둘{Enter}");
    expect(await screen.findByRole("alert")).toHaveProperty("textContent", "점검 중입니다.");
    expect(field.value).toBe("둘");
    expect(screen.getByText("첫 답")).toBeTruthy();
  });

  test("whose editing is given up has the focus on what began it", async () => {
    server.nextAnswer().say("내일입니다.").done();
    showPage(server);
    await ask("언제?");
    const edit = { name: "질문 고치기" };
    await userEvent.click(await screen.findByRole("button", edit));
    fireEvent.keyDown(screen.getByRole("textbox", { name: "고친 질문" }), { key: "Escape", isComposing: true });
    expect(screen.getByRole("textbox", { name: "고친 질문" })).toBeTruthy(); // that ended a syllable
    await userEvent.keyboard("{Escape}");
    expect(screen.queryByRole("textbox", { name: "고친 질문" })).toBeNull();
    expect(document.activeElement).toBe(screen.getByRole("button", edit));
  });

  test("is answered until it is stopped, then asked again", async () => {
    const stream = server
      .nextAnswer()
      .send("accepted", { request_id: "C1", session_id: "s", chat_id: "C1" })
      .say("조각");
    server.on("DELETE /v1/streaming/S1", () => {
      stream.done({ search_completed: false, decision: null });
      return { status: 204 };
    });
    const { container } = showPage(server);
    await ask("하나");
    await screen.findByText("조각");
    screen.getByRole("button", { name: "멈추기" }).focus();
    await userEvent.keyboard("{Enter}");
    expect(document.activeElement).toBe(screen.getByRole("textbox", { name: "질문" }));
    expect(await screen.findAllByText("답변을 멈췄어요.")).toHaveLength(2); // seen, and heard
    expect(container.querySelector('[aria-live="polite"]')?.textContent).toBe("답변을 멈췄어요.");
    server.nextAnswer().say("새 답").done();
    await userEvent.click(screen.getByRole("button", { name: "다시 묻기" }));
    expect(await screen.findByText("새 답")).toBeTruthy();
    expect(screen.queryByText("조각")).toBeNull();
  });

  test("its answer is said to a screen reader once, when it is whole", async () => {
    const stream = server.nextAnswer();
    const { container } = showPage(server);
    await ask("하나");
    const heard: string[] = [];
    const region = container.querySelector('[aria-live="polite"]');
    new MutationObserver(() => heard.push(region?.textContent ?? "")).observe(region as Element, {
      childList: true,
      characterData: true,
      subtree: true,
    });
    for (const piece of ["정산은 ", "내일", "입니다."]) {
      stream.say(piece);
      await act(() => new Promise((resume) => setTimeout(resume, 20)));
    }
    stream.done();
    await waitFor(() => expect(heard.at(-1)).toBe("답변: 정산은 내일입니다."));
    expect(heard).toHaveLength(1);
    expect(container.querySelectorAll("[role=log]")).toHaveLength(0);
  });
});
