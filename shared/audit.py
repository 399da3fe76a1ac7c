"""What operators have changed: who, when, what it was before, and what it is now.

An entry is written before its change, as `begun`, and marked `done` or `failed` after it. So nothing changes
unrecorded: when the store does not take the entry, there is no change. A process that dies in between, or a store that
is away right after the change, leaves `begun`: the change may have happened, and the thing itself tells.

Secrets never enter: what is called like one is hidden, and so is what looks like a key of this project. Texts and lists
that are long are cut, and tell how long they were; a text tells its digest, too.
"""

import hashlib
import json
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel
from ulid import ULID

from shared.admin_keys import Operator
from shared.errors import AppError, InvalidInput, StoreUnavailable
from shared.models import Model
from shared.storage import keys
from shared.storage.base import Clock, Store, now

log = logging.getLogger(__name__)

MAX_TEXT = 4_000  # characters of one value
_LESS_TEXT = (500, 100)  # of an entry that would be too large
MAX_BYTES = 300_000  # of what was and what is, as JSON; the store takes 390,000
MAX_VALUES = 50  # of one list, or of one object
MAX_DEPTH = 6
_DAY_SECONDS = 86_400
_PAGE = 50
_READ = 1_000  # entries that are looked at for one page, at most: those of others are passed over
_HIDDEN = "(숨김)"
_TOKEN = re.compile(r"\bh[akv]_[A-Za-z0-9_.-]{16,}|(?<=[Bb]earer )(?!\{secret:)[^\s\"']{8,}")
SECRET_NAME = re.compile(
    r"(?:^|[-_])(?:api|service|access|secret|auth|private)?[-_]?(?:key|token|secret|password|authorization|cookie)$",
    re.IGNORECASE,
)


class AuditEntry(Model):
    """One change.

    Parameters
    ----------
    bots
        Those that it touches, by id; `None` is all.
    subject
        What was changed, e.g. a key's id or a version.
    outcome
        `begun`: it is under way, or the process died and nobody knows.
    error
        The code of what it failed with.
    """

    entry_id: str
    at: datetime
    key_id: str
    name: str
    action: str
    bots: list[str] | None = None
    subject: str = ""
    before: Any = None
    after: Any = None
    outcome: Literal["begun", "done", "failed"] = "begun"
    error: str | None = None


class AuditPage(Model):
    """Entries, newest first, and where the next page begins."""

    entries: list[AuditEntry]
    cursor: str | None = None


@dataclass
class Change:
    """A change under way: what is known only after it may be filled in until it ends."""

    subject: str = ""
    before: Any = None
    after: Any = None


class Audit:
    """Verbs over the table `audit`. They raise `StoreUnavailable`."""

    def __init__(self, store: Store, days: int, clock: Clock = now) -> None:
        self._store, self._days, self._clock = store, days, clock

    @contextmanager
    def change(
        self,
        operator: Operator,
        action: str,
        bots: Sequence[str] | None,
        subject: str = "",
        *,
        before: Any = None,
        after: Any = None,
    ) -> Iterator[Change]:
        """Around a change: recorded before it, closed after it, also when it fails.

        Parameters
        ----------
        action
            What is done, as `draft.save`: the thing, then the verb.
        bots
            Ids of those that it touches; `None` is all.
        before, after
            JSON values, or models' dumps in JSON mode; rather what differs than the whole.
        """
        change = Change(subject, before, after)
        day, entry_id = self._begin(operator, action, bots, change)
        try:
            yield change
        except BaseException as error:
            self._end(day, entry_id, change, "failed", error.code if isinstance(error, AppError) else "internal_error")
            raise
        self._end(day, entry_id, change, "done", None)

    def page(
        self, operator: Operator, day: str, bot_id: str | None = None, cursor: str | None = None, limit: int = _PAGE
    ) -> AuditPage:
        """A day's entries that an operator may see, newest first.

        A page may be short, or empty, and yet have a cursor: many entries of others were passed over.

        Parameters
        ----------
        day
            In Seoul, `YYYY-MM-DD`.
        bot_id
            Only changes of this bot.
        """
        found: list[AuditEntry] = []
        read = 0
        while True:
            page = self._store.query("audit", day, before=cursor, limit=100, newest_first=True)
            for item in page.items:
                read += 1
                entry = AuditEntry.model_validate(item)
                if operator.sees_all(entry.bots) and (
                    bot_id is None or (entry.bots is not None and bot_id in entry.bots)
                ):
                    found.append(entry)
                if len(found) == limit or read == _READ:
                    last = page.cursor is None and item is page.items[-1]
                    return AuditPage(entries=found, cursor=None if last else entry.entry_id)
            if page.cursor is None:
                return AuditPage(entries=found)
            cursor = page.cursor

    def today(self) -> str:
        """The day in Seoul."""
        return keys.day_at(self._clock())

    def _begin(self, operator: Operator, action: str, bots: Sequence[str] | None, change: Change) -> tuple[str, str]:
        at = self._clock()
        entry = AuditEntry(
            entry_id=str(ULID.from_timestamp(at)),
            at=datetime.fromtimestamp(at, UTC),
            key_id=operator.key_id,
            name=operator.name,
            action=action,
            bots=None if bots is None else sorted(set(bots)),
            subject=change.subject,
            **_kept(change),
        )
        day = keys.day_at(at)
        item = {"pk": day, "sk": entry.entry_id, **entry.model_dump(mode="json")}
        self._store.put("audit", item, if_absent=True, expires_at=int(at) + self._days * _DAY_SECONDS)
        return day, entry.entry_id

    def _end(self, day: str, entry_id: str, change: Change, outcome: str, error: str | None) -> None:
        """Close an entry. Without the store it stays `begun`: the change itself is what it is."""
        changes = {
            "outcome": outcome,
            "error": error,
            "subject": change.subject,
            **_kept(change),
        }
        try:
            self._store.update("audit", day, entry_id, changes)
        except StoreUnavailable as away:
            log.error("audit entry %s stays begun: %s", entry_id, away.reason)


def recorded(model: BaseModel | None) -> dict[str, Any] | None:
    """A model as an entry tells it: all that is not as it begins."""
    return None if model is None else model.model_dump(mode="json", exclude_defaults=True)


def shown(value: Any, depth: int = MAX_DEPTH, most: int = MAX_TEXT) -> Any:
    """A JSON value without secrets, its texts of so many characters at most."""
    match value:
        case str():
            text = _TOKEN.sub(_HIDDEN, value)
            return text if len(text) <= most else f"{text[:most]}… (전체 {len(text):,}자, SHA-256 {_digest(text)})"
        case Mapping() | list() | tuple() if depth == 0:
            return shown(json.dumps(_without_secrets(value), ensure_ascii=False), most=most)
        case Mapping():
            named = {
                str(name): _HIDDEN if _is_secret(str(name), one) else shown(one, depth - 1, most)
                for name, one in list(value.items())[:MAX_VALUES]
            }
            more = len(value) - len(named)
            return {**named, "…": f"외 {more:,}개"} if more else named
        case list() | tuple():
            few = [shown(one, depth - 1, most) for one in value[:MAX_VALUES]]
            more = len(value) - len(few)
            return [*few, f"외 {more:,}개"] if more else few
        case _:
            return value


def check_day(day: str, today: str, days: int) -> str:
    """A day that entries can be of. Raises `InvalidInput`."""
    try:
        given = date.fromisoformat(day)
    except ValueError as error:
        raise InvalidInput("day는 2026-11-22와 같은 날짜여야 합니다.") from error
    first = date.fromisoformat(today) - timedelta(days=days)
    if not first <= given <= date.fromisoformat(today):
        raise InvalidInput(f"day는 최근 {days}일 안의 날짜여야 합니다.")
    return given.isoformat()


def _kept(change: Change) -> dict[str, Any]:
    """What was and what is, as much of it as an entry holds."""
    for most in (MAX_TEXT, *_LESS_TEXT):
        told = {"before": shown(change.before, most=most), "after": shown(change.after, most=most)}
        if len(json.dumps(told, ensure_ascii=False).encode(errors="replace")) <= MAX_BYTES:
            return told
    return {"before": shown(change.before, depth=0), "after": shown(change.after, depth=0)}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16]


def _is_secret(name: str, value: Any) -> bool:
    """Whether a name says that its value is one; a reference to one is none."""
    return bool(SECRET_NAME.search(name)) and isinstance(value, str) and "{secret:" not in value


def _without_secrets(value: Any) -> Any:
    match value:
        case Mapping():
            return {
                str(name): _HIDDEN if _is_secret(str(name), one) else _without_secrets(one)
                for name, one in value.items()
            }
        case list() | tuple():
            return [_without_secrets(one) for one in value]
        case _:
            return value
