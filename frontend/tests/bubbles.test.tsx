/** Bubbles of every type: what they show, where they lead, and what they never do. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fireEvent, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test, vi } from "vitest";
import type { Bubble, BubbleType, Source } from "../src/api/types";
import { BubbleActionsProvider } from "../src/bubbles/actions";
import { BubbleView } from "../src/bubbles/BubbleView";
import { views } from "../src/bubbles/views";
import { spoken } from "../src/chat/plainText";

await import("../src/bubbles/Markdown"); // so that it is there at once

/** Words, and how the server writes them where Markdown is read. */
const TEXTS: Record<string, string> = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../tests/golden/text_in_markdown.json"), "utf8"),
);

function show(bubble: Partial<Bubble>, sources: Source[] = []) {
  const tap = vi.fn();
  const onCite = vi.fn();
  const shown = render(
    <BubbleActionsProvider value={{ tap, disabled: false }}>
      <BubbleView
        bubble={{ bubble_id: "b1", bubble_type: "text", description: "설명", ...bubble }}
        sources={sources}
        onCite={onCite}
      />
    </BubbleActionsProvider>,
  );
  return { ...shown, tap, onCite };
}

const source = {
  n: 1,
  kind: "content",
  source_id: "default",
  faq_id: "f",
  title: "t",
  matched_subject: "t",
  score: 1,
  cited: true,
} as const;

describe("every type", () => {
  test.each(Object.keys(views) as BubbleType[])("%s shows its text", async (bubble_type) => {
    show({ bubble_type, description: "이런 내용이에요", next_action: "/v1/feedback?helpful=false" });
    expect(await screen.findByText("이런 내용이에요")).toBeTruthy();
  });

  test("a type that this page does not know is shown as text", async () => {
    show({ bubble_type: "later" as BubbleType, description: "새로운 것" });
    expect(await screen.findByText("새로운 것")).toBeTruthy();
  });

  test.each(["faq_list", "category_list", "similar_questions", "guide", "feedback_request"] as const)(
    "%s offers its choices in order, but none that leads out of the API",
    async (bubble_type) => {
      const info_map = { 정산: "/v1/faqs/a/ask?bot=default", 나쁨: "https://evil.example/v1/", 배송: "/v1/faqs/b/ask" };
      const { tap } = show({ bubble_type, info_map });
      const buttons = screen.getAllByRole("button");
      expect(buttons.map((one) => one.textContent?.replace(/^\d/, ""))).toEqual(["정산", "배송"]);
      await userEvent.click(buttons[0] as HTMLElement);
      expect(tap).toHaveBeenCalledWith("정산", "/v1/faqs/a/ask?bot=default");
    },
  );

  test("title, badge and icon", async () => {
    show({ bubble_type: "faq_list", title: "인기 질문", badge: "인기", icon: "🔥" });
    expect(await screen.findByRole("heading", { name: "인기 질문" })).toBeTruthy();
    expect(screen.getByText("인기")).toBeTruthy();
  });

  test.each([{ title: "인기 질문" }, { badge: "인기" }, {}])(
    "its icon once, and hidden from who listens: %o",
    async (more) => {
      const { container } = show({
        bubble_type: "faq_list",
        description: "많이 찾는 질문이에요.",
        icon: "🔥",
        ...more,
      });
      await screen.findByText("많이 찾는 질문이에요.");
      expect(container.textContent?.split("🔥")).toHaveLength(2);
      expect(screen.getByText("🔥").getAttribute("aria-hidden")).toBe("true");
    },
  );

  test("the service that an answer is for", async () => {
    show({ bubble_type: "text", description: "3일 안에 와요.", service_type: "가온배송" });
    expect(await screen.findByText("가온배송")).toBeTruthy();
  });

  test.each(["image", "video"] as const)("an %s that does not come is said, its caption stays", (bubble_type) => {
    const source_url = ["https://a.example/1", "https://a.example/2"];
    const { container } = show({ bubble_type, source_url, caption: "화면" });
    const [first] = container.querySelectorAll("img, video");
    fireEvent.error(first as Element);
    expect(screen.getByText(/불러오지 못했어요/)).toBeTruthy();
    expect(screen.getByText("화면")).toBeTruthy();
    expect(container.querySelectorAll("img, video")).toHaveLength(1);
  });

  test("a guide's button goes on in the conversation, its page opens in a new tab", async () => {
    const { tap } = show({
      bubble_type: "guide",
      guide_text: "배송 조회",
      next_action: "/v1/faqs/b/ask",
      guide_url: "https://a.example",
    });
    await userEvent.click(screen.getByRole("button", { name: "배송 조회" }));
    expect(tap).toHaveBeenCalledWith("배송 조회", "/v1/faqs/b/ask");
    expect(screen.getByRole("link").getAttribute("target")).toBe("_blank");
    expect(screen.getByRole("link").getAttribute("rel")).toContain("noopener");
  });

  test("images and videos come over https only", () => {
    const source_url = ["https://a.example/1.png", "http://a.example/2.png", "javascript:alert(1)"];
    const { container, unmount } = show({ bubble_type: "image", source_url, caption: "화면" });
    expect([...container.querySelectorAll("img")].map((one) => one.src)).toEqual(["https://a.example/1.png"]);
    expect(container.querySelector("img")?.alt).toBe("화면");
    unmount();
    const video = show({ bubble_type: "video", source_url, caption: "화면" }).container;
    expect([...video.querySelectorAll("video")].map((one) => one.src)).toEqual(["https://a.example/1.png"]);
  });

  test("the feedback form sends the reasons that are ticked, and words", async () => {
    const next_action = "/v1/feedback?request_id=C1&helpful=false";
    const info_map = {
      "답이 틀려요": `${next_action}&reason_codes=wrong`,
      "너무 길어요": `${next_action}&reason_codes=long`,
    };
    const { tap } = show({ bubble_type: "feedback_form", next_action, info_map, guide_text: "의견 보내기" });
    await userEvent.click(screen.getByLabelText("너무 길어요"));
    await userEvent.type(screen.getByRole("textbox"), "  표가 많아요 ");
    await userEvent.click(screen.getByRole("button", { name: "의견 보내기" }));
    expect(tap).toHaveBeenCalledWith("의견 보내기", next_action, { reason_codes: ["long"], comment: "표가 많아요" });
  });
});

describe("Markdown", () => {
  test("tables, lists and bold", async () => {
    show({ description: "**굵게**\n\n| 유형 | 한도 |\n|---|---|\n| 개인 | 200만 원 |\n\n1. 하나\n2. 둘" });
    expect(within(await screen.findByRole("table")).getByText("200만 원")).toBeTruthy();
    expect(screen.getAllByRole("listitem")).toHaveLength(2);
    expect(screen.getByText("굵게").tagName).toBe("STRONG");
  });

  test("links open in a new tab that knows nothing of this one", async () => {
    show({ description: "[센터](https://a.example/x)" });
    const link = await screen.findByRole("link", { name: "센터" });
    expect([link.getAttribute("target"), link.getAttribute("rel")]).toEqual(["_blank", "noopener noreferrer"]);
  });

  test.each([
    "<script>window.bad = 1</script>",
    '<img src=x onerror="window.bad = 1">',
    "[눌러](javascript:window.bad=1)",
    "[눌러](data:text/html,<script>window.bad=1</script>)",
    "![그림](http://a.example/1.png)",
    '<a href="/v1/sessions" onclick="window.bad=1">눌러</a>',
    "[눌러](/v1/sessions)",
    "[눌러](http://a.example)",
    "http://a.example",
  ])("%s makes neither an element nor a link", async (description) => {
    const { container } = show({ description: `앞 ${description} 뒤` });
    await screen.findByText(/앞/);
    expect(container.querySelector("script, img, a, [onclick], [onerror]")).toBeNull();
    expect("bad" in window).toBe(false);
  });

  test.each(Object.entries(TEXTS))("%s is shown as it is", async (words, description) => {
    const { container } = show({ description: `'${description}'의 답변` });
    await screen.findByText(/답변/);
    expect(container.querySelector(".prose")?.textContent).toBe(`'${words}'의 답변`);
    expect(container.querySelector("a, em, strong, del, code, img")).toBeNull();
    expect(spoken([{ bubble_id: "b1", bubble_type: "text", description: "a\\_b\\*" }])).toBe("a_b*");
  });

  test("footnotes are said in Korean, without links that lead nowhere", async () => {
    const { container } = show({ description: "정산[^1]\n\n[^1]: 영업일 기준입니다." });
    expect(await screen.findByRole("heading", { name: "각주" })).toBeTruthy();
    expect(container.textContent).toContain("영업일 기준입니다.");
    expect(container.textContent).not.toMatch(/Footnotes|↩/);
    expect(container.querySelector("a")).toBeNull();
  });

  test("a range is no stroke, and two tildes are one", async () => {
    const { container } = show({ description: "1~2일, 3~4일 ~~취소~~" });
    expect((await screen.findByText("취소")).tagName).toBe("DEL");
    expect(container.textContent).toContain("1~2일, 3~4일");
  });

  test("a script is shown as the text that it is", async () => {
    show({ description: "<script>alert(1)</script>" });
    expect(await screen.findByText(/<script>alert\(1\)<\/script>/)).toBeTruthy();
  });

  test("a line break, the one tag that tables need, is one", async () => {
    const { container } = show({ description: "| 하나 |\n|---|\n| 둘<br>셋<br/>넷 |" });
    await screen.findByRole("table");
    expect(container.querySelectorAll("td br")).toHaveLength(2);
  });

  test("a citation leads to its source, if there is one; in code and links it is text", async () => {
    const { onCite, container } = show({ description: "내일입니다. [1][2] `[1]` [[1]](https://a.example)" }, [source]);
    const cited = await screen.findAllByRole("button");
    expect(cited).toHaveLength(1);
    expect(container.textContent).toContain("[2]");
    await userEvent.click(cited[0] as HTMLElement);
    expect(onCite).toHaveBeenCalledWith(1);
  });
});
