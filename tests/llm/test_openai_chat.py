"""`OpenAIChat` against a server that answers as fed, over real HTTP."""

import asyncio
import gc
import logging
import socket
import threading
import time
import traceback
from contextlib import ExitStack, aclosing

import anyio
import pytest

from shared.errors import LlmRefused, LlmUnavailable
from shared.llm.base import ChatModel, Message, Tool, Usage, estimated_tokens
from shared.llm.base import ToolCall as Call
from shared.llm.openai_chat import ATTEMPTS, TEMPERATURE, OpenAIChat
from tests.fakes.openai_replies import Reply, ToolCall, count_tokens
from tests.fakes.openai_server import FakeOpenAI

KEY = "sk-secret-key-1234"
SECRET = "비밀 질문: 배송은 언제 오나요?"
PROMPT = [Message("system", "FAQ만 보고 답하세요."), Message("user", SECRET)]
PATH = "/v1/chat/completions"

pytestmark = pytest.mark.anyio


def make(
    server: FakeOpenAI, *, total: float = 20, silence: float = 10, key: str | None = KEY, base_url: str | None = None
) -> OpenAIChat:
    return OpenAIChat(key, base_url or server.base_url, "fake-chat", 500, total, silence)


async def collect(model: ChatModel) -> list[str]:
    return [piece async for piece in model.stream(PROMPT)]


async def fail(model: ChatModel) -> tuple[str, list[str]]:
    """What the log will say, and the pieces that came before."""
    pieces = []
    with pytest.raises(LlmUnavailable) as caught:
        async for piece in model.stream(PROMPT):
            pieces.append(piece)
    logged = "".join(traceback.format_exception(caught.value))
    assert KEY not in logged and SECRET not in logged
    return str(caught.value.__cause__), pieces


# What is asked and what comes


async def test_pieces_come_in_the_order_in_which_the_server_sends_them(server: FakeOpenAI) -> None:
    server.enqueue(Reply(deltas=("배송은 ", "이틀", " 걸립니다.\n")))
    assert "".join(await collect(make(server))) == "배송은 이틀 걸립니다.\n"


async def test_a_piece_is_given_before_the_next_one_exists(server: FakeOpenAI) -> None:
    server.enqueue(Reply(deltas=("첫", "째"), hold_after=1))
    async with aclosing(make(server).stream(PROMPT)) as pieces:
        assert await anext(pieces) == "첫"
        server.go_on()
        assert await anext(pieces) == "째"


async def test_the_request_is_what_the_api_expects(server: FakeOpenAI) -> None:
    await collect(make(server))
    (request,) = server.received(PATH)
    assert request.body == {
        "model": "fake-chat",
        "messages": [{"role": message.role, "content": message.content} for message in PROMPT],
        "max_tokens": 500,
        "temperature": TEMPERATURE,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


async def test_a_server_without_a_key_is_asked_all_the_same(server: FakeOpenAI) -> None:
    server.enqueue("네")
    assert await collect(make(server, key=None)) == ["네"]


async def test_the_environment_does_not_choose_the_server(server: FakeOpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    async with OpenAIChat(KEY, None, "fake-chat", 500, 5, 5)._client() as client:
        assert str(client.base_url) == "https://api.openai.com/v1/"


async def test_empty_pieces_and_space_before_the_answer_are_left_out(server: FakeOpenAI) -> None:
    server.enqueue(Reply(deltas=("", "\n\n", "  답", "", " ", "끝")))
    assert "".join(await collect(make(server))) == "답 끝"


async def test_an_answer_cut_at_the_limit_of_tokens_is_an_answer_and_marked(server: FakeOpenAI) -> None:
    server.enqueue(Reply(deltas=("길고 ", "긴"), finish_reason="length"), "네")
    model, usage = make(server), Usage()
    assert "".join([piece async for piece in model.stream(PROMPT, usage)]) == "길고 긴"
    assert usage.truncated
    _ = [piece async for piece in model.stream(PROMPT, usage)]
    assert not usage.truncated


@pytest.mark.parametrize("deltas", [(), ("가",), ("가", "나")])
async def test_an_answer_that_a_filter_stopped_is_refused(server: FakeOpenAI, deltas: tuple[str, ...]) -> None:
    server.enqueue(Reply(deltas=deltas, finish_reason="content_filter"))
    pieces = []
    with pytest.raises(LlmRefused) as caught:
        async for piece in make(server).stream(PROMPT):
            pieces.append(piece)
    assert caught.value.reason == "fake-chat: a filter stopped the answer"
    assert "".join(pieces) == "".join(deltas)
    assert len(server.received(PATH)) == 1


async def test_lone_surrogates_go_neither_out_nor_in(server: FakeOpenAI) -> None:
    server.enqueue(Reply(deltas=("좋아요\ud83d", "😀")))
    pieces = [piece async for piece in make(server).stream([Message("user", "깨진 \ud800 글자")])]
    assert "".join(pieces) == "좋아요?😀"
    assert server.received(PATH)[0].body["messages"][0]["content"] == "깨진 ? 글자"


async def test_a_model_that_refuses_the_temperature_is_asked_without_it(server: FakeOpenAI) -> None:
    server.enqueue(Reply(status=400, code="unsupported_value", param="temperature"), "네", "네")
    model = make(server)
    assert await collect(model) == ["네"]
    assert await collect(model) == ["네"]
    assert ["temperature" in request.body for request in server.received(PATH)] == [True, False, False]


# Failures that pass


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=429, retry_after=0.1),
        Reply(status=429),
        Reply(status=500),
        Reply(status=503),
        Reply(disconnect_after=0),
        Reply(error_after=0),
    ],
    ids=["rate, when to come", "rate", "error", "overload", "broken before a piece", "error in the stream"],
)
async def test_one_passing_failure_before_the_first_piece_is_not_noticed(server: FakeOpenAI, reply: Reply) -> None:
    server.enqueue(reply, "괜찮습니다")
    assert "".join(await collect(make(server))) == "괜찮습니다"
    assert len(server.received(PATH)) == 2


async def test_retry_after_is_obeyed_when_it_is_short(server: FakeOpenAI) -> None:
    server.enqueue(Reply(status=429, retry_after=0.8), "네")
    await collect(make(server))
    first, second = server.received(PATH)
    assert second.at - first.at >= 0.8


@pytest.mark.parametrize("retry_after", [3, 30, float("inf"), float("nan")])
async def test_a_long_retry_after_is_not_waited_for(server: FakeOpenAI, retry_after: float) -> None:
    server.enqueue(Reply(status=429, retry_after=retry_after, code="rate_limit_exceeded"))
    reason, _ = await fail(make(server))
    assert reason == "fake-chat: HTTP 429 rate_limit_exceeded"
    assert len(server.received(PATH)) == 1


# Failures


@pytest.mark.parametrize(
    ("reply", "reason", "attempts"),
    [
        (Reply(status=401, code="invalid_api_key", message=f"Incorrect key: {KEY}"), "HTTP 401 invalid_api_key", 1),
        (Reply(status=400, message=SECRET), "HTTP 400", 1),
        (Reply(status=404, code="model_not_found"), "HTTP 404 model_not_found", 1),
        (Reply(status=429, code="insufficient_quota"), "HTTP 429 insufficient_quota", 1),
        (Reply(status=500, code=KEY), "HTTP 500", 2),
        (Reply(error_after=0, code="server_error"), "the server reported an error in mid-stream server_error", 2),
        (Reply(disconnect_after=0), "no connection, or it broke (RemoteProtocolError)", 2),
        (Reply(malformed_after=0), "the answer cannot be read (JSONDecodeError)", 1),
    ],
    ids=["401", "400", "404", "quota", "500", "error in the stream", "broken connection", "broken JSON"],
)
async def test_a_failure_is_named_and_says_no_secret(
    server: FakeOpenAI, reply: Reply, reason: str, attempts: int
) -> None:
    server.enqueue(reply, reply)
    assert await fail(make(server)) == (f"fake-chat: {reason}", [])
    assert len(server.received(PATH)) == attempts


@pytest.mark.parametrize(
    "accident",
    [
        Reply(deltas=("가", "나"), disconnect_after=1),
        Reply(deltas=("가", "나"), malformed_after=1),
        Reply(deltas=("가", "나"), error_after=1),
        Reply(deltas=("가",), finish_reason=None),
    ],
    ids=["broken connection", "broken JSON", "error in the stream", "no end"],
)
async def test_what_came_before_an_accident_is_given_once(server: FakeOpenAI, accident: Reply) -> None:
    server.enqueue(accident)
    _, pieces = await fail(make(server))
    assert pieces == ["가"]
    assert len(server.received(PATH)) == 1


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(), "the answer is empty"),
        (Reply(deltas=("", " \n")), "the answer is empty"),
        (Reply(finish_reason="length"), "the answer is empty"),
        (Reply(tool_calls=(ToolCall("lookup", ("{}",)),)), "the answer is empty"),
        (Reply(refusal="도와드릴 수 없습니다."), "the model refused to answer"),
        (Reply(body="<html>로그인</html>", content_type="text/html"), "the answer is empty"),
        (Reply(body='{"choices": []}'), "the answer is empty"),
    ],
    ids=["nothing", "only space", "all thought", "only a tool call", "refusal", "a web page", "not a stream"],
)
async def test_an_answer_without_a_character_is_a_failure(server: FakeOpenAI, reply: Reply, reason: str) -> None:
    server.enqueue(reply)
    assert await fail(make(server)) == (f"fake-chat: {reason}", [])


@pytest.mark.parametrize(
    "chunk",
    [
        *("[]", "7", "null", '"x"', '{"choices": null}', '{"choices": 3}', '{"choices": [{}]}', '{"choices": [null]}'),
        *('{"choices": {"delta": {}}}', '{"choices": [{"delta": null}]}', '{"choices": [{"delta": "x"}]}'),
        *('{"choices": [{"delta": {"content": ["x"]}}]}', '{"choices": [{"delta": {"content": {"text": "x"}}}]}'),
        *('{"choices": [{"delta": {"content": 7}}]}', '{"error": null}', '{"error": "x"}', "[" * 10_000),
    ],
)
async def test_a_chunk_of_another_shape_is_a_failure(server: FakeOpenAI, chunk: str) -> None:
    server.enqueue(*[Reply(body=f"data: {chunk}\n\n", content_type="text/event-stream")] * ATTEMPTS)
    reason, _ = await fail(make(server))
    assert reason.startswith("fake-chat: the ")


@pytest.mark.parametrize(
    "odd",
    [
        *('{"choices": null}', '{"choices": [{"delta": null}]}', '{"choices": [{"delta": {"content": null}}]}'),
        *('{"usage": [1]}', '{"usage": "x"}', '{"usage": {"prompt_tokens": "x", "completion_tokens": -1}}', "{}"),
    ],
)
async def test_a_chunk_that_says_nothing_is_passed_over(server: FakeOpenAI, odd: str) -> None:
    said = '{"choices": [{"delta": {"content": "네"}, "finish_reason": "stop"}]}'
    server.enqueue(Reply(body=f"data: {odd}\n\ndata: {said}\n\n", content_type="text/event-stream"))
    usage = Usage()
    assert [piece async for piece in make(server).stream(PROMPT, usage)] == ["네"]
    assert usage.estimated


async def test_a_server_that_is_not_there_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    reason, _ = await fail(OpenAIChat(KEY, f"http://127.0.0.1:{port}/v1", "fake-chat", 500, 5, 5))
    assert "no connection" in reason


@pytest.mark.parametrize("key", [f"{KEY}\n", f"{KEY} 한글"])
async def test_a_key_that_no_header_can_hold_is_a_failure_that_hides_it(server: FakeOpenAI, key: str) -> None:
    await fail(make(server, key=key))


async def test_an_address_that_is_none_is_a_failure(server: FakeOpenAI) -> None:
    await fail(make(server, base_url="localhost:9200/v1"))


async def test_nothing_is_logged_that_was_asked(server: FakeOpenAI, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    server.enqueue(Reply(status=500), "네")
    await collect(make(server))
    assert SECRET not in caplog.text and KEY not in caplog.text


# Time


@pytest.mark.parametrize(
    "stall",
    [Reply(deltas=("가",), stall_before_headers=60), Reply(deltas=("가",), stall_before_first=60)],
    ids=["before the headers", "before the first piece"],
)
async def test_silence_before_the_first_piece_has_an_end(server: FakeOpenAI, stall: Reply) -> None:
    server.enqueue(stall)
    begun = time.monotonic()
    assert await fail(make(server, total=120, silence=0.8)) == ("fake-chat: nothing came for 0.8 s", [])
    assert time.monotonic() - begun < 30
    assert len(server.received(PATH)) == 1


async def test_the_time_for_the_first_piece_covers_the_retries(server: FakeOpenAI) -> None:
    server.enqueue(Reply(status=429, retry_after=1.5), "네")
    reason, _ = await fail(make(server, silence=0.4))
    assert reason == "fake-chat: nothing came for 0.4 s"


async def test_silence_between_two_pieces_has_an_end(server: FakeOpenAI) -> None:
    server.enqueue(Reply(deltas=("가", "나"), stall_after=1, stall=60))
    assert await fail(make(server, silence=1)) == ("fake-chat: nothing came for 1 s", ["가"])


async def test_the_whole_answer_has_an_end(server: FakeOpenAI) -> None:
    server.enqueue(Reply(deltas=("가",) * 100, delay=0.1))
    reason, pieces = await fail(make(server, total=1.5, silence=10))
    assert reason == "fake-chat: no whole answer within 1.5 s"
    assert 0 < len(pieces) < 100


# Leaving


def endless() -> Reply:
    return Reply(deltas=("가", "나"), stall_after=1, stall=60)


async def leave(server: FakeOpenAI) -> None:
    """Ask, and leave the cancel scope while the server is at it."""
    async with anyio.create_task_group() as group:
        group.start_soon(collect, make(server))
        assert await asyncio.to_thread(server.wait_for_requests)
        group.cancel_scope.cancel()


async def test_closing_the_stream_drops_the_connection(server: FakeOpenAI) -> None:
    server.enqueue(endless())
    async with aclosing(make(server).stream(PROMPT)) as pieces:
        assert await anext(pieces) == "가"
    assert await asyncio.to_thread(server.wait_for_drop)


async def test_cancelling_the_task_drops_the_connection(server: FakeOpenAI) -> None:
    server.enqueue(endless())
    task = asyncio.create_task(collect(make(server)))
    assert await asyncio.to_thread(server.wait_for_requests)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(server.wait_for_drop)


async def test_leaving_a_cancel_scope_drops_the_connection(server: FakeOpenAI) -> None:
    server.enqueue(endless())
    await leave(server)
    assert await asyncio.to_thread(server.wait_for_drop)


async def test_leaving_before_the_headers_drops_the_connection(server: FakeOpenAI) -> None:
    server.enqueue(Reply(stall_before_headers=60))
    await leave(server)
    assert await asyncio.to_thread(server.wait_for_drop)


async def test_a_forgotten_stream_drops_the_connection(server: FakeOpenAI) -> None:
    server.enqueue(endless())
    async for _ in make(server).stream(PROMPT):
        break
    gc.collect()
    assert await asyncio.to_thread(server.wait_for_drop)


# Event loops


def test_one_model_serves_one_event_loop_after_another(server: FakeOpenAI) -> None:
    model = make(server)
    for _ in range(3):
        server.enqueue("네")
        assert asyncio.run(collect(model)) == ["네"]


def test_one_model_serves_several_event_loops_at_once(server: FakeOpenAI) -> None:
    model = make(server)
    answers: list[str] = []
    server.enqueue(*[Reply(deltas=("가", "나"), delay=0.1)] * 4)
    threads = [threading.Thread(target=lambda: answers.append("".join(asyncio.run(collect(model))))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers == ["가나"] * 4


async def test_answers_at_once_do_not_wait_for_each_other(server: FakeOpenAI) -> None:
    model = make(server)
    server.enqueue(*[Reply(deltas=("가",), hold_after=0)] * 8)
    answers = [asyncio.create_task(collect(model)) for _ in range(8)]
    assert await asyncio.to_thread(server.wait_for_requests, 8)  # each has asked before the first one is answered
    server.go_on()
    assert await asyncio.gather(*answers) == [["가"]] * 8


# Choosing tools

TOOLS = [
    Tool("jobs", "채용 공고를 찾습니다.", {"type": "object", "properties": {"q": {"type": "string"}}}),
    Tool("faq", "도움말을 찾습니다.", {"type": "object", "properties": {}}),
]


async def test_the_tools_it_chooses_come_with_what_it_wrote(server: FakeOpenAI) -> None:
    calls = (ToolCall("jobs", ('{"q": "개', '발자"}'), "call_a"), ToolCall("faq", ("no json",), "call_b"))
    server.enqueue(Reply(tool_calls=calls))
    chosen = await make(server).choose(PROMPT, TOOLS)
    assert [(one.call_id, one.name, one.arguments) for one in chosen] == [
        ("call_a", "jobs", '{"q": "개발자"}'),
        ("call_b", "faq", "no json"),
    ]
    sent = server.received(PATH)[0].body
    assert sent["tools"][0]["function"] == {
        "name": "jobs",
        "description": "채용 공고를 찾습니다.",
        "parameters": {"type": "object", "properties": {"q": {"type": "string"}}},
        "strict": True,
    }
    assert "stream" not in sent


async def test_what_tools_gave_is_told_in_the_next_round(server: FakeOpenAI) -> None:
    server.enqueue("다 찾았습니다.")
    asked = Message("assistant", "", calls=(Call("call_a", "jobs", "{}"),))
    assert await make(server).choose([*PROMPT, asked, Message("tool", "공고 3건", call_id="call_a")], TOOLS) == []
    assert server.received(PATH)[0].body["messages"][2:] == [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "call_a", "type": "function", "function": {"name": "jobs", "arguments": "{}"}}],
        },
        {"role": "tool", "content": "공고 3건", "tool_call_id": "call_a"},
    ]


async def test_a_choice_that_does_not_come_in_time_is_given_up(server: FakeOpenAI) -> None:
    server.enqueue(Reply(deltas=("네",), stall_before_headers=60))
    with pytest.raises(LlmUnavailable):
        await make(server, silence=0.2).choose(PROMPT, TOOLS)


@pytest.mark.parametrize("reply", [Reply(body="{}"), Reply(body="<html>"), Reply(status=400), Reply(body='{"choices"')])
async def test_a_choice_that_is_none_is_a_failure_or_nothing(server: FakeOpenAI, reply: Reply) -> None:
    server.enqueue(reply, reply)
    try:
        assert await make(server).choose(PROMPT, TOOLS) == []
    except LlmUnavailable as error:
        assert SECRET not in error.reason


# What it takes


async def test_tokens_are_those_that_the_server_counted(server: FakeOpenAI) -> None:
    server.enqueue(Reply(status=500), "네, 됩니다.")
    usage = Usage()
    _ = [piece async for piece in make(server).stream(PROMPT, usage)]
    expected = sum(count_tokens(message.content) for message in PROMPT)
    assert (usage.input_tokens, usage.output_tokens) == (expected, count_tokens("네, 됩니다."))
    assert (usage.requests, usage.retries, usage.estimated) == (2, 1, False)


async def test_tokens_of_an_answer_that_was_broken_off_are_estimated(server: FakeOpenAI) -> None:
    server.enqueue(Reply(deltas=("배송은 ", "이틀"), disconnect_after=1))
    usage = Usage()
    with pytest.raises(LlmUnavailable):
        _ = [piece async for piece in make(server).stream(PROMPT, usage)]
    assert usage.estimated
    assert usage.output_tokens == estimated_tokens("배송은 ") > 0
    assert usage.input_tokens >= len(SECRET)


async def test_tokens_of_several_calls_add_up(server: FakeOpenAI) -> None:
    server.enqueue("네", "네")
    usage, model = Usage(), make(server)
    for _ in range(2):
        _ = [piece async for piece in model.stream(PROMPT, usage)]
    assert usage.output_tokens == 2 * count_tokens("네")


async def take(model: ChatModel, method: str, usage: Usage) -> None:
    """Ask in one of the two ways."""
    if method == "choose":
        await model.choose(PROMPT, TOOLS, usage)
    else:
        _ = [piece async for piece in model.stream(PROMPT, usage)]


PROMPT_TOKENS = sum(estimated_tokens(message.content) for message in PROMPT)
both = pytest.mark.parametrize("method", ["stream", "choose"])


@both
async def test_a_request_that_nothing_came_back_for_is_estimated(server: FakeOpenAI, method: str) -> None:
    server.enqueue(Reply(stall_before_headers=9))
    usage = Usage()
    with pytest.raises(LlmUnavailable):
        await take(make(server, silence=1), method, usage)
    assert (usage.input_tokens, usage.output_tokens, usage.estimated) == (PROMPT_TOKENS, 0, True)


@both
async def test_a_request_whose_asker_left_is_estimated(server: FakeOpenAI, method: str) -> None:
    server.enqueue(Reply(stall_before_headers=9))
    usage = Usage()
    task = asyncio.create_task(take(make(server), method, usage))
    assert await asyncio.to_thread(server.wait_for_requests)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (usage.input_tokens, usage.estimated) == (PROMPT_TOKENS, True)


async def test_each_attempt_that_broke_off_is_estimated(server: FakeOpenAI) -> None:
    server.enqueue(Reply(disconnect_after=0), Reply(disconnect_after=0))
    usage = Usage()
    with pytest.raises(LlmUnavailable):
        await take(make(server), "stream", usage)
    assert (usage.input_tokens, usage.estimated) == (2 * PROMPT_TOKENS, True)


async def test_a_choice_that_cannot_be_read_is_estimated(server: FakeOpenAI) -> None:
    server.enqueue(Reply(body="{}"))
    usage = Usage()
    with pytest.raises(LlmUnavailable):
        await take(make(server), "choose", usage)
    assert (usage.input_tokens, usage.estimated) == (PROMPT_TOKENS, True)


@both
@pytest.mark.parametrize("status", [400, 404, 429, 500])
async def test_an_error_status_costs_nothing(server: FakeOpenAI, method: str, status: int) -> None:
    server.enqueue(*[Reply(status=status, retry_after=9)] * ATTEMPTS)
    usage = Usage()
    with pytest.raises(LlmUnavailable):
        await take(make(server), method, usage)
    assert usage == Usage(requests=1)


@both
async def test_a_request_that_never_went_out_costs_nothing(method: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    usage = Usage()
    with pytest.raises(LlmUnavailable):
        await take(OpenAIChat(KEY, f"http://127.0.0.1:{port}/v1", "fake-chat", 500, 5, 5), method, usage)
    assert usage == Usage(requests=ATTEMPTS, retries=ATTEMPTS - 1)


@both
async def test_a_server_that_does_not_take_the_connection_in_time_costs_nothing(method: str) -> None:
    with ExitStack() as full:
        server = full.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):  # nobody accepts them: for the next one there is no place
            waiting = full.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        usage = Usage()
        base_url = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        with pytest.raises(LlmUnavailable) as caught:
            await take(OpenAIChat(KEY, base_url, "fake-chat", 500, 5, 0.3), method, usage)
    assert caught.value.reason == "fake-chat: nothing came for 0.3 s"
    assert usage == Usage(requests=1)
