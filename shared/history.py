"""The history log (table `questions`) as operators read it: newest first, filtered, searched, page by page.

A question is in the partition of its day, and a list is read from one day into the one before. What is filtered by has
no index: a call looks at so many questions at most, and tells how far it came. Texts are as they were stored, with
personal data masked. What a deleted session leaves behind is listed without its text.
"""

# ruff: noqa: RUF012 (pydantic copies defaults; the linter does not see through `Model`)

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, TypeAlias

from pydantic import Field

from shared.errors import InvalidInput, TurnNotFound
from shared.models import (
    AnswerRecord,
    Bubble,
    Decision,
    Expression,
    Feedback,
    Model,
    Source,
    Suggestion,
    Turn,
    TurnStatus,
    first_content_of,
)
from shared.storage import keys
from shared.storage.base import Clock, Item, Store, now
from shared.storage.keys import Owner

Channel: TypeAlias = Literal["page", "api"]

LONGEST_ANSWER_SECONDS = 3_600  # a question that is open for longer was taken by a process that died
_FIRST_DAY, _LAST_DAY = "2000-01-01", "2999-12-31"  # that can be asked for: what is counted looks at the days around
MOST_LOOKED = 2_000  # questions that a call for a page looks at: 0.4 s of processor, with a text twice that
_BATCH, _WHOLE_BATCH = 500, 100
_HISTORY_TURNS = 6
_SIGNS = re.compile(r"[\W_]+")
# What a row needs; `sources` and `system_message` are read where a filter asks for them
_ROW = (
    "user_message",
    "status",
    "decision",
    "degraded",
    "latency_ms",
    "feedback",
    "channel",
    "bot_version",
    "service_type",
    "answered_by",
    "deleted",
    "record",
)


class HistoryRow(Model):
    """One question in a list."""

    chat_id: str
    day: str = Field(description="In Seoul, YYYY-MM-DD")
    created_at: datetime
    user_message: str
    status: TurnStatus
    decision: Decision | None = None
    category: str | None = None
    service_type: str | None = None
    degraded: list[str] = []
    latency_ms: int | None = None
    feedback: Feedback | None = None
    channel: Channel = "page"
    bot_version: str = ""
    faq_id: str | None = Field(None, description="The first content that the answer rests on")
    title: str | None = Field(None, description="Its title then")
    deleted: bool = False


class HistoryTurn(HistoryRow):
    """One question whole, and how its answer came about."""

    system_message: str = ""
    bubbles: list[Bubble] = []
    sources: list[Source] = []
    suggestions: list[Suggestion] = []
    expression: Expression | None = None
    searched_as: str | None = None
    error_code: str | None = None
    finished_at: datetime | None = None
    session_id: str | None = None
    visitor_id: str | None = None
    key_id: str | None = None
    comment: str | None = Field(None, description="What was said of the answer, with personal data masked")
    record: AnswerRecord = AnswerRecord()


class HistoryPage(Model):
    """Some questions, newest first."""

    items: list[HistoryRow]
    cursor: str | None = Field(None, description="For the next page; it may turn out to be empty")
    looked: int = Field(description="How many questions were looked at")
    looked_to: str | None = Field(None, description="The day that was reached; nothing when all were looked at")


@dataclass(frozen=True)
class Span:
    """Days in Seoul, `YYYY-MM-DD`, both included."""

    first: str
    last: str

    @classmethod
    def of(cls, first: str | None, last: str | None, today: str, most_days: int) -> "Span":
        """Days as they were asked for; by default the last week. Raises `InvalidInput`."""
        for name, day in (("시작일(from)", first), ("종료일(to)", last)):
            if day is not None and not _is_day(day):
                raise InvalidInput(f"{name}은 2026-11-22와 같은 날짜여야 합니다.")
            if day is not None and not _FIRST_DAY <= day <= _LAST_DAY:
                raise InvalidInput(f"{name}은 {_FIRST_DAY}부터 {_LAST_DAY}까지의 날짜여야 합니다.")
        end = last or max(today, first or today)
        start = first or keys.day_before(end, 6)
        if start > end:
            raise InvalidInput("시작일(from)이 종료일(to)보다 늦습니다.")
        if (date.fromisoformat(end) - date.fromisoformat(start)).days >= most_days:
            raise InvalidInput(f"기간은 {most_days:,}일 이하로 선택해 주세요.")
        return cls(start, end)

    def newest_first(self, start: str | None = None) -> list[str]:
        """Its days, from `start` on."""
        return [day for day in reversed(keys.days_of(self.first, self.last)) if start is None or day <= start]


@dataclass(frozen=True)
class Filters:
    """What a question has to be; what is `None` does not matter.

    Parameters
    ----------
    decision
        `none` is a question that got no answer.
    feedback
        `none` is an answer that nobody rated.
    faq_id
        A content that the answer rests on or shows.
    slow_ms
        How long the answer took at least.
    text
        What the question or its answer holds, whatever the spaces, signs and cases.
    """

    decision: Literal[Decision, "none"] | None = None
    status: TurnStatus | None = None
    category: str | None = None
    service_type: str | None = None
    feedback: Literal["helpful", "unhelpful", "none"] | None = None
    faq_id: str | None = None
    degraded: bool | None = None
    slow_ms: int | None = None
    channel: Channel | None = None
    bot_version: str | None = None
    text: str | None = None

    def __post_init__(self) -> None:
        if self.text is not None and not _letters(self.text):
            raise InvalidInput("검색어에는 글자나 숫자가 있어야 합니다.")

    @property
    def reads(self) -> list[str]:
        """The attributes that a row and these filters need."""
        more = ["sources"] if self.faq_id is not None else []
        return [*_ROW, *more, *(["system_message"] if self.text is not None else [])]

    def match(self, item: Item, row: HistoryRow) -> bool:
        """Whether a question is such a one: what costs most is asked last."""
        feedback = row.feedback and ("helpful" if row.feedback.helpful else "unhelpful")
        return (
            self.decision in (None, row.decision or "none")
            and self.status in (None, row.status)
            and self.category in (None, row.category)
            and self.service_type in (None, row.service_type)
            and self.feedback in (None, feedback or "none")
            and self.degraded in (None, bool(row.degraded))
            and (self.slow_ms is None or (row.latency_ms or 0) >= self.slow_ms)
            and self.channel in (None, row.channel)
            and self.bot_version in (None, row.bot_version)
            and (self.faq_id is None or self.faq_id in _contents(item))
            and (self.text is None or _holds(item, self.text))
        )


class History:
    """The verbs. They raise `StoreUnavailable`.

    Parameters
    ----------
    most_looked
        How many questions a call for a page looks at.
    """

    def __init__(self, store: Store, clock: Clock = now, most_looked: int = MOST_LOOKED) -> None:
        self._store, self._clock, self._most_looked = store, clock, most_looked

    def page(
        self, bot_id: str, span: Span, filters: Filters, cursor: str | None = None, limit: int = 50
    ) -> HistoryPage:
        """So many matching questions, or those among the next `most_looked`. Raises `InvalidInput` for a bad cursor."""
        rows: list[HistoryRow] = []
        looked, day = 0, None
        for items, after in self._batches(bot_id, span, filters.reads, cursor):
            for item in items:
                looked += 1
                row = as_row(item, self._clock())
                if filters.match(item, row):
                    rows.append(row)
                if len(rows) == limit:
                    return HistoryPage(items=rows, cursor=item["sk"], looked=looked, looked_to=row.day)
            day = keys.parse_questions_pk(items[-1]["pk"])[1] if items else day
            if looked >= self._most_looked and after is not None:
                return HistoryPage(items=rows, cursor=after, looked=looked, looked_to=day)
        return HistoryPage(items=rows, looked=looked)

    def every(self, bot_id: str, span: Span, filters: Filters) -> Iterator[list[HistoryTurn]]:
        """All that match, whole, newest first, some hundred at once: memory does not grow with them."""
        for items, _ in self._batches(bot_id, span, None, None):
            rows = ((item, as_row(item, self._clock())) for item in items)
            chosen = [item for item, row in rows if filters.match(item, row)]
            comments = self._comments(bot_id, [item["sk"] for item in chosen if item.get("feedback")])
            yield [as_turn(item, self._clock(), comments.get(item["sk"])) for item in chosen]

    def turn(self, bot_id: str, day: str, chat_id: str) -> HistoryTurn:
        """One question. Raises `TurnNotFound`."""
        try:
            pk = keys.questions_pk(bot_id, chat_id)
        except ValueError:  # not a ULID
            raise TurnNotFound from None
        item = self._store.get("questions", pk, chat_id) if keys.parse_questions_pk(pk)[1] == day else None
        if item is None:
            raise TurnNotFound
        comments = self._comments(bot_id, [chat_id] if item.get("feedback") else [])
        return as_turn(item, self._clock(), comments.get(chat_id))

    def earlier(self, bot_id: str, turn: HistoryTurn) -> list[Turn]:
        """What the visitor asked before in the session, as far as the answer saw it, oldest first.

        A program tells its history along with its question; it is not kept.
        """
        if not (turn.visitor_id and turn.session_id):
            return []
        pk = keys.chats_pk(Owner(bot_id, turn.visitor_id), turn.session_id)
        page = self._store.query("chats", pk, before=turn.chat_id, limit=_HISTORY_TURNS, newest_first=True)
        kept = [one for one in reversed(page.items) if one["status"] == TurnStatus.DONE]
        return [Turn.model_validate(one) for one in kept if one.get("superseded_by") in (None, turn.chat_id)]

    # How it is done

    def _batches(
        self, bot_id: str, span: Span, only: Sequence[str] | None, cursor: str | None
    ) -> Iterator[tuple[list[Item], str | None]]:
        """Questions, newest first, some of one day at once, and the cursor of what follows them."""
        start, before = _position(cursor)
        days = span.newest_first(start)
        for n, day in enumerate(days):
            before = before if day == start else None
            while True:
                page = self._store.query(
                    "questions",
                    keys.questions_pk_of(bot_id, day),
                    before=before,
                    limit=min(_BATCH, self._most_looked) if only is not None else _WHOLE_BATCH,
                    newest_first=True,
                    only=only,
                )
                if page.cursor is None:
                    break
                before = page.cursor
                yield page.items, before
            yield page.items, days[n + 1] if n + 1 < len(days) else None

    def _comments(self, bot_id: str, chat_ids: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for start in range(0, len(chat_ids), 40):
            for sk, item in self._store.get_many(
                "feedback", keys.feedback_pk(bot_id), chat_ids[start : start + 40]
            ).items():
                if item.get("comment"):
                    found[sk] = item["comment"]
        return found


def as_row(item: Item, at: float) -> HistoryRow:
    """A logged question as a list shows it."""
    return HistoryRow(**_row(item, at))


def as_turn(item: Item, at: float, comment: str | None = None) -> HistoryTurn:
    """A logged question, whole."""
    read = {name: value for name, value in item.items() if name in HistoryTurn.model_fields and value is not None}
    return HistoryTurn.model_validate({**read, **_row(item, at), "comment": comment})


def status_of(item: Item, at: float) -> TurnStatus:
    """What has become of a question. The log has no lease: what is open for long has lapsed."""
    status = TurnStatus(item["status"]) if "status" in item else TurnStatus.DONE
    if status.is_open and keys.created_at(item["sk"]).timestamp() + LONGEST_ANSWER_SECONDS <= at:
        return TurnStatus.INTERRUPTED
    return status


def channel_of(item: Item) -> Channel:
    """Who asked: a visitor of the page, or a program."""
    return "api" if item.get("channel") == "api" else "page"


def _row(item: Item, at: float) -> dict[str, Any]:
    first = first_content_of(item)
    return {
        "chat_id": item["sk"],
        "day": keys.parse_questions_pk(item["pk"])[1],
        "created_at": keys.created_at(item["sk"]),
        "user_message": item.get("user_message") or "",
        "status": status_of(item, at),
        "decision": item.get("decision"),
        "category": (item.get("record") or {}).get("category"),
        "service_type": item.get("service_type"),
        "degraded": item.get("degraded") or [],
        "latency_ms": item.get("latency_ms"),
        "feedback": item.get("feedback"),
        "channel": channel_of(item),
        "bot_version": item.get("bot_version") or "",
        "faq_id": first and first[1],
        "title": _title_of(item, first[1]) if first else None,
        "deleted": bool(item.get("deleted")),
    }


def _title_of(item: Item, faq_id: str) -> str | None:
    """What a content was called when it was found; of one that was tapped, what was asked is its title."""
    record: dict[str, Any] = item.get("record") or {}
    named = (one["title"] for one in record.get("candidates") or () if one["faq_id"] == faq_id)
    return next(named, item.get("user_message") or None if record.get("tapped") else None)


def _contents(item: Item) -> set[str]:
    return {one["faq_id"] for one in item.get("sources") or ()} | {*(item.get("answered_by") or [])[1:]}


def _holds(item: Item, text: str) -> bool:
    wanted = _letters(text)
    return any(wanted in _letters(one) for one in (item.get("user_message"), item.get("system_message")) if one)


def _letters(text: str) -> str:
    """As `retrieval.text.letters`, by one expression: a call looks through 2,000 answers of 500 characters."""
    return _SIGNS.sub("", unicodedata.normalize("NFC", text)).casefold()


def _position(cursor: str | None) -> tuple[str | None, str | None]:
    """The day that a cursor names, and the question of that day that was looked at last."""
    if cursor is None:
        return None, None
    if _is_day(cursor):
        return cursor, None
    try:
        return keys.day_of(cursor), cursor
    except ValueError:
        raise InvalidInput("cursor 값이 올바르지 않습니다.") from None


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
