/** The list of conversations: opened, searched, renamed, deleted after a question. */
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeHaedap, session, turn } from "./fakeHaedap";
import { ask, showPage } from "./showPage";

let server: FakeHaedap;
const one = session();
const other = session({
  session_id: "11111111-7b1e-4c3a-9d4e-5f6a7b8c9d0e",
  first_message: "배송비는요?",
  title: "배송 문의",
});
beforeEach(async () => {
  server = await FakeHaedap.start();
  server.sessions = [one, other];
});
afterEach(() => server.stop());

test("is opened by a click, and a new conversation is begun by another", async () => {
  server.turns = [turn({ user_message: "배송비는요?" })];
  showPage(server);
  await userEvent.click(await screen.findByRole("button", { name: "배송 문의" }));
  expect(await screen.findByText("배송비는요?")).toBeTruthy();
  expect(screen.getByRole("button", { name: "배송 문의" }).getAttribute("aria-current")).toBe("true");
  expect(sessionStorage.getItem("haedap.session.default")).toBe(other.session_id);
  await userEvent.click(screen.getAllByRole("button", { name: "새 대화" })[0] as HTMLElement);
  expect(await screen.findByText("안녕하세요! 무엇을 도와드릴까요?")).toBeTruthy();
  expect(sessionStorage.getItem("haedap.session.default")).toBeNull();
});

test("what is typed and not sent is kept for each conversation", async () => {
  showPage(server);
  const field = () => screen.findByRole<HTMLTextAreaElement>("textbox", { name: "질문" });
  const open = async (name: string) =>
    userEvent.click((await screen.findAllByRole("button", { name }))[0] as HTMLElement);
  await userEvent.type(await field(), "새로 물을 말");
  await open("배송 문의");
  expect((await field()).value).toBe("");
  await userEvent.type(await field(), "이어서 물을 말");
  await open("새 대화");
  expect((await field()).value).toBe("새로 물을 말");
  await open("배송 문의");
  expect((await field()).value).toBe("이어서 물을 말");
});

test("a new conversation is listed as soon as its first question is taken", async () => {
  server.sessions = [];
  showPage(server);
  expect(await screen.findByText("아직 대화가 없습니다.")).toBeTruthy();
  server.sessions = [one];
  server.nextAnswer().say("네");
  await ask("정산은 언제 되나요?");
  expect(await screen.findByRole("button", { name: one.first_message })).toBeTruthy();
});

test("is searched by its name and by what it began with", async () => {
  showPage(server);
  const field = await screen.findByRole("searchbox", { name: "대화 검색" });
  await userEvent.type(field, "배송비");
  expect(screen.queryByRole("button", { name: one.first_message })).toBeNull();
  expect(screen.getByRole("button", { name: "배송 문의" })).toBeTruthy();
  await userEvent.type(field, " 없는말");
  expect(screen.getByText("찾으시는 대화가 없습니다.")).toBeTruthy();
});

test("is renamed", async () => {
  server.on(`PATCH /v1/sessions/${one.session_id}`, ({ body }) => {
    server.sessions = [{ ...one, title: String(body["title"]) }, other];
    return { json: server.sessions[0] };
  });
  showPage(server);
  await userEvent.click(await screen.findByRole("button", { name: `'${one.first_message}' 이름 바꾸기` }));
  const field = within(screen.getByRole("dialog")).getByRole("textbox", { name: "새 이름" });
  await userEvent.clear(field);
  await userEvent.type(field, "  정산일{Enter}");
  expect(await screen.findByRole("button", { name: "정산일" })).toBeTruthy();
  expect(screen.queryByRole("dialog")).toBeNull();
});

test("is deleted only after a question; the one that is shown makes place for a new one", async () => {
  sessionStorage.setItem("haedap.session.default", one.session_id);
  server.turns = [turn({ user_message: "정산은 언제 되나요?" })];
  server.on(`DELETE /v1/sessions/${one.session_id}`, () => {
    server.sessions = [other];
    return { status: 204 };
  });
  showPage(server);
  const open = async () => userEvent.click(await screen.findByRole("button", { name: `'${one.first_message}' 삭제` }));
  await open();
  await userEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "취소" }));
  expect(server.asked(`DELETE /v1/sessions/${one.session_id}`)).toHaveLength(0);
  await open();
  await userEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "삭제" }));
  await waitFor(() => expect(screen.queryByRole("button", { name: one.first_message })).toBeNull());
  expect(await screen.findByText("안녕하세요! 무엇을 도와드릴까요?")).toBeTruthy();
});

test("that is deleted while another is shown leaves the focus on what begins a new one", async () => {
  sessionStorage.setItem("haedap.session.default", one.session_id);
  server.on(`DELETE /v1/sessions/${other.session_id}`, () => {
    server.sessions = [one];
    return { status: 204 };
  });
  showPage(server);
  const first = other.title ?? other.first_message;
  await userEvent.click(await screen.findByRole("button", { name: `'${first}' 삭제` }));
  await userEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "삭제" }));
  await waitFor(() => expect(screen.queryByRole("button", { name: first })).toBeNull());
  await waitFor(() =>
    expect(document.activeElement).toBe(
      screen.getAllByRole("button", { name: "새 대화" }).find((one) => one.textContent),
    ),
  );
});

test("that cannot be deleted says why and stays", async () => {
  server.on(`DELETE /v1/sessions/${one.session_id}`, {
    status: 503,
    json: { error_message: "점검 중입니다.", code: "store_unavailable" },
  });
  showPage(server);
  await userEvent.click(await screen.findByRole("button", { name: `'${one.first_message}' 삭제` }));
  await userEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "삭제" }));
  expect(await screen.findByText("점검 중입니다.")).toBeTruthy();
  expect(screen.getByRole("button", { name: one.first_message })).toBeTruthy();
});
