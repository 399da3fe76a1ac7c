"""The improvement desk over the history log of every back end: what belongs to it, merged, counted, bounded."""

from collections.abc import Callable
from typing import Any

import pytest
from ulid import ULID

from shared import desk as desks
from shared.desk import Desk, desk
from shared.desk_marks import DeskMarks
from shared.history import Span
from shared.retrieval.base import Embedded
from shared.retrieval.embedded import packed
from shared.storage import keys
from shared.storage.base import Store
from tests.app import new_session
from tests.fakes.embedder import FakeEmbedder
from tests.storage.backends import HandClock

HOUR, DAY = 3_600, 86_400
UNIT = 0.4  # the fake engine spreads far
REFUSED = "드론 배송은 언제 시작해요?"


@pytest.fixture
def bot_id() -> str:
    """That no other test uses."""
    return new_session()


@pytest.fixture
def engine() -> FakeEmbedder:
    return FakeEmbedder()


Read = Callable[..., Desk]


@pytest.fixture
def read(store: Store, clock: HandClock, bot_id: str, engine: FakeEmbedder) -> Read:
    def read(days: int = 3, limit: int = 50, **more: Any) -> Desk:
        span = Span(keys.last_days(clock(), days)[0], keys.day_at(clock()))
        return desk(store, engine, bot_id, span, UNIT, limit, **more)

    return read


Log = Callable[..., str]


@pytest.fixture
def log(store: Store, clock: HandClock, bot_id: str) -> Log:
    made = FakeEmbedder()

    def log(text: str = REFUSED, ago: float = HOUR, embedded: bool = True, **more: Any) -> str:
        chat_id = str(ULID.from_timestamp(clock() - ago))
        item = {"user_message": text, "status": "done", "decision": "refuse", "session_id": new_session(), **more}
        if embedded:
            item["embedding"] = packed(Embedded(made.name, made.embed_queries([text])[0])).model_dump()
        store.put("questions", {"pk": keys.questions_pk(bot_id, chat_id), "sk": chat_id, **item})
        return chat_id

    return log


@pytest.mark.parametrize(
    ("logged", "why"),
    [
        ({"decision": "refuse"}, "refused"),
        ({"decision": "clarify"}, "clarified"),
        ({"decision": "answer", "margin": 0.1}, "low_margin"),
        ({"decision": "answer", "margin": -0.2}, "low_margin"),
        ({"decision": "answer", "margin": 0.9, "feedback": {"helpful": False, "reason_codes": []}}, "unhelpful"),
        ({"decision": "refuse", "feedback": {"helpful": False, "reason_codes": []}}, "unhelpful"),
        ({"decision": "answer", "margin": 0.9}, None),
        ({"decision": "answer"}, None),
        ({"decision": "answer", "margin": 0.9, "feedback": {"helpful": True, "reason_codes": []}}, None),
        ({"decision": "fixed"}, None),
        ({"decision": None, "status": "failed"}, None),
        ({"decision": "refuse", "deleted": True, "user_message": ""}, None),
        ({"decision": "clarify", "record": {"tapped": True}}, None),
    ],
)
def test_what_belongs_to_the_desk_and_why(read: Read, log: Log, logged: dict[str, Any], why: str | None) -> None:
    log(**logged)
    found = read()
    assert [one.why for one in found.clusters] == ([{why: 1}] if why else [])
    assert found.looked == 1


def test_one_wording_is_merged_whatever_its_signs_with_its_count_and_sessions(read: Read, log: Log) -> None:
    session = new_session()
    log("드론배송은 언제 시작해요", session_id=session)
    log("드론 배송은 언제 시작해요??", session_id=session, decision="clarify", ago=DAY)
    newest = log(REFUSED, ago=60)
    (cluster,) = read().clusters
    assert (cluster.count, cluster.sessions, cluster.wordings) == (3, 2, 1)
    assert cluster.why == {"refused": 2, "clarified": 1}
    (shown,) = cluster.questions
    assert (shown.question, shown.count, shown.sessions, shown.chat_id) == (REFUSED, 3, 2, newest)


def test_a_programs_question_is_a_session_of_its_own(read: Read, log: Log) -> None:
    for _ in range(2):
        log(session_id=None, key_id="k", channel="api")
    assert [one.sessions for one in read().clusters] == [2]


def test_like_questions_are_a_group_and_the_largest_comes_first(read: Read, log: Log) -> None:
    log("비밀번호를 잊어버렸어요")
    for text in ("드론 배송은 언제 시작해요?", "드론 배송은 언제 시작하나요?", "드론 배송 언제 시작해요?"):
        log(text)
    first, second = read().clusters
    assert (first.count, first.wordings, second.count) == (3, 3, 1)
    assert {one.question for one in first.questions} >= {REFUSED}
    assert first.question in {one.question for one in first.questions}


def test_only_the_days_that_were_asked_for_are_read(read: Read, log: Log) -> None:
    log("비밀번호를 잊어버렸어요", ago=DAY)
    log(ago=7 * DAY)
    assert [one.question for one in read(days=2).clusters] == ["비밀번호를 잊어버렸어요"]
    assert read(days=9).groups == 2


def test_the_nearest_contents_are_those_that_were_found_and_are_still_there(
    store: Store, read: Read, log: Log, bot_id: str
) -> None:
    for faq_id in ("far", "near"):
        store.put("contents", {"pk": bot_id, "sk": faq_id, "faq_id": faq_id, "title": f"제목 {faq_id}"})
    found = [("gone", 0.9), ("near", 0.8), ("far", 0.4)]
    candidates = [{"source_id": bot_id, "faq_id": one, "score": score} for one, score in found]
    log(record={"candidates": [*candidates, {"kind": "record", "faq_id": "api", "score": 1.0}]})
    (cluster,) = read().clusters
    assert [(one.faq_id, one.title, one.score) for one in cluster.contents] == [
        ("near", "제목 near", 0.8),
        ("far", "제목 far", 0.4),
    ]


def test_nothing_is_embedded_but_what_has_no_vector_of_this_engine(
    read: Read, log: Log, engine: FakeEmbedder, store: Store, bot_id: str
) -> None:
    log("벡터가 있는 질문입니다")
    assert (read().groups, engine.queries) == (1, [])
    old = log("dhfoehls wlfans", embedded=False)
    log("다른 엔진의 질문입니다", embedded=False, embedding={"engine": "other/1", "vector": "ADwAPA=="})
    log("망가진 벡터의 질문", embedded=False, embedding={"engine": engine.name, "vector": "!"})
    assert read().groups == 4
    assert sorted(engine.queries) == ["다른 엔진의 질문입니다", "망가진 벡터의 질문", "오래된 질문"]
    assert old


def test_bounds_are_told(read: Read, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    for n, text in enumerate((REFUSED, "비밀번호를 잊어버렸어요", "정산 계좌 바꾸기")):
        for _ in range(n + 1):
            log(text, embedded=n > 0)
    whole = read(limit=1)
    assert (whole.questions, whole.groups, whole.left_out, whole.all_looked) == (6, 3, 0, True)
    assert [one.question for one in whole.clusters] == ["정산 계좌 바꾸기"]
    monkeypatch.setattr(desks, "MOST_EMBEDDED", 0)
    assert (read().groups, read().left_out) == (2, 1)
    monkeypatch.setattr(desks, "MOST", 1)
    assert (read().groups, read().left_out) == (1, 2)
    monkeypatch.setattr(desks, "MOST_LOOKED", 5)
    assert (read().looked, read().all_looked) == (5, False)


def test_a_day_without_questions_is_an_empty_desk(read: Read) -> None:
    found = read()
    assert (found.questions, found.groups, found.clusters, found.all_looked) == (0, 0, [], True)


@pytest.mark.parametrize("again", [REFUSED, f"{REFUSED[:-1]}!!", "드론 배송은 언제부터 시작해요?"])
def test_a_group_that_an_operator_is_done_with_comes_back_when_questions_join(
    read: Read, log: Log, store: Store, clock: HandClock, bot_id: str, again: str
) -> None:
    log(ago=2 * HOUR)
    marks = DeskMarks(store, 90, clock)
    (group,) = read().clusters
    seen = {one.question: one.chat_id for one in group.questions}
    marks.put(bot_id, seen, "done")
    found = read(marks=marks.all(bot_id))
    assert (found.clusters, found.groups, found.handled) == ([], 0, 1)
    assert [one.state for one in read(marks=marks.all(bot_id), handled=True).clusters] == ["done"]

    log(again, ago=HOUR)
    found = read(marks=marks.all(bot_id))
    assert ([one.state for one in found.clusters], found.handled) == ([None], 0)
    marks.put(bot_id, {one.question: one.chat_id for one in found.clusters[0].questions}, "ignored")
    assert read(marks=marks.all(bot_id)).clusters == []
    marks.put(bot_id, {one.question: one.chat_id for one in found.clusters[0].questions}, None)
    assert len(read(marks=marks.all(bot_id)).clusters) == 1


def test_of_a_group_with_more_wordings_than_are_listed_the_others_count_as_seen(
    read: Read, log: Log, store: Store, clock: HandClock, bot_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "_SHOWN_QUESTIONS", 1)
    log("드론 배송은 언제부터 시작해요?", ago=3 * HOUR)
    log(ago=2 * HOUR)
    log(ago=2 * HOUR)
    marks = DeskMarks(store, 90, clock)
    (group,) = read().clusters
    assert (group.wordings, len(group.questions)) == (2, 1)
    marks.put(bot_id, {group.questions[0].question: group.questions[0].chat_id}, "done")
    assert read(marks=marks.all(bot_id)).clusters == []
    log("드론 배송은 언제부터 시작해요?", ago=HOUR)
    assert len(read(marks=marks.all(bot_id)).clusters) == 1
