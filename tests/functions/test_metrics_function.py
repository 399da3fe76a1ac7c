"""GET /metrics: what a Prometheus server reads of answers, and who may."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from shared.seeing.base import METRICS, REQUEST_SECONDS, Seeing
from shared.seeing.prometheus import PrometheusMeter
from tests.app import ROOT, ask, new_session, post_question
from tests.fakes.openai_replies import Reply
from tests.fakes.openai_server import FakeOpenAI
from tests.functions.programs import bearer, new_key
from tests.servers import free_port

TOKEN = "a-token-of-this-test"
QUESTION = "가입 심사는 며칠 걸려요?"


@pytest.fixture
def metered(data_dir: Path, llm: FakeOpenAI, configure: Callable[..., Path]) -> Iterator[TestClient]:
    configure(
        METRICS_TOKEN=TOKEN,
        OPENAI_BASE_URL=llm.base_url,
        LLM_TIMEOUT_SECONDS="120",
        LLM_FIRST_TOKEN_TIMEOUT_SECONDS="120",
    )
    from functions.local import app

    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def read(client: TestClient) -> dict[str, float]:
    """Every figure as in a query, labels in order: `haedap_tokens_total{bot="default",direction="input"}`."""
    answer = client.get("/metrics", headers=bearer(TOKEN))
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return {
        sample.name
        + "{"
        + ",".join(f'{name}="{value}"' for name, value in sorted(sample.labels.items()))
        + "}": sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_answers_are_counted_by_what_they_came_to(metered: TestClient, llm: FakeOpenAI) -> None:
    llm.enqueue("영업일로 1일에서 5일입니다. [1]", *[Reply(status=429)] * 2)
    for _ in range(2):
        ask(metered, new_session(), QUESTION)  # the second one from the FAQ itself
    ask(metered, new_session(), "안녕하세요")
    program = metered.post("/v1/answers", json={"question": "고마워요"}, headers=bearer(new_key()))
    tapped = metered.post("/v1/faqs/join-001/ask")
    assert (program.status_code, tapped.status_code) == (200, 200)
    seen = read(metered)
    assert seen['haedap_answers_total{bot="default",decision="answer",way="chat"}'] == 2
    assert seen['haedap_answers_total{bot="default",decision="fixed",way="chat"}'] == 1
    assert seen['haedap_answers_total{bot="default",decision="fixed",way="program"}'] == 1
    assert seen['haedap_answers_total{bot="default",decision="answer",way="tap"}'] == 1
    assert seen['haedap_answers_degraded_total{bot="default",reason="llm_unavailable"}'] == 1
    assert seen['haedap_llm_failures_total{kind="http_429",model="gpt-4o-mini"}'] == 1
    assert seen['haedap_llm_seconds_count{model="gpt-4o-mini"}'] == 2
    assert seen['haedap_tokens_total{bot="default",direction="output"}'] > 0
    assert seen['haedap_first_text_seconds_count{bot="default",way="chat"}'] == 3
    assert seen['haedap_answer_seconds_count{bot="default",way="chat"}'] == 3
    assert seen['haedap_step_seconds_count{step="gate"}'] == 4
    assert seen['haedap_step_seconds_count{step="write"}'] == 2
    assert seen["haedap_answers_running{}"] == 0
    route = 'method="POST",route="/v1/sessions/{session_id}/chats",status="201"'
    assert seen[f"haedap_request_seconds_count{{{route}}}"] == 3
    assert seen['haedap_store_seconds_count{verb="update"}'] > 0
    assert seen["process_resident_memory_bytes{}"] > 0


def test_an_answer_is_running_while_it_is_given(metered: TestClient, llm: FakeOpenAI) -> None:
    llm.enqueue(Reply(deltas=("심사는 ", "영업일"), stall_after=1, stall=120))
    streaming_id = post_question(metered, new_session(), QUESTION)
    reader = threading.Thread(target=metered.post, args=[f"/v1/streaming/{streaming_id}"])
    reader.start()
    until = time.monotonic() + 60
    while 'haedap_first_text_seconds_count{bot="default",way="chat"}' not in (seen := read(metered)):
        assert time.monotonic() < until
        time.sleep(0.02)
    assert seen["haedap_answers_running{}"] == 1
    metered.delete(f"/v1/streaming/{streaming_id}")
    reader.join(60)
    seen = read(metered)
    assert seen["haedap_answers_running{}"] == 0
    assert seen['haedap_answers_total{bot="default",decision="stopped",way="chat"}'] == 1


def test_a_store_that_is_away_is_counted(configure: Callable[..., Path]) -> None:
    uri = f"mongodb://127.0.0.1:{free_port()}"
    configure(METRICS_TOKEN=TOKEN, STORAGE="mongo", MONGO_URI=uri, STORE_TIMEOUT_SECONDS="0.1")
    from functions.local import app

    client = TestClient(app)
    assert client.get("/v1/ready").status_code == 503
    assert read(client)['haedap_store_failures_total{verb="ping"}'] == 1


def test_figures_are_for_who_shows_the_token(metered: TestClient) -> None:
    for headers in ({}, bearer("another-token-than-this"), {"Authorization": f"Basic {TOKEN}"}):
        refused = metered.get("/metrics", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (401, "invalid_metrics_token")
        assert "haedap_" not in refused.text


def test_without_a_token_there_are_none(client: TestClient) -> None:
    assert client.get("/metrics", headers=bearer("")).status_code == 404


def test_no_label_takes_more_values_than_can_be_kept() -> None:
    meter = PrometheusMeter()
    seeing = Seeing([meter])
    for number in range(1_000):
        seeing.measure(REQUEST_SECONDS, 0.1, "GET", f"/route/{number}", "200")
    assert meter.text().decode().count("haedap_request_seconds_count") == 201
    assert 'route="other"' in meter.text().decode()


def test_every_figure_is_in_the_documents_with_its_labels() -> None:
    told = (ROOT / "docs" / "observability.md").read_text(encoding="utf-8")
    for metric in METRICS:
        assert (
            f"| `{metric.name}` | {', '.join(f'`{label}`' for label in metric.labels)} |".replace("|  |", "| |") in told
        )


def test_no_figure_is_labelled_by_customers() -> None:
    labels = {label for metric in METRICS for label in metric.labels}
    assert labels == {
        "bot",
        "decision",
        "direction",
        "kind",
        "method",
        "model",
        "reason",
        "route",
        "status",
        "step",
        "verb",
        "way",
    }
