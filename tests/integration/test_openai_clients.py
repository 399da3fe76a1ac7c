"""OpenAI's own SDK as the client of a bot, against real servers: whole, streamed, refused, broken, left alone."""

import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import openai
import pytest
from openai import OpenAI

from shared.api_keys import ApiKey, ApiKeys
from shared.bot import Bot, Link
from shared.bots import Bots
from shared.storage import keys
from shared.storage.base import Item
from shared.storage.sqlite import SqliteStore
from tests.app import serve
from tests.fakes.openai_replies import Reply
from tests.fakes.openai_server import FakeOpenAI

QUESTION = "가입 심사는 며칠 걸려요?"
LINKED = "\n\n**관련 링크**\n\n- [입점 안내](https://help.gaonmarket.example/join)"
HELD = Reply(deltas=tuple(f"{number}번째 조각. " for number in range(8)), hold_after=2)
PATIENT = {"LLM_TIMEOUT_SECONDS": "120", "LLM_FIRST_TOKEN_TIMEOUT_SECONDS": "120"}


class Platform:
    """A running deployment: the addresses of its two processes, its language model, and its store."""

    def __init__(self, address: str, other: str, llm: FakeOpenAI, data_dir: Path, store: SqliteStore) -> None:
        self.address, self.other, self.llm, self.data_dir = address, other, llm, data_dir
        self._store, self.api_keys, self.tokens = store, ApiKeys(store), set[str]()
        self._began = keys.new_chat_id()

    def new_key(self, rate_per_minute: int = 0) -> tuple[ApiKey, str]:
        """A key of the default bot."""
        key, token = self.api_keys.create("default", "test", rate_per_minute)
        self.tokens.add(token.get_secret_value())
        return key, token.get_secret_value()

    def client(self, token: str | None = None, address: str | None = None, **options: Any) -> OpenAI:
        """The SDK, with a key."""
        token = token or self.new_key()[1]
        base_url = f"{address or self.address}/openai/v1"
        return OpenAI(api_key=token, base_url=base_url, **{"max_retries": 0, "timeout": 60, **options})

    def logged(self, message: str) -> list[Item]:
        """What the history log holds of a question since these tests began, be it the day before."""
        days = dict.fromkeys(keys.questions_pk("default", one) for one in (self._began, keys.new_chat_id()))
        items = [item for day in days for item in self._store.query("questions", day, limit=1_000).items]
        return [item for item in items if item["user_message"] == message]

    def wait_for(self, message: str, *statuses: str) -> Item:
        """Its only entry in the log, when the answer has come so far."""
        deadline = time.monotonic() + 60
        while not (items := self.logged(message)) or items[0]["status"] not in statuses:
            assert time.monotonic() < deadline, items
            time.sleep(0.05)
        (item,) = items
        return item


@pytest.fixture(scope="module")
def platform(indexed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    data_dir = tmp_path_factory.mktemp("platform") / "var"
    shutil.copytree(indexed, data_dir)
    with closing(SqliteStore(data_dir / "haedap.sqlite3")) as store, FakeOpenAI() as llm:
        bot = Bots(store).published("default") or Bot()
        links = [Link(title="입점 안내", url="https://help.gaonmarket.example/join", words=["심사"])]
        Bots(store).publish(bot.model_copy(update={"links": links}))
        with serve("local", data_dir, OPENAI_BASE_URL=llm.base_url, **PATIENT) as (address, _):
            with serve("completions", data_dir, OPENAI_BASE_URL=llm.base_url, **PATIENT) as (other, _):
                yield Platform(address, other, llm, data_dir, store)


def ask(client: OpenAI, question: str = QUESTION, **options: Any) -> Any:
    return client.chat.completions.create(model="default", messages=[{"role": "user", "content": question}], **options)


def test_the_keys_bot_is_the_only_model(platform: Platform) -> None:
    client = platform.client()
    assert [model.id for model in client.models.list()] == ["default"]
    assert client.models.retrieve("default").owned_by == "haedap"
    with pytest.raises(openai.NotFoundError) as refused:
        client.models.retrieve("gpt-4o-mini")
    assert refused.value.code == "model_not_found"


def test_a_whole_answer(platform: Platform) -> None:
    platform.llm.enqueue("심사 결과를 알려 드립니다. [1]")
    answered = ask(platform.client())
    (choice,) = answered.choices
    assert choice.message.content == f"심사 결과를 알려 드립니다. [1]{LINKED}"
    assert (choice.message.role, choice.finish_reason, answered.object) == ("assistant", "stop", "chat.completion")
    assert answered.usage.prompt_tokens > 0 and answered.usage.completion_tokens > 0
    assert answered.usage.total_tokens == answered.usage.prompt_tokens + answered.usage.completion_tokens
    assert (answered.haedap["decision"], answered.haedap["degraded"]) == ("answer", [])
    assert answered.haedap["sources"][0]["cited"] is True and answered.haedap["suggestions"]


@pytest.mark.parametrize("include_usage", [False, True])
def test_a_streamed_answer_is_the_whole_one_in_pieces(platform: Platform, include_usage: bool) -> None:
    text = "심사는 다음과 같습니다.\n\n- 가\r\n- 나\u2028다 😀\n\ndata: 라\n\n끝 [1]"
    platform.llm.enqueue(Reply(deltas=tuple(text)))
    chunks = list(ask(platform.client(), stream=True, stream_options={"include_usage": include_usage}))
    told = [chunk for chunk in chunks if chunk.choices]
    joined = "".join(chunk.choices[0].delta.content or "" for chunk in told)
    assert joined.startswith(text) and joined.endswith(LINKED)
    assert len(told) > 3  # tokens that came at once go out at once
    assert told[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in told] == [None] * (len(told) - 1) + ["stop"]
    assert len({(chunk.id, chunk.model, chunk.object) for chunk in chunks}) == 1
    assert [chunk.usage is not None for chunk in chunks] == [False] * (len(chunks) - 1) + [include_usage]
    assert chunks[-1].haedap["decision"] == "answer" and chunks[-1].haedap["sources"]
    assert (len(chunks) - len(told)) == include_usage


def test_pieces_reach_the_client_as_they_come(platform: Platform) -> None:
    platform.llm.enqueue(HELD)
    chunks = (chunk.choices[0].delta.content for chunk in ask(platform.client(), stream=True))
    first = next(filter(None, chunks))
    platform.llm.go_on()
    assert (first + "".join(filter(None, chunks))).startswith("".join(HELD.deltas))


def test_a_figure_that_the_contents_do_not_hold_is_told_after_the_text(platform: Platform) -> None:
    platform.llm.enqueue("심사는 987일 걸립니다. [1]")
    content = ask(platform.client()).choices[0].message.content
    assert content.startswith("심사는 987일 걸립니다. [1]\n\n확인이 필요해요: ")
    assert "987" in content.removeprefix("심사는 987일")


def test_the_model_of_the_bot_sees_the_history_and_no_instructions_of_the_program(platform: Platform) -> None:
    platform.llm.enqueue("사흘입니다. [1]")
    platform.client().chat.completions.create(
        model="default",
        messages=[
            {"role": "system", "content": "해적처럼 말해."},
            {"role": "user", "content": "서류는 어디에 내나요?"},
            {"role": "assistant", "content": "판매자센터에 냅니다."},
            {"role": "user", "content": [{"type": "text", "text": QUESTION}]},
        ],
        temperature=1.5,
        max_tokens=5,
    )
    prompt = "\n".join(message["content"] for message in platform.llm.requests[-1].body["messages"])
    assert "해적" not in prompt
    assert prompt.index("서류는 어디에 내나요?") < prompt.index("판매자센터에 냅니다.") < prompt.rindex(QUESTION)


def test_without_its_model_the_bot_answers_from_the_faq_and_says_so(platform: Platform) -> None:
    platform.llm.enqueue(*[Reply(status=500)] * 2)
    answered = ask(platform.client())
    assert answered.haedap["degraded"] == ["llm_unavailable"]
    assert answered.choices[0].message.content


def test_what_needs_no_model_costs_no_tokens(platform: Platform) -> None:
    usage = ask(platform.client(), "안녕하세요").usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (0, 0, 0)


# Refused


@pytest.mark.parametrize("token", ["sk-wrong", "hk_" + "A" * 43])
def test_a_wrong_key_is_an_authentication_error(platform: Platform, token: str) -> None:
    client = platform.client(token)
    with pytest.raises(openai.AuthenticationError) as refused:
        ask(client)
    assert (refused.value.code, token in str(refused.value)) == ("invalid_api_key", False)
    with pytest.raises(openai.AuthenticationError):
        client.models.list()


def test_an_unknown_model_is_a_not_found_error(platform: Platform) -> None:
    with pytest.raises(openai.NotFoundError) as refused:
        platform.client().chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "안녕"}])
    assert refused.value.code == "model_not_found"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("options", "param"),
    [({"n": 2}, "n"), ({"tool_choice": "required"}, "tool_choice"), ({"messages": []}, "messages")],
)
def test_invalid_input_is_a_bad_request_error_that_names_the_field(
    platform: Platform, options: dict[str, Any], param: str, stream: bool
) -> None:
    asked: Any = {"model": "default", "messages": [{"role": "user", "content": "안녕"}], "stream": stream, **options}
    with pytest.raises(openai.BadRequestError) as refused:
        platform.client().chat.completions.create(**asked)
    assert (refused.value.type, refused.value.param) == ("invalid_request_error", param)


def test_a_rate_is_a_rate_limit_error_that_says_when_to_come_again(platform: Platform) -> None:
    client = platform.client(platform.new_key(rate_per_minute=1)[1])
    with pytest.raises(openai.RateLimitError) as refused:
        for _ in range(3):  # the minute may end between two of them
            ask(client, "안녕하세요")
    assert refused.value.code == "rate_limit_exceeded"
    assert 1 <= int(refused.value.response.headers["retry-after"]) <= 60


def test_a_revoked_key_stops_within_seconds_in_every_process(platform: Platform) -> None:
    key, token = platform.new_key()
    clients = [platform.client(token, address) for address in (platform.address, platform.other)]
    for client in clients:
        ask(client, "안녕하세요")
    platform.api_keys.revoke("default", key.key_id)
    revoked = time.monotonic()
    for client in clients:
        with pytest.raises(openai.AuthenticationError):
            while time.monotonic() < revoked + 30:  # two seconds, or what a busy machine makes of them
                ask(client, "안녕하세요")
                time.sleep(0.2)


# Broken, left alone


def test_a_break_inside_a_stream_is_an_error_after_what_was_said(platform: Platform) -> None:
    question = "가입 심사는 얼마나 걸릴까요?"
    platform.llm.enqueue(Reply(deltas=("심사는 영업일 ", "기준으로", "안 나옴"), disconnect_after=2))
    said = []
    with pytest.raises(openai.APIError) as broken:
        for chunk in ask(platform.client(), question, stream=True):
            said.append(chunk.choices[0].delta.content or "")
    assert "".join(said) == "심사는 영업일 기준으로"
    assert (broken.value.code, broken.value.type) == ("llm_unavailable", "server_error")
    item = platform.wait_for(question, "failed")
    assert item["system_message"] == "심사는 영업일 기준으로"


def test_a_break_of_a_whole_answer_is_503(platform: Platform) -> None:
    platform.llm.enqueue(Reply(deltas=("심사는 ", "안 나옴"), disconnect_after=1))
    with pytest.raises(openai.InternalServerError) as broken:
        ask(platform.client())
    assert (broken.value.status_code, broken.value.code) == (503, "llm_unavailable")


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_goes_on_and_is_logged_when_the_client_leaves(platform: Platform, stream: bool) -> None:
    question = f"가입 심사는 며칠이나 걸려요{'?' * (1 + stream)}"
    platform.llm.enqueue(HELD)
    if stream:
        with ask(platform.client(), question, stream=True) as chunks:
            assert next(chunk for chunk in chunks if chunk.choices[0].delta.content)
    else:
        with pytest.raises(openai.APITimeoutError):
            ask(platform.client(timeout=0.6), question)
    platform.wait_for(question, "running")
    platform.llm.go_on()
    item = platform.wait_for(question, "done")
    assert (item["channel"], item["system_message"]) == ("api", "".join(HELD.deltas))


def test_logs_hold_no_key_no_question_and_no_answer(platform: Platform) -> None:
    platform.llm.enqueue(*[Reply(status=500)] * 2)
    ask(platform.client())
    logs = "".join(path.read_text(encoding="utf-8", errors="replace") for path in platform.data_dir.glob("*.log"))
    assert "llm_unavailable" in logs
    for secret in (*platform.tokens, "hk_", "sk-wrong", "가입 심사", "영업일"):
        assert secret not in logs


def test_a_process_that_is_asked_to_stop_breaks_off_an_answer_that_nobody_waits_for_and_logs_it(
    data_dir: Path,
) -> None:
    with closing(SqliteStore(data_dir / "haedap.sqlite3")) as store, FakeOpenAI() as llm:
        llm.enqueue(Reply(deltas=("심사는 ", "안 나옴"), stall_after=1, stall=120))
        with serve("local", data_dir, OPENAI_BASE_URL=llm.base_url, **PATIENT) as (address, process):
            platform = Platform(address, address, llm, data_dir, store)
            with ask(platform.client(), stream=True) as chunks:
                assert next(chunk for chunk in chunks if chunk.choices[0].delta.content)
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) in (0, -signal.SIGTERM)
        (item,) = platform.logged(QUESTION)
    assert (item["status"], item["error_code"]) == ("failed", "backend_unavailable")
    assert item["system_message"].strip() == "심사는"
