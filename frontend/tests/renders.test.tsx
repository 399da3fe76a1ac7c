/** In a long conversation, a new token renders one bubble again: the one that grows. */
import { fireEvent, screen, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { BubbleProps } from "../src/bubbles/props";
import { views } from "../src/bubbles/views";
import * as questions from "../src/chat/Question";
import { FakeHaedap, turn } from "./fakeHaedap";
import { showPage } from "./showPage";

const TURNS = 150; // of a question and an answer each: 300 bubbles
let server: FakeHaedap;
beforeEach(async () => {
  server = await FakeHaedap.start();
});
afterEach(() => server.stop());

test("a new token renders one bubble of 300", async () => {
  sessionStorage.setItem("haedap.session.default", "0192d5f0-7b1e-4c3a-9d4e-5f6a7b8c9d0e");
  const text = (n: number) => ({
    bubble_id: "b1",
    bubble_type: "text" as const,
    description: `${n}번째 **답**입니다.`,
  });
  server.turns = Array.from({ length: TURNS }, (_, n) =>
    turn({ chat_id: `C${n}`, user_message: `질문 ${n}`, bubbles: [text(n)] }),
  );
  const bubble = vi.spyOn(views as Record<"text", (props: BubbleProps) => ReactNode>, "text"); // what a bubble is drawn by; it is drawn all the same
  const question = vi.spyOn(questions.Question as unknown as { type: () => unknown }, "type");
  const stream = server.nextAnswer();
  const { container } = showPage(server);
  await screen.findByText("질문 149");
  const field = screen.getByPlaceholderText("궁금한 점을 물어보세요");
  fireEvent.change(field, { target: { value: "끝" } });
  fireEvent.keyDown(field, { key: "Enter" });
  const shows = (text: string) =>
    waitFor(() => expect(container.querySelector("li:last-child .prose")?.textContent).toBe(text));
  stream.say("첫");
  await shows("첫");
  expect(bubble.mock.calls.length).toBeGreaterThanOrEqual(TURNS + 1);
  expect(question.mock.calls.length).toBeGreaterThanOrEqual(TURNS + 1);

  bubble.mockClear();
  question.mockClear();
  stream.say(" 조각");
  await shows("첫 조각");
  expect(bubble.mock.calls.map(([props]) => props.bubble.description)).toEqual(["첫 조각"]);
  expect(question).not.toHaveBeenCalled();
});
