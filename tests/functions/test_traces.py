"""Spans and figures of a streamed answer, as a collector gets them by OTLP over HTTP."""

import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from shared.http import create_app
from shared.seeing.base import ANSWERS
from shared.seeing.otel import Collector, OtelMeter, OtelTracer
from tests.app import ask, new_session
from tests.collector import collector
from tests.fakes.openai_replies import Reply
from tests.fakes.openai_server import FakeOpenAI
from tests.servers import handled_by

QUESTION = "가입 심사는 며칠 걸려요?"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def attributes(span: Span) -> dict[str, str | int]:
    return {
        one.key: one.value.string_value if one.value.HasField("string_value") else one.value.int_value
        for one in span.attributes
    }


def test_a_streamed_answer_is_one_trace_from_the_request_to_the_model(
    data_dir: Path, llm: FakeOpenAI, configure: Callable[..., Path]
) -> None:
    llm.enqueue("영업일로 1일에서 5일입니다. [1]", *[Reply(status=500)] * 2)
    with collector() as (address, received):
        configure(
            OTEL_EXPORTER_OTLP_ENDPOINT=address,
            OTEL_EXPORTER_OTLP_HEADERS="x-key=a%20key",
            OPENAI_BASE_URL=llm.base_url,
        )
        from functions.local import app

        with TestClient(app) as client:
            client.headers["traceparent"] = f"00-{TRACE}-00f067aa0ba902b7-01"
            events = ask(client, new_session(), QUESTION)
            del client.headers["traceparent"]
            session = new_session()
            ask(client, session, QUESTION)  # the model is away
    assert received.keys == {"a key"}

    mine = [span for span in received.spans if span.trace_id.hex() == TRACE]
    request = next(span for span in mine if span.name == "POST /v1/streaming/{streaming_id}")
    assert request.kind == Span.SPAN_KIND_SERVER
    assert attributes(request)["http.response.status_code"] == 200
    answer = next(span for span in mine if span.name == "answer")
    assert answer.parent_span_id == request.span_id
    assert attributes(answer)["haedap.decision"] == "answer"
    steps = {span.name: span for span in mine if span.parent_span_id == answer.span_id}
    assert {"gate", "look_up", "write", "first_token", "chat gpt-4o-mini", "store update"} <= set(steps)
    asked = steps["chat gpt-4o-mini"]
    assert (asked.kind, attributes(asked)["gen_ai.request.model"]) == (Span.SPAN_KIND_CLIENT, "gpt-4o-mini")
    assert int(attributes(asked)["gen_ai.usage.input_tokens"]) > 0
    for step in steps.values():
        assert answer.start_time_unix_nano <= step.start_time_unix_nano <= step.end_time_unix_nano
    written = steps["write"]
    assert written.start_time_unix_nano <= asked.start_time_unix_nano + 1_000_000
    assert asked.end_time_unix_nano <= written.end_time_unix_nano + 1_000_000

    failed = [
        span for span in received.spans if span.name == asked.name and span.status.code == Status.STATUS_CODE_ERROR
    ]
    assert [span.status.message for span in failed] == ["http_500"]

    assert {"haedap_request", "haedap_answers", "haedap_llm", "haedap_step"} <= set(received.metrics)
    assert "http_500" in received.metrics["haedap_llm_failures"]

    chat_id = str(events[0].data["chat_id"])
    for secret in (QUESTION, "영업일로", "가입", session, chat_id):
        assert secret.encode() not in received.bodies


def test_a_function_that_is_frozen_between_requests_sends_before_it_answers_for_good(
    data_dir: Path, configure: Callable[..., Path]
) -> None:
    with collector() as (address, received):
        configure(OTEL_EXPORTER_OTLP_ENDPOINT=address)
        from functions.sessions import app

        assert TestClient(app).get("/v1/sessions").status_code == 200  # without a lifespan, as Mangum runs it
        assert received.of("GET /v1/sessions").kind == Span.SPAN_KIND_SERVER
        from shared import wiring

        wiring.get_seeing().close(1)


def test_the_frameworks_own_telemetry_which_tells_whole_addresses_stays_off(
    configure: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with collector() as (address, received):
        configure(OTEL_EXPORTER_OTLP_ENDPOINT=address)
        monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
        with TestClient(create_app(lifespan=serving)) as client:
            client.get("/v1/none/010-1234-5678?q=what-was-searched")
        assert received.of("GET none").end_time_unix_nano
        assert b"010-1234-5678" not in received.bodies and b"what-was-searched" not in received.bodies


@asynccontextmanager
async def serving(_app: FastAPI) -> AsyncIterator[None]:
    yield


def test_a_collector_that_says_nothing_keeps_nobody_from_the_end() -> None:
    told = threading.Event()

    class Silent(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.wait(60)
            self.send_error(400)

        def log_message(self, *_: object) -> None:
            pass

    with handled_by(Silent) as url:
        silent, before = Collector(url, {}, "haedap"), set(threading.enumerate())
        meter, tracer = OtelMeter(silent, 60_000), OtelTracer(silent, 1)
        meter.add(ANSWERS, 1, ("default", "chat", "answer"))
        tracer.begin("answer").end("answer", {})
        began = time.monotonic()
        meter.close(0.2)
        tracer.close(0.2)
        took = time.monotonic() - began
        told.set()
        for thread in set(threading.enumerate()) - before:  # what they log is not for the tests that follow
            thread.join(60)
            assert not thread.is_alive()
    assert took < 4
