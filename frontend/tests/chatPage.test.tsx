/** The page as a customer finds it: a greeting, topics, questions that others ask; the sources of an answer. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FakeHaedap } from "./fakeHaedap";
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

describe("an empty conversation of a bot that others asked", () => {
  const questions = ["가", "나", "다", "라"].map((name) => [name, `/v1/faqs/${name}/ask`]);
  const list = { bubble_id: "p1", bubble_type: "faq_list", description: "많이 찾는 질문이에요." };

  test("shows some of their questions, which are a tap away", async () => {
    server.on("GET /v1/faqs/popular", { json: { bubbles: [{ ...list, info_map: Object.fromEntries(questions) }] } });
    server.on("POST /v1/faqs/나/ask", { json: { bubbles: [{ ...list, description: "답입니다." }] } });
    showPage(server);
    await screen.findByText("많이 찾는 질문이에요.");
    const offered = screen.getAllByRole("button", { name: /[가나다라]$/ }); // with their numbers in the list
    expect(offered.map((one) => one.textContent)).toEqual(["1가", "2나", "3다"]);
    await userEvent.click(screen.getByRole("button", { name: /나$/ }));
    expect(await screen.findByText("답입니다.")).toBeTruthy();
  });

  test("shows none where the bot has nothing to offer", async () => {
    server.on("GET /v1/faqs/popular", {
      json: { bubbles: [{ ...list, bubble_type: "text", description: "적어 주세요." }] },
    });
    showPage(server);
    await screen.findByText("안녕하세요! 무엇을 도와드릴까요?");
    await waitFor(() => expect(server.asked("GET /v1/faqs/popular")).toHaveLength(1));
    expect(screen.queryByText("적어 주세요.")).toBeNull();
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

describe("sources", () => {
  async function answered() {
    server
      .nextAnswer()
      .say("다음 영업일입니다. [1]")
      .send("bubble", { bubble_id: "b2", bubble_type: "notice", description: "확인이 필요해요" })
      .send("bubble", { bubble_id: "b3", bubble_type: "similar_questions", description: "이어서", info_map: {} })
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

  test("stand under the answer, above what leads on from it", async () => {
    const chip = await answered();
    const behind = (text: string) =>
      chip.compareDocumentPosition(screen.getByText(text)) & Node.DOCUMENT_POSITION_FOLLOWING;
    expect(["확인이 필요해요", "이어서"].map((text) => behind(text) !== 0)).toEqual([false, true]);
  });

  test("open the FAQ with the title that was met marked, and its date", async () => {
    server.on("GET /v1/faqs/settle-001", {
      json: {
        faq_id: "settle-001",
        title: "정산은 언제 되나요?",
        content: "구매 확정 **다음 영업일**에 됩니다.",
        service_answers: { 일반배송: "구매 확정 **다음 영업일**에", 가온배송: "주 단위로 됩니다." },
        category: "정산",
        url: "https://help.gaonmarket.example/faq/settle-001",
        updated_at: "2026-11-21T16:00:00Z",
      },
    });
    await userEvent.click(await answered());
    const panel = within(await screen.findByRole("dialog"));
    expect((await panel.findByText("다음 영업일")).tagName).toBe("STRONG");
    expect(panel.getByText("주 단위로 됩니다.")).toBeTruthy(); // what the answer may rest on
    expect(panel.getAllByRole("heading", { level: 4 }).map((one) => one.textContent)).toEqual(["가온배송"]);
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
