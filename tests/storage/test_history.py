"""The history log on every back end: filters, search, and pages that go from one day into the one before."""

from typing import Any

import pytest
from ulid import ULID

from shared.conversations import Conversations, Question
from shared.errors import InvalidInput, TurnNotFound
from shared.feedback import Feedbacks, Opinion
from shared.history import Filters, History, Span
from shared.models import Answer, AnswerRecord, Source, TurnStatus
from shared.storage import keys
from shared.storage.base import Store
from shared.storage.keys import Owner
from tests.app import new_session
from tests.storage.backends import HandClock

HOUR, DAY = 3_600, 86_400


@pytest.fixture
def bot_id() -> str:
    """That no other test uses."""
    return new_session()


@pytest.fixture
def history(store: Store, clock: HandClock) -> History:
    return History(store, clock)


def log(store: Store, bot_id: str, at: float, text: str = "정산은 언제 되나요?", **more: Any) -> str:
    chat_id = str(ULID.from_timestamp(at))
    plain = {"status": "done", "decision": "answer", "latency_ms": 100, "user_message": text}
    item = {"pk": keys.questions_pk(bot_id, chat_id), "sk": chat_id, **plain, **more}
    store.put("questions", item)
    return chat_id


def span(clock: HandClock, days: int = 4) -> Span:
    return Span(keys.last_days(clock(), days)[0], keys.day_at(clock()))


def test_pages_go_on_across_days_newest_first_and_end(
    store: Store, history: History, clock: HandClock, bot_id: str
) -> None:
    asked = [log(store, bot_id, clock() - ago) for ago in (HOUR, HOUR + 1, DAY, DAY + 1, 3 * DAY)]
    found, cursor = list[str](), None
    while True:
        page = history.page(bot_id, span(clock), Filters(), cursor, limit=2)
        found += [one.chat_id for one in page.items]
        if (cursor := page.cursor) is None:
            break
    assert found == asked


def test_days_outside_of_the_span_are_not_read(store: Store, history: History, clock: HandClock, bot_id: str) -> None:
    for ago in (HOUR, 2 * DAY, 5 * DAY):
        log(store, bot_id, clock() - ago)
    day = keys.day_at(clock() - 2 * DAY)
    assert [one.day for one in history.page(bot_id, Span(day, day), Filters()).items] == [day]


CITED = {"answered_by": ["s", "c1"], "sources": [{"n": 1, "faq_id": "c1"}, {"n": 2, "faq_id": "c2"}]}


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        (Filters(decision="refuse"), {"decision": "refuse"}),
        (Filters(decision="none"), {"decision": None, "status": "failed"}),
        (Filters(status=TurnStatus.INTERRUPTED), {"decision": None, "status": "running"}),
        (Filters(category="배송"), {"record": {"category": "배송"}}),
        (Filters(service_type="회원"), {"service_type": "회원"}),
        (Filters(feedback="unhelpful"), {"feedback": {"helpful": False}}),
        (Filters(feedback="helpful"), {"feedback": {"helpful": True}}),
        (Filters(faq_id="c2"), CITED),
        (Filters(degraded=True), {"degraded": ["llm_unavailable"]}),
        (Filters(slow_ms=3_000), {"latency_ms": 3_000}),
        (Filters(channel="api"), {"channel": "api"}),
        (Filters(bot_version="v2"), {"bot_version": "v2"}),
        (Filters(text="환불금액"), {"user_message": "환불 금액은요?"}),
        (Filters(text="세금 계산서"), {"system_message": "세금계산서를 발급해요."}),
        (Filters(text="\u1112\u116a\u11ab\u1107\u116e\u11af"), {"user_message": "환불"}),
    ],
    ids=lambda one: (
        "-".join(f"{name}" for name in vars(one) if vars(one)[name] is not None) if isinstance(one, Filters) else ""
    ),
)
def test_a_filter_gives_what_it_names(
    store: Store, history: History, clock: HandClock, bot_id: str, filters: Filters, wanted: dict[str, Any]
) -> None:
    log(store, bot_id, clock() - 2 * HOUR, feedback=None)
    chat_id = log(store, bot_id, clock() - 2 * HOUR, **wanted)
    assert [one.chat_id for one in history.page(bot_id, span(clock), filters).items] == [chat_id]


def test_what_is_not_rated_and_not_degraded_can_be_asked_for(
    store: Store, history: History, clock: HandClock, bot_id: str
) -> None:
    plain = log(store, bot_id, clock() - HOUR)
    log(store, bot_id, clock() - HOUR, feedback={"helpful": True}, degraded=["x"])
    filters = Filters(feedback="none", degraded=False)
    assert [one.chat_id for one in history.page(bot_id, span(clock), filters).items] == [plain]


def test_a_call_looks_at_so_many_and_tells_where_it_stands(store: Store, clock: HandClock, bot_id: str) -> None:
    history = History(store, clock, most_looked=20)
    old = log(store, bot_id, clock() - 2 * DAY, "찾는 질문")
    made = [str(ULID.from_timestamp(clock() - HOUR)) for _ in range(30)]
    pk = keys.questions_pk(bot_id, made[0])
    store.batch_put("questions", [{"pk": pk, "sk": one, "user_message": "다른 말"} for one in made])
    first = history.page(bot_id, span(clock), Filters(text="찾는질문"))
    assert (first.items, first.looked, first.looked_to) == ([], 20, keys.day_at(clock() - HOUR))
    second = history.page(bot_id, span(clock), Filters(text="찾는질문"), first.cursor)
    assert ([one.chat_id for one in second.items], second.cursor, second.looked) == ([old], None, 11)


@pytest.mark.parametrize("cursor", ["2026-02-30", "nothing", "~", "2026-1-1"])
def test_a_cursor_that_is_none_is_told(history: History, clock: HandClock, bot_id: str, cursor: str) -> None:
    with pytest.raises(InvalidInput):
        history.page(bot_id, span(clock), Filters(), cursor)


def test_one_turn_is_read_whole_with_its_comment(store: Store, clock: HandClock) -> None:
    owner, conversations = Owner(new_session(), "v"), Conversations(store, 90, clock)
    claim = conversations.claim(conversations.ask(owner, new_session(), Question("정산은 언제 되나요?")))
    source = Source(n=1, faq_id="a", title="정산", matched_subject="정산", score=0.9, cited=True)
    record = AnswerRecord(candidates=[source])
    conversations.finish(claim, Answer(text="매일", decision="answer", sources=[source], record=record))
    Feedbacks(store, 90, clock).give(owner, claim.turn.chat_id, Opinion(False, ["wrong"], "아니에요"))
    history, chat_id = History(store, clock), claim.turn.chat_id
    turn = history.turn(owner.bot_id, keys.day_of(chat_id), chat_id)
    assert (turn.user_message, turn.system_message, turn.comment) == ("정산은 언제 되나요?", "매일", "아니에요")
    assert turn.feedback is not None and turn.feedback.reason_codes == ["wrong"]
    assert (turn.sources, turn.faq_id, turn.title, turn.channel) == ([source], "a", "정산", "page")
    day = keys.day_of(chat_id)
    (exported,) = [one for page in history.every(owner.bot_id, Span(day, day), Filters()) for one in page]
    assert exported == turn


def test_the_earlier_turns_of_its_session_are_those_that_it_followed(store: Store, clock: HandClock) -> None:
    owner, conversations, session = Owner(new_session(), "v"), Conversations(store, 90, clock), new_session()
    ids = []
    for n in range(3):
        claim = conversations.claim(conversations.ask(owner, session, Question(f"질문 {n}")))
        conversations.finish(claim, Answer(text="답", decision="answer"))
        ids.append(claim.turn.chat_id)
    history = History(store, clock)
    turn = history.turn(owner.bot_id, keys.day_of(ids[1]), ids[1])
    assert [one.chat_id for one in history.earlier(owner.bot_id, turn)] == ids[:1]


@pytest.mark.parametrize("chat_id", ["", "none", "01JD0000000000000000000000"])
def test_a_turn_that_is_not_there_is_not_found(history: History, bot_id: str, chat_id: str) -> None:
    with pytest.raises(TurnNotFound):
        history.turn(bot_id, "2026-01-01", chat_id)
