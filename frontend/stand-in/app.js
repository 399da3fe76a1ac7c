// A simple page that really chats; the React chat takes its place. Text is only ever set as text, never as HTML.
import { newSession } from "./session.js";
import { follow } from "./stream.js";

const byId = (id) => document.getElementById(id);
const [chat, form, question, nav, spoken, stop] = ["chat", "form", "question", "sessions", "spoken", "stop"].map(byId);
const waits = {
  planning: "필요한 자료를 고르고 있어요…",
  searching: "도움말을 찾고 있어요…",
  rewriting: "질문을 다시 읽고 있어요…",
  answering: "답변을 쓰고 있어요…",
};
const bot = new URLSearchParams(location.search).get("bot") ?? "default";
let session = newSession();
let busy = false;

function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function show(node) {
  const atEnd = chat.scrollHeight - chat.scrollTop - chat.clientHeight < 80;
  chat.append(node);
  if (atEnd) chat.scrollTop = chat.scrollHeight;
  return node;
}

/** Markdown kept as text, but for what FAQs are full of: bold, and links to http(s) pages. */
function setMarkdown(node, markdown) {
  node.textContent = "";
  let end = 0;
  for (const found of markdown.matchAll(/\*\*([^*\n]+)\*\*|!?\[([^\]\n]*)\]\((https?:\/\/[^\s)]+)\)/g)) {
    node.append(markdown.slice(end, found.index));
    if (found[1]) node.append(element("strong", "", found[1]));
    else node.append(Object.assign(element("a", "", found[2] || found[3]), { href: found[3], target: "_blank", rel: "noreferrer" }));
    end = found.index + found[0].length;
  }
  node.append(markdown.slice(end));
}

function showBubble({ bubble_type: type, title, description }) {
  const bubble = show(element("div", type === "text" ? "bubble" : `bubble ${type}`));
  setMarkdown(bubble, title ? `**${title}**\n${description}` : description);
}

function showSources(sources) {
  const list = element("div", "row faint");
  for (const source of sources.filter((one) => one.cited)) {
    const label = `[${source.n}] ${source.title}`;
    list.append(/^https?:\/\//.test(source.url) ? Object.assign(element("a", "", label), { href: source.url, target: "_blank", rel: "noreferrer" }) : element("span", "", label));
  }
  show(list);
}

function showSuggestions(questions) {
  const row = element("div", "row");
  for (const { text } of questions) {
    const chip = element("button", "", text);
    chip.onclick = () => ask(text);
    row.append(chip);
  }
  show(row);
}

function showError(body) {
  const text = body.error_message ?? "연결이 끊겼습니다. 잠시 후 다시 시도해 주세요.";
  show(element("div", "bubble error", text));
  spoken.textContent = text;
}

async function call(path, options = {}) {
  const query = `${path.includes("?") ? "&" : "?"}bot=${encodeURIComponent(bot)}`;
  const response = await fetch(path + query, { headers: { "Content-Type": "application/json" }, ...options });
  if (!response.ok) throw await response.json().catch(() => ({}));
  return response;
}

function setBusy(now) {
  busy = now;
  form.querySelector("button").disabled = now;
}

function enter(id) {
  session = id;
  sessionStorage.setItem("session", id); // a reload finds the conversation, and an answer that is still running
}

/** Ask; `replaces` is the turn that is asked again. */
async function ask(text, replaces) {
  if (busy) return;
  setBusy(true);
  enter(session);
  show(element("div", "bubble own", text));
  try {
    const body = JSON.stringify({ user_message: text, replaces });
    const posted = await call(`/v1/sessions/${session}/chats`, { method: "POST", body });
    await answer((await posted.json()).streaming_id, text);
  } catch (error) {
    showError(error);
  } finally {
    setBusy(false);
    await listSessions();
  }
}

/** Show an answer as it comes, from its beginning, whether it begins now or runs already. */
async function answer(id, text) {
  const waiting = show(element("div", "faint", waits.searching));
  let stopped = false;
  let chatId;
  let bubble;
  let said = "";
  stop.hidden = false;
  stop.onclick = () => {
    stopped = true;
    call(`/v1/streaming/${id}`, { method: "DELETE" }).catch(showError);
  };
  try {
    for await (const { event, data } of follow(id)) {
      if (event === "accepted") chatId = data.chat_id;
      if (event === "status") waiting.textContent = waits[data.step] ?? "";
      if (event === "delta") {
        waiting.remove();
        bubble ??= show(element("div", "bubble"));
        said += data.text;
        setMarkdown(bubble, said);
        chat.scrollTop = chat.scrollHeight;
      }
      if (event === "bubble") showBubble(data);
      if (event === "sources") showSources(data.sources);
      if (event === "suggestions") showSuggestions(data.questions);
      if (event === "error") showError(data);
      if (event === "error" || (event === "done" && stopped)) showAgain(text, chatId);
    }
  } finally {
    waiting.remove();
    stop.hidden = true;
  }
  spoken.textContent = said;
}

function showAgain(text, chatId, label = "다시 묻기") {
  const again = element("button", "", label);
  again.onclick = () => ask(text, chatId);
  show(element("div", "row")).append(again);
}

function showTurn(turn) {
  show(element("div", "bubble own", turn.user_message));
  if (turn.streaming_id) return; // its answer is followed
  turn.bubbles.forEach(showBubble);
  if (turn.sources.length) showSources(turn.sources);
  if (turn.status === "interrupted") showAgain(turn.user_message, turn.chat_id, "답변이 중단되었어요. 다시 묻기");
  if (["failed", "stopped"].includes(turn.status)) showAgain(turn.user_message, turn.chat_id);
}

async function open(id) {
  const turns = [];
  let next = `/v1/sessions/${id}/chats`;
  enter(id);
  setBusy(true);
  try {
    while (next) {
      const response = await call(next);
      turns.push(...(await response.json()));
      next = response.headers.get("Link")?.match(/<([^>]+)>; rel="next"/)?.[1];
    }
    chat.textContent = "";
    turns.forEach(showTurn);
    const last = turns.at(-1);
    if (last?.suggestions.length) showSuggestions(last.suggestions);
    if (last?.streaming_id) await answer(last.streaming_id, last.user_message);
  } finally {
    setBusy(false);
  }
  await listSessions();
}

async function listSessions() {
  const sessions = await (await call("/v1/sessions")).json();
  nav.replaceChildren(
    ...sessions.map((one) => {
      const button = element("button", "", one.title ?? one.first_message);
      button.type = "button";
      button.setAttribute("aria-current", String(one.session_id === session));
      button.onclick = () => !busy && open(one.session_id).catch(showError);
      return button;
    }),
  );
  return sessions;
}

byId("new").onclick = () => {
  if (busy) return;
  enter(newSession());
  chat.textContent = "";
  question.focus();
};
form.onsubmit = (event) => {
  event.preventDefault();
  const text = question.value.trim();
  if (!text || busy) return;
  question.value = "";
  ask(text);
};
question.onkeydown = (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return; // composing: Enter ends a Hangul syllable
  event.preventDefault();
  form.requestSubmit();
};

async function begin() {
  const before = sessionStorage.getItem("session");
  const sessions = await listSessions();
  if (!busy && sessions.some((one) => one.session_id === before)) await open(before);
}
begin().catch(showError);
