"""`OpenAIEmbedder` against a server that answers as fed, over real HTTP."""

import base64
import json
import socket
import threading
import time
import traceback
from collections.abc import Callable

import numpy as np
import pytest

from shared.errors import EmbeddingUnavailable
from shared.llm.openai_embeddings import (
    MAX_REQUEST_CHARACTERS,
    MAX_REQUEST_TEXTS,
    MAX_TEXT_CHARACTERS,
    QUERY_TEXTS,
    OpenAIEmbedder,
)
from tests.fakes.openai_replies import Reply, embed
from tests.fakes.openai_server import FakeOpenAI

KEY = "sk-secret-key-1234"
MODEL = "text-embedding-3-small"
SECRET = "비밀 질문"


def make(
    server: FakeOpenAI, *, model: str = MODEL, dimensions: int | None = None, seconds: float = 20
) -> OpenAIEmbedder:
    return OpenAIEmbedder(KEY, server.base_url, model, dimensions, seconds)


def reason_of(call: Callable[[], object]) -> str:
    """What the log will say of the failure."""
    with pytest.raises(EmbeddingUnavailable) as caught:
        call()
    logged = "".join(traceback.format_exception(caught.value))
    assert KEY not in logged and SECRET not in logged
    return str(caught.value.__cause__)


# Vectors


def test_vectors_are_unit_vectors_in_the_order_of_the_texts(server: FakeOpenAI) -> None:
    texts = ["배송은 언제 오나요?", "환불하고 싶어요", "비밀번호를 잊었어요"]
    vectors = make(server).embed_passages(texts)
    assert vectors.shape == (3, 1_536) and vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(vectors, [embed(text, 1_536) for text in texts], atol=1e-6)


def test_an_answer_out_of_order_is_put_in_order(server: FakeOpenAI) -> None:
    server.enqueue_embeddings(Reply(shuffled=True))
    texts = [f"질문 {number}" for number in range(50)]
    np.testing.assert_allclose(make(server).embed_passages(texts), [embed(text, 1_536) for text in texts], atol=1e-6)


def test_vectors_of_any_length_are_brought_to_length_one(server: FakeOpenAI) -> None:
    server.enqueue_embeddings(Reply(embeddings=((3.0, 4.0),)))
    np.testing.assert_allclose(make(server, model="other").embed_queries(["질문"]), [[0.6, 0.8]])


def test_queries_and_passages_are_embedded_alike(server: FakeOpenAI) -> None:
    embedder = make(server)
    np.testing.assert_array_equal(embedder.embed_queries(["환불"]), embedder.embed_passages(["환불"]))


def test_a_server_that_sends_numbers_where_base64_was_asked_for_is_understood(server: FakeOpenAI) -> None:
    data = [{"object": "embedding", "index": 0, "embedding": [0.6, 0.8]}]
    server.enqueue_embeddings(Reply(body=json.dumps({"object": "list", "data": data, "model": "other"})))
    np.testing.assert_allclose(make(server, model="other").embed_queries(["질문"]), [[0.6, 0.8]])


# Name and dimensions


@pytest.mark.parametrize(
    ("model", "dimensions"),
    [("text-embedding-3-small", 1_536), ("text-embedding-3-large", 3_072), ("text-embedding-ada-002", 1_536)],
)
def test_a_known_model_is_named_without_a_request(server: FakeOpenAI, model: str, dimensions: int) -> None:
    embedder = make(server, model=model)
    assert (embedder.name, embedder.dimensions) == (f"openai/{model}/{dimensions}", dimensions)
    assert not server.requests


def test_dimensions_that_are_set_are_asked_for(server: FakeOpenAI) -> None:
    embedder = make(server, dimensions=256)
    assert embedder.name == "openai/text-embedding-3-small/256"
    assert embedder.embed_queries(["질문"]).shape == (1, 256)
    assert server.requests[0].body["dimensions"] == 256


def test_dimensions_that_are_not_set_are_not_asked_for(server: FakeOpenAI) -> None:
    make(server).embed_queries(["질문"])
    assert "dimensions" not in server.requests[0].body


def test_dimensions_of_an_unknown_model_are_found_once(server: FakeOpenAI) -> None:
    server.enqueue_embeddings(Reply(embeddings=((1.0, 2.0, 2.0),)))
    embedder = make(server, model="bge-m3")
    assert embedder.name == "openai/bge-m3/3"
    assert embedder.dimensions == 3
    assert len(server.requests) == 1


# Requests


def test_no_texts_need_no_request(server: FakeOpenAI) -> None:
    assert make(server).embed_passages([]).shape == (0, 1_536)
    assert make(server).embed_queries([]).shape == (0, 1_536)
    assert not server.requests


def test_texts_are_sent_in_requests_that_the_api_takes(server: FakeOpenAI) -> None:
    texts = ["짧은 질문"] * (MAX_REQUEST_TEXTS + 1) + ["가" * 3_900] * 35
    vectors = make(server).embed_passages(texts)
    assert len(vectors) == len(texts)
    sent = [request.body["input"] for request in server.requests]
    assert [text for batch in sent for text in batch] == texts
    assert max(map(len, sent)) == MAX_REQUEST_TEXTS
    assert max(sum(map(len, batch)) for batch in sent) <= MAX_REQUEST_CHARACTERS


def test_a_corpus_of_2717_contents_takes_less_than_60_requests(server: FakeOpenAI) -> None:
    embedder = make(server, dimensions=8)
    embedder.embed_passages(["정산 예정일은 구매 확정 다음 영업일입니다. " * 28] * 2_717)
    embedder.embed_queries(["정산은 언제 되나요?"] * 6_300)
    assert len(server.requests) <= 22


@pytest.mark.parametrize(
    "text", ["", " ", "\0", "\n", "깨진 \ud800 글자", "😀" * 3_000, "가" * 50_000, "뷁" * 4_000, "<|endoftext|>"]
)
def test_every_text_has_a_vector(server: FakeOpenAI, text: str) -> None:
    vectors = make(server).embed_passages([text, "환불"])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), [1, 1], atol=1e-6)
    assert len(server.requests) == 1 and len(server.requests[0].body["input"][0]) <= MAX_TEXT_CHARACTERS


def test_one_embedder_serves_several_threads(server: FakeOpenAI) -> None:
    embedder = make(server)
    found: dict[int, float] = {}

    def run(number: int) -> None:
        text = f"질문 {number}"
        found[number] = float(embedder.embed_queries([text])[0] @ embed(text, 1_536))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert found == pytest.approx(dict.fromkeys(range(16), 1.0), abs=1e-5)


# Patience


def test_a_batch_waits_as_long_as_it_is_told_to(server: FakeOpenAI) -> None:
    server.enqueue_embeddings(Reply(status=429, retry_after=0.3), Reply(status=429, retry_after=0.9))
    assert len(make(server).embed_passages(["환불"])) == 1
    first, second, third = server.requests
    assert second.at - first.at >= 0.3 and third.at - second.at >= 0.9


def test_a_batch_survives_a_server_error(server: FakeOpenAI) -> None:
    server.enqueue_embeddings(Reply(status=500))
    assert len(make(server).embed_passages(["환불"])) == 1


def test_titles_in_bulk_are_as_patient_as_passages(server: FakeOpenAI) -> None:
    server.enqueue_embeddings(Reply(status=429, retry_after=0.1))
    assert len(make(server).embed_queries(["제목"] * (QUERY_TEXTS + 1))) == QUERY_TEXTS + 1


@pytest.mark.parametrize("status", [429, 500])
def test_a_customers_question_gets_one_attempt(server: FakeOpenAI, status: int) -> None:
    server.enqueue_embeddings(Reply(status=status, retry_after=1))
    assert reason_of(lambda: make(server).embed_queries([SECRET])) == f"{MODEL}: HTTP {status}"
    assert len(server.requests) == 1


def test_a_customers_question_does_not_wait_for_a_silent_server(server: FakeOpenAI) -> None:
    server.enqueue_embeddings(Reply(stall_before_headers=60))
    begun = time.monotonic()
    reason = reason_of(lambda: make(server, seconds=0.4).embed_queries(["질문"]))
    assert reason == f"{MODEL}: the server did not answer in time"
    assert time.monotonic() - begun < 30


# Failures


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(status=401, code="invalid_api_key", message=f"Incorrect key: {KEY}"), "HTTP 401 invalid_api_key"),
        (Reply(status=400, message=SECRET), "HTTP 400"),
        (Reply(body="<html>", content_type="text/html"), "the answer cannot be read"),
        (Reply(body='{"object": "list", "data": ['), "the answer cannot be read"),
        (Reply(body='{"object": "list", "data": []}'), "the answer cannot be read"),
        (Reply(body="{}"), "the answer cannot be read"),
        (Reply(body="[]"), "the answer cannot be read"),
        (Reply(embeddings=((1.0,) * 1_536,) * 2), "vectors of shape (2, 1536) instead of (1, 1536)"),
        (Reply(embeddings=((1.0, 2.0),)), "vectors of shape (1, 2) instead of (1, 1536)"),
        (Reply(embeddings=((1.0, 2.0), (1.0,))), "the answer cannot be read"),
        (Reply(embeddings=((0.0,) * 1_536,)), "a vector is zero or not finite"),
        (Reply(embeddings=((float("nan"),) * 1_536,)), "a vector is zero or not finite"),
        (Reply(embeddings=((float("inf"),) * 1_536,)), "a vector is zero or not finite"),
    ],
    ids=[
        *("refused key", "refused text", "a web page", "broken JSON", "no vectors", "no list", "a bare list"),
        *("too many", "another length", "ragged", "zero", "not a number", "infinite"),
    ],
)
def test_a_failure_is_named_and_says_no_secret(server: FakeOpenAI, reply: Reply, reason: str) -> None:
    server.enqueue_embeddings(reply)
    assert reason_of(lambda: make(server).embed_queries([SECRET])).startswith(f"{MODEL}: {reason}")


@pytest.mark.parametrize("indexes", [[0, 0], [0, 2], [1, 2]])
def test_indexes_that_do_not_fit_are_a_failure(server: FakeOpenAI, indexes: list[int]) -> None:
    data = [{"object": "embedding", "index": index, "embedding": [0.6, 0.8]} for index in indexes]
    server.enqueue_embeddings(Reply(body=json.dumps({"data": data})))
    assert "ValueError" in reason_of(lambda: make(server, model="other").embed_queries(["하나", "둘"]))


def test_base64_that_is_none_is_a_failure(server: FakeOpenAI) -> None:
    broken = base64.b64encode(b"seven b").decode()
    server.enqueue_embeddings(Reply(body=json.dumps({"data": [{"index": 0, "embedding": broken}]})))
    assert "the answer cannot be read" in reason_of(lambda: make(server).embed_queries(["질문"]))


def test_a_server_that_is_not_there_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    embedder = OpenAIEmbedder(None, f"http://127.0.0.1:{port}/v1", "bge-m3", None, 5)
    assert "no connection" in reason_of(lambda: embedder.embed_queries(["질문"]))
    assert "no connection" in reason_of(lambda: embedder.name)


@pytest.mark.parametrize("key", [f"{KEY}\n", f"{KEY} 한글"])
def test_a_key_that_no_header_can_hold_is_a_failure_that_hides_it(server: FakeOpenAI, key: str) -> None:
    reason_of(lambda: OpenAIEmbedder(key, server.base_url, MODEL, None, 5).embed_queries(["질문"]))


def test_the_environment_does_not_choose_the_server(server: FakeOpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    assert str(OpenAIEmbedder(KEY, None, MODEL, None, 5)._patient.base_url) == "https://api.openai.com/v1/"
