"""Frames on the wire. One golden file holds each event; the page's tests read the same file."""

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.bubbles import feedback_request
from shared.models import Bubble, Invitation, Source, Suggestion
from shared.sse import (
    KEEP_ALIVE,
    Accepted,
    BubbleAdded,
    Delta,
    Done,
    Event,
    Failed,
    Sources,
    Status,
    Suggestions,
    frame,
)
from tests.app import parse

GOLDEN = Path(__file__).parent / "golden" / "stream.sse"
TEXTS = st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("\r\n\0\u0085\u2028\ufeff:")))
ULID = "01J9ZK3V5W8XQ2R4T6Y8A0B1C2"
EVENTS: list[Event] = [
    Accepted(request_id=ULID, session_id="0192d5f0-7b1e-7c3a-9d4e-5f6a7b8c9d0e", chat_id=ULID),
    Status(step="searching"),
    Delta(text="정산은 **다음 영업일**에 됩니다. [1]\n\n"),
    Delta(text='1. 줄바꿈\r\n2. "따옴표" \\ 😀 \u2028 끝'),
    BubbleAdded(bubble=Bubble(bubble_id="b2", bubble_type="notice", description="확인이 필요해요")),
    Sources(
        sources=[
            Source(
                n=1,
                faq_id="settle-001",
                title="정산은 언제 되나요?",
                matched_subject="돈은 언제 들어와요?",
                url="https://help.gaonmarket.example/faq/settle-001",
                score=0.9312,
                cited=True,
                updated_at=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
            ),
            Source(n=2, faq_id="settle-002", title="정산 계좌", matched_subject="정산 계좌", score=0.9),
        ]
    ),
    Suggestions(questions=[Suggestion(text="정산 계좌를 바꾸고 싶어요", faq_id="settle-002")]),
    Done(
        request_id=ULID,
        chat_id=ULID,
        question_ids=["settle-001", "settle-002"],
        expression="SMILE",
        search_completed=True,
        decision="answer",
        degraded=[],
        latency_ms=42,
        service_type="가온배송",
        feedback=Invitation(bubbles=[feedback_request("default", ULID)]),
    ),
    Failed(
        code="llm_unavailable",
        error_message="지금은 답변을 드리기 어렵습니다. 잠시 후 다시 시도해 주세요.",
        bubbles=[Bubble(bubble_id="b2", bubble_type="error", description="지금은 답변을 드리기 어렵습니다.")],
        feedback=Invitation(bubbles=[feedback_request("default", ULID)]),
    ),
]


def test_each_event_is_framed_as_in_the_golden_file() -> None:
    """After a change that is meant, write it anew: `GOLDEN=write make test`."""
    stream = KEEP_ALIVE + b"".join(frame(event, number) for number, event in enumerate(EVENTS, 1))
    if os.environ.get("GOLDEN") == "write":
        GOLDEN.write_bytes(stream)
    assert stream == GOLDEN.read_bytes()


def test_every_kind_of_event_is_in_the_golden_file() -> None:
    assert {type(event) for event in EVENTS} == set(Event.__subclasses__())


def test_the_golden_file_reads_back_as_the_events() -> None:
    read = parse(GOLDEN.read_text(encoding="utf-8"))
    assert [event.event for event in read] == [event.event for event in EVENTS]
    assert read[3].data == {"text": '1. 줄바꿈\r\n2. "따옴표" \\ 😀 \u2028 끝'}
    assert read[4].data["bubble_type"] == "notice"


@given(st.text(), st.integers(min_value=1))
def test_no_text_breaks_a_frame(text: str, number: int) -> None:
    text = text.encode("utf-8", "replace").decode()
    lines = frame(Delta(text=text), number).decode().split("\n")
    assert len(lines) == 5 and lines[3:] == ["", ""]
    assert "\r" not in lines[2]
    assert json.loads(lines[2].removeprefix("data: ")) == {"text": text}
    assert lines[0] == f"id: {number}"


def read_by_the_standard(stream: str) -> list[tuple[str, str, str]]:
    """Id, name and data of each event (WHATWG HTML, 9.2.6): a line ends with CR, LF or both, and with nothing else."""
    events: list[tuple[str, str, str]] = []
    told: dict[str, list[str]] = {}
    for line in re.split("\r\n|\r|\n", stream)[:-1]:
        name, _, value = line.partition(":")
        if line and name:
            told.setdefault(name, []).append(value.removeprefix(" "))
        elif not line and told:
            events.append((told["id"][-1], told["event"][-1], "\n".join(told["data"])))
            told = {}
    return events


@settings(max_examples=50, deadline=None, database=None)
@given(st.lists(st.tuples(st.sampled_from(["delta", "bubble", "error"]), TEXTS, TEXTS), max_size=6))
def test_a_reader_by_the_standard_gets_every_event_whatever_it_says(said: list[tuple[str, str, str]]) -> None:
    events: list[Event] = []
    for kind, one, other in said:
        bubble = Bubble(bubble_id="b1", bubble_type="notice", description=one, info_map={f"{other}.": "/v1/a"})
        match kind:
            case "delta":
                events.append(Delta(text=one))
            case "bubble":
                events.append(BubbleAdded(bubble=bubble))
            case _:
                events.append(Failed(code="a", error_message=other, bubbles=[bubble]))
    stream = KEEP_ALIVE + b"".join(frame(event, number) + KEEP_ALIVE for number, event in enumerate(events, 1))
    found = read_by_the_standard(stream.decode())
    assert [(number, name) for number, name, _ in found] == [(str(n), one.event) for n, one in enumerate(events, 1)]
    for event, (_, _, data) in zip(events, found, strict=True):
        body = event.bubble if isinstance(event, BubbleAdded) else event
        assert json.loads(data) == body.model_dump(exclude_none=True)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.event)
def test_data_is_one_json_object_without_escapes_of_hangul(event: Event) -> None:
    assert b"\\uac" not in frame(event, 1)
