/** The page as a customer uses it, from the first question on. */
import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeHaedap, missing, turn } from "./fakeHaedap";
import { ask, showPage } from "./showPage";

let server: FakeHaedap;
beforeEach(async () => {
  server = await FakeHaedap.start();
});
afterEach(() => server.stop());

const source = {
  n: 1,
  kind: "content",
  source_id: "default",
  faq_id: "settle-001",
  title: "정산은 언제 되나요?",
  matched_subject: "돈은 언제 들어와요?",
  score: 0.93,
  cited: true,
} as const;

describe("an empty conversation", () => {
  test("greets, also where the server knows no categories", async () => {
    showPage(server);
    expect(await screen.findByText("안녕하세요! 무엇을 도와드릴까요?")).toBeTruthy();
    expect(screen.queryByRole("alert")).toBeNull();
  });

  test("begins with the bot's categories, and a tap goes on from there", async () => {
    server.on("GET /v1/faqs/categories", {
      json: {
        bubbles: [
          {
            bubble_id: "b1",
            bubble_type: "category_list",
            description: "골라 주세요",
            info_map: { 정산: "/v1/faqs/popular?category=정산" },
          },
        ],
        expression: "SMILE",
        categories: ["정산"],
        bot: { name: "가온 도우미", min_loading_ms: 0 },
      },
    });
    server.on("POST /v1/faqs/popular", {
      json: { bubbles: [{ bubble_id: "b1", bubble_type: "faq_list", description: "정산의 인기 질문" }] },
    });
    showPage(server);
    await userEvent.click(await screen.findByRole("button", { name: "정산" }));
    expect(await screen.findByText("정산의 인기 질문")).toBeTruthy();
    expect(screen.getAllByRole("heading", { name: "가온 도우미" }).length).toBeGreaterThan(0);
    expect(document.title).toBe("가온 도우미");
  });
});

describe("a bot that there is not", () => {
  test.each([
    [404, "bot_not_found"],
    [422, "invalid_input"],
  ])("is told before anything is asked (%s)", async (status, code) => {
    const none = { status, json: { error_message: "없습니다.", code, bubbles: [] } };
    server.on("GET /v1/faqs/categories", none).on("GET /v1/sessions", none);
    showPage(server);
    expect((await screen.findByRole("alert")).textContent).toContain("챗봇을 찾을 수 없습니다.");
    await waitFor(() => expect(server.asked("GET /v1/sessions")).toHaveLength(1));
    expect(screen.getAllByRole("alert")).toHaveLength(1); // the list that cannot be there either is not told beside it
    expect(screen.getByRole<HTMLTextAreaElement>("textbox", { name: "질문" }).disabled).toBe(true);
    expect(screen.queryByText("안녕하세요! 무엇을 도와드릴까요?")).toBeNull();
  });
});

describe("a question", () => {
  test("is no longer than the server takes", async () => {
    server.on("GET /v1/faqs/categories", {
      json: { bubbles: [], expression: "SMILE", categories: [], max_question_characters: 30 },
    });
    showPage(server);
    const field = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "질문" });
    await waitFor(() => expect(field.maxLength).toBe(30));
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

describe("sources", () => {
  async function answered() {
    server
      .nextAnswer()
      .say("다음 영업일입니다. [1]")
      .send("sources", { sources: [source, { ...source, n: 2, cited: false }] })
      .done();
    showPage(server);
    await ask("정산은 언제?");
    return screen.findByRole("button", { name: "출처 1: 정산은 언제 되나요?" });
  }

  test("are chips of what is cited; a citation leads to its chip", async () => {
    const chip = await answered();
    expect(screen.queryByRole("button", { name: /출처 2/ })).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "출처 1번으로 가기" }));
    expect(document.activeElement).toBe(chip);
  });

  test("open the FAQ with the title that was met marked, and its date", async () => {
    server.on("GET /v1/faqs/settle-001", {
      json: {
        faq_id: "settle-001",
        title: "정산은 언제 되나요?",
        content: "구매 확정 **다음 영업일**에 됩니다.",
        category: "정산",
        url: "https://help.gaonmarket.example/faq/settle-001",
        updated_at: "2026-11-21T16:00:00Z",
      },
    });
    await userEvent.click(await answered());
    const panel = within(await screen.findByRole("dialog"));
    expect((await panel.findByText("다음 영업일")).tagName).toBe("STRONG");
    expect(panel.getByText("돈은 언제 들어와요?").tagName).toBe("MARK");
    expect(panel.getByText("2026년 11월 22일 수정")).toBeTruthy(); // the day in Seoul
    expect(panel.getByRole("link", { name: /원문 보기/ }).getAttribute("href")).toContain("settle-001");
    await userEvent.click(panel.getByRole("button", { name: "닫기" }));
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  test("whose FAQ cannot be read say why", async () => {
    await userEvent.click(await answered());
    expect(await within(screen.getByRole("dialog")).findByText("없습니다.")).toBeTruthy();
  });
});

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
