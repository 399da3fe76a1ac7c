"""What the fed server can do that the adapters' own tests do not show. The client is the real SDK."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
from openai.types.chat import ChatCompletionUserMessageParam

from tests.fakes.openai_replies import Reply, ToolCall, embed
from tests.fakes.openai_server import FakeOpenAI

QUESTION: list[ChatCompletionUserMessageParam] = [{"role": "user", "content": "배송은?"}]
CALLS = (
    ToolCall("find_order", ('{"order', '_no": ', '"A1"}'), "call_a"),
    ToolCall("find_parcel", ("{", "}"), "call_b"),
)


@pytest.fixture
def client(server: FakeOpenAI) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key="sk-secret", base_url=server.base_url, max_retries=0) as client:
        yield client


def test_unfed_it_answers_the_same_question_the_same_way(client: openai.OpenAI) -> None:
    answers = {
        client.chat.completions.create(model="m", messages=QUESTION).choices[0].message.content for _ in range(2)
    }
    assert answers == {"가짜 모델의 답변입니다: 배송은?"}


def test_tool_calls_come_in_fragments(server: FakeOpenAI, client: openai.OpenAI) -> None:
    server.enqueue(Reply(tool_calls=CALLS))
    found: dict[int, list[str]] = {}
    reasons = []
    for chunk in client.chat.completions.create(model="m", messages=QUESTION, stream=True):
        for call in chunk.choices[0].delta.tool_calls or []:
            assert call.function is not None
            found.setdefault(call.index, []).append((call.function.name or "") + (call.function.arguments or ""))
        reasons.append(chunk.choices[0].finish_reason)
    assert found == {0: ["find_order", '{"order', '_no": ', '"A1"}'], 1: ["find_parcel", "{", "}"]}
    assert reasons[-1] == "tool_calls"


def test_tool_calls_come_whole(server: FakeOpenAI, client: openai.OpenAI) -> None:
    server.enqueue(Reply(tool_calls=CALLS))
    choice = client.chat.completions.create(model="m", messages=QUESTION).choices[0]
    assert choice.finish_reason == "tool_calls"
    assert choice.message.tool_calls is not None
    assert [call.model_dump()["function"] for call in choice.message.tool_calls] == [
        {"name": "find_order", "arguments": '{"order_no": "A1"}'},
        {"name": "find_parcel", "arguments": "{}"},
    ]


@pytest.mark.parametrize(("include_usage", "usages"), [(False, []), (True, [9])])
def test_usage_comes_only_when_asked_for(
    server: FakeOpenAI, client: openai.OpenAI, include_usage: bool, usages: list[int]
) -> None:
    server.enqueue("네")
    stream = client.chat.completions.create(
        model="m", messages=QUESTION, stream=True, stream_options={"include_usage": include_usage}
    )
    assert [chunk.usage.total_tokens for chunk in stream if chunk.usage] == usages


def test_requests_are_kept_without_their_secrets(server: FakeOpenAI, client: openai.OpenAI) -> None:
    client.chat.completions.create(model="m", messages=QUESTION)
    (request,) = server.requests
    assert request.body == {"model": "m", "messages": QUESTION}
    assert "user-agent" in request.headers and "sk-secret" not in str(request)


def test_models_are_listed(client: openai.OpenAI) -> None:
    assert "text-embedding-3-small" in [model.id for model in client.models.list()]


@pytest.mark.parametrize("texts", [["x"] * 2_049, [""], [], ["가" * 4_097], ["가" * 4_000] * 38])
def test_embeddings_have_the_limits_of_the_vendor(client: openai.OpenAI, texts: list[str]) -> None:
    with pytest.raises(openai.BadRequestError):
        client.embeddings.create(model="m", input=texts)


def test_similar_texts_have_similar_vectors() -> None:
    question, near, far = (embed(text, 1_536) for text in ("배송은 언제 오나요", "배송 언제 와요", "비밀번호 변경"))
    assert question @ near > 0.4 > question @ far


def test_a_process_of_its_own_is_fed_and_read_over_http() -> None:
    command = [sys.executable, "-m", "tests.fakes.openai_server", "--port", "0"]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            base = process.stdout.readline().strip().removeprefix("fake OpenAI at ").removesuffix("/v1")
            replies = [
                {"deltas": ["네, ", "그럼요"], "hold_after": 1},
                {"tool_calls": [{"name": "find", "pieces": ["{}"]}]},
            ]
            post(f"{base}/fake/replies", replies)
            post(f"{base}/fake/embedding_replies", [{"status": 400}])
            with openai.OpenAI(api_key="x", base_url=f"{base}/v1", max_retries=0) as client:
                stream = client.chat.completions.create(model="m", messages=QUESTION, stream=True)
                pieces = (chunk.choices[0].delta.content for chunk in stream)
                assert "".join(next(pieces) or "" for _ in range(2)) == "네, "
                post(f"{base}/fake/going_on", None)
                assert next(pieces) == "그럼요"
                stream.close()
                answered = client.chat.completions.create(model="m", messages=QUESTION)
                with pytest.raises(openai.BadRequestError):
                    client.embeddings.create(model="m", input="환불")
            assert answered.choices[0].finish_reason == "tool_calls"
            with urllib.request.urlopen(f"{base}/fake/requests", timeout=60) as response:
                paths = [request["path"] for request in json.load(response)]
            assert paths == ["/v1/chat/completions"] * 2 + ["/v1/embeddings"]
        finally:
            process.terminate()


def post(url: str, body: object) -> None:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=60).close()
