/** Feedback: asked for below an answer, dimmed once it is given, never given twice. */
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeHaedap, turn } from "./fakeHaedap";
import { ask, showPage } from "./showPage";

let server: FakeHaedap;
beforeEach(async () => {
  server = await FakeHaedap.start();
});
afterEach(() => server.stop());

const request = {
  bubble_id: "f1",
  bubble_type: "feedback_request" as const,
  description: "답변이 도움이 되었나요?",
  info_map: {
    "도움이 됐어요": "/v1/feedback?bot=default&request_id=C1&helpful=true",
    아쉬워요: "/v1/feedback/form?bot=default&request_id=C1",
  },
};
function invitation(chatId: string) {
  const info_map = { "도움이 됐어요": `/v1/feedback?bot=default&request_id=${chatId}&helpful=true` };
  return { ...request, bubble_id: `${chatId}-f1`, info_map };
}

const thanks = { bubbles: [{ bubble_id: "b1", bubble_type: "text", description: "의견 감사합니다." }] };

async function answered(): Promise<void> {
  server
    .nextAnswer()
    .say("내일입니다.")
    .done({ feedback: { bubbles: [request] } });
  showPage(server);
  await ask("언제?");
  await screen.findByText("답변이 도움이 되었나요?");
}

const button = (name: string) => screen.getByRole<HTMLButtonElement>("button", { name });

test("dims once it is given", async () => {
  server.on("POST /v1/feedback", { status: 201, json: thanks });
  await answered();
  await userEvent.click(button("도움이 됐어요"));
  await waitFor(() => expect(document.activeElement).toBe(screen.getByText("의견 감사합니다.")));
  expect(button("도움이 됐어요").disabled).toBe(true);
  expect(button("아쉬워요").disabled).toBe(true);
  expect(server.asked("POST /v1/feedback")[0]?.query).toMatchObject({ request_id: "C1", helpful: "true" });
});

test("that was given elsewhere dims with what the server says", async () => {
  server.on("POST /v1/feedback", {
    status: 409,
    json: { error_message: "이미 의견을 남겨 주셨어요.", code: "feedback_given" },
  });
  await answered();
  await userEvent.click(button("도움이 됐어요"));
  expect(await screen.findByText("이미 의견을 남겨 주셨어요.")).toBeTruthy();
  expect(button("도움이 됐어요").disabled).toBe(true);
});

test("that failed is sent again as it was", async () => {
  server.on("POST /v1/feedback", { status: 503, json: { error_message: "점검 중입니다.", code: "store_unavailable" } });
  await answered();
  await userEvent.click(button("도움이 됐어요"));
  expect(await screen.findByText("점검 중입니다.")).toBeTruthy();
  expect(button("도움이 됐어요").disabled).toBe(false);
  await waitFor(() => expect(document.activeElement).toBe(button("다시 시도")));
  server.on("POST /v1/feedback", { status: 201, json: thanks });
  await userEvent.keyboard("{Enter}");
  await waitFor(() => expect(document.activeElement).toBe(screen.getByText("의견 감사합니다.")));
  expect(screen.queryByText("점검 중입니다.")).toBeNull();
  const [first, second] = server.asked("POST /v1/feedback");
  expect(second?.query).toEqual(first?.query);
});

test("with a form: what was bad is ticked and sent, then all of it dims", async () => {
  const next_action = "/v1/feedback?bot=default&request_id=C1&helpful=false";
  server.on("POST /v1/feedback/form", {
    json: {
      bubbles: [
        {
          bubble_id: "f1",
          bubble_type: "feedback_form",
          description: "어떤 점이 아쉬우셨나요?",
          next_action,
          guide_text: "의견 보내기",
          info_map: { "답이 틀려요": `${next_action}&reason_codes=wrong` },
        },
      ],
    },
  });
  server.on("POST /v1/feedback", { status: 201, json: thanks });
  await answered();
  await userEvent.click(button("아쉬워요"));
  const reason = await screen.findByLabelText("답이 틀려요");
  await waitFor(() => expect(document.activeElement).toBe(reason));
  await userEvent.keyboard(" ");
  expect(button("도움이 됐어요").disabled).toBe(false); // nothing is given yet
  await userEvent.click(button("의견 보내기"));
  await waitFor(() => expect(document.activeElement).toBe(screen.getByText("의견 감사합니다.")));
  await waitFor(() => expect(button("도움이 됐어요").disabled).toBe(true));
  expect(server.asked("POST /v1/feedback")[0]?.body).toEqual({ reason_codes: ["wrong"] });
});

test("after a reload nothing is asked for what the server does not invite to rate", async () => {
  sessionStorage.setItem("haedap.session.default", "0192d5f0-7b1e-4c3a-9d4e-5f6a7b8c9d0e");
  const text = { bubble_id: "b1", bubble_type: "text" as const, description: "내일입니다." };
  server.turns = [turn({ decision: "answer", bubbles: [text] })];
  showPage(server);
  await screen.findByText("내일입니다.");
  expect(screen.queryByText("답변이 도움이 되었나요?")).toBeNull();
});

test("after a reload it is asked for what was not rated, and thanked for what was", async () => {
  sessionStorage.setItem("haedap.session.default", "0192d5f0-7b1e-4c3a-9d4e-5f6a7b8c9d0e");
  server.turns = [
    turn({ decision: "answer", feedback: { helpful: true, reason_codes: [] } }),
    turn({ chat_id: "C2", decision: "refuse", invitation: { bubbles: [invitation("C2")] } }),
  ];
  server.on("POST /v1/feedback", { status: 201, json: thanks });
  showPage(server);
  expect(await screen.findByText("의견을 보내 주셔서 감사합니다.")).toBeTruthy();
  await userEvent.click(button("도움이 됐어요"));
  await waitFor(() => expect(server.asked("POST /v1/feedback")[0]?.query["request_id"]).toBe("C2"));
});
