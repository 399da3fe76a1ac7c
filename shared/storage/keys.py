"""Every key string of every table, made and parsed in pairs. Parts are joined by `#`, which ids never contain."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone

from ulid import ULID

SEOUL = timezone(timedelta(hours=9), "Asia/Seoul")  # no daylight saving since 1988
ONLY = "-"  # the sort key of a table that has one item a partition
MASKED = "masked"  # in `tickets`: what of a question was masked, beside its ticket
CURRENT = "current"  # in `indexes`: the pointer; versions are ULIDs, which sort before it
LEASE = "lease"  # in `indexes`: who builds; sorts after the pointer, so that it is in no list of versions

DIRECTORY = "#"  # in `bots`: the partition that lists all bots; no bot is called so
DRAFT = "draft"  # in `bots`: the one that does not serve
_PUBLISHED = "published#"
_ALL_CATEGORIES, _CATEGORY = "all", "category#"  # in `popular`: no category's own name is a key
_MAX_SK_BYTES = 1_024
_KEYS_OF_BOT = "bot"  # in `keys`: in front of a bot's list; hashes hold no `#`
ADMIN_KEYS = "#admin"  # in `keys`: the partition that lists all admin keys; the sort key is a key's id
ADMIN_OWNERS = "#admin-owners"  # in `keys`: which of them own all bots


@dataclass(frozen=True)
class Owner:
    """One visitor of one bot: what a session belongs to.

    Parameters
    ----------
    is_new
        Whether the id was made a moment ago, so that nothing can be stored under it.
    """

    bot_id: str
    visitor_id: str
    is_new: bool = field(default=False, compare=False)


def sessions_pk(owner: Owner) -> str:
    """Partition of `sessions`."""
    return _join(owner.bot_id, owner.visitor_id)


def chats_pk(owner: Owner, session_id: str) -> str:
    """Partition of `chats`. It names the visitor, so a foreign session is an empty partition."""
    return _join(owner.bot_id, owner.visitor_id, session_id)


def parse_chats_pk(pk: str) -> tuple[Owner, str]:
    """The owner and the session of a partition made by `chats_pk`."""
    bot_id, visitor_id, session_id = pk.split("#")
    return Owner(bot_id, visitor_id), session_id


def questions_pk(bot_id: str, chat_id: str) -> str:
    """Partition of `questions`: the bot and the day, in Seoul, on which the turn `chat_id` was made."""
    return questions_pk_of(bot_id, day_of(chat_id))


def questions_pk_of(bot_id: str, day: str) -> str:
    """Partition of `questions`: the bot and a day in Seoul, `YYYY-MM-DD`."""
    return _join(bot_id, day)


def parse_questions_pk(pk: str) -> tuple[str, str]:
    """The bot and the day (`YYYY-MM-DD`) of a partition made by `questions_pk`."""
    bot_id, day = pk.split("#")
    return bot_id, day


def feedback_pk(bot_id: str) -> str:
    """Partition of `feedback`; the sort key is the chat_id of the answer."""
    return _join(bot_id)


def parse_feedback_pk(pk: str) -> str:
    """The bot of a partition made by `feedback_pk`."""
    return pk


def tallies_pk(bot_id: str, day: str) -> str:
    """Partition of `counters` for the feedback that was given to a bot on a day; the sort key is a tally's id."""
    return _join("feedback", bot_id, day)


def new_tally_id() -> str:
    """Random alone: it does not tell when, or on what, feedback was given."""
    return secrets.token_hex(16)


def drafts_pk(source_id: str) -> str:
    """Partition of `contents` for what operators have edited and not published; the sort key is the content's id."""
    return _join(source_id, "drafts")


def removed_pk(source_id: str) -> str:
    """Partition of `contents` for what was removed and can be brought back; the sort key is the content's id."""
    return _join(source_id, "removed")


def notion_pk(source_id: str, *, dry: bool = False) -> str:
    """Partition of `contents` that lists what of Notion is read into a source, by its id; of dry runs another one."""
    return _join(source_id, "notion-dry" if dry else "notion")


def notion_pages_pk(source_id: str, target_id: str, *, dry: bool = False) -> str:
    """Partition of `contents` for the pages of a database or page of Notion; the sort key is a page's id."""
    return _join(source_id, "notion-dry" if dry else "notion", target_id)


def golden_pk(bot_id: str) -> str:
    """Partition of `evaluations` for a bot's golden questions; the sort key is a question's id."""
    return _join(bot_id, "golden")


def bot_version(ulid: str) -> str:
    """Sort key of a published version in `bots`; of an empty `ulid` the prefix that they share."""
    return f"{_PUBLISHED}{ulid}"


def new_bot_version() -> str:
    """The sort key of a version that is published now: later ones sort behind it."""
    return bot_version(str(ULID()))


def new_revision() -> str:
    """What tells one state of a draft from another; it sorts in time."""
    return str(ULID())


def published_at(version: str) -> datetime | None:
    """The instant at which a version made by `new_bot_version` was published; of `built-in` there is none."""
    return created_at(version.removeprefix(_PUBLISHED)) if version.startswith(_PUBLISHED) else None


def bot_keys_pk(bot_id: str) -> str:
    """Partition of `keys` that lists a bot's keys; the sort key is a key's id. A key itself is found by its hash."""
    return _join(_KEYS_OF_BOT, bot_id)


def new_key_id() -> str:
    """A ULID: a bot's keys are listed as they were made."""
    return str(ULID())


def rate_pk(kind: str, subject: str) -> str:
    """Partition of `counters` for a rate: `kind` is what is limited, `subject` whom it is counted for."""
    return _join("rate", kind, subject)


def spending_pk(bot_id: str) -> str:
    """Partition of `counters` for what a bot spends; the sort key is the day."""
    return _join("spending", bot_id)


def notice_pk(bot_id: str) -> str:
    """Partition of `counters` for what is pinned to a bot's entry: an item that ends, like those that are counted."""
    return _join("notice", bot_id)


def idempotency_pk(owner: Owner, session_id: str) -> str:
    """Partition of `counters` for the idempotency keys of one session; the sort key is the key's hash."""
    return _join("idempotency", owner.bot_id, owner.visitor_id, session_id)


def today() -> date:
    """The day in Seoul."""
    return datetime.now(SEOUL).date()


def new_chat_id() -> str:
    """A ULID: 48 bits of milliseconds, 80 random bits. Its time is the turn's `created_at`."""
    return str(ULID())


def created_at(chat_id: str) -> datetime:
    """The instant, in UTC, that a ULID holds. Raises `ValueError` when it is not one."""
    return ULID.from_str(chat_id).datetime.astimezone(UTC)


def day_of(chat_id: str) -> str:
    """The day in Seoul, `YYYY-MM-DD`, of a ULID's instant. Raises `ValueError` when it is not one."""
    try:
        return created_at(chat_id).astimezone(SEOUL).date().isoformat()
    except OverflowError as error:  # in Seoul it is the year 10000 already
        raise ValueError("a ULID later than any date") from error


def day_at(epoch_seconds: float) -> str:
    """The day in Seoul, `YYYY-MM-DD`, of an instant."""
    return datetime.fromtimestamp(epoch_seconds, SEOUL).date().isoformat()


def last_days(epoch_seconds: float, count: int) -> list[str]:
    """The day in Seoul of an instant and those before it, `count` in all, the earliest first."""
    today = datetime.fromtimestamp(epoch_seconds, SEOUL).date()
    return [(today - timedelta(days=back)).isoformat() for back in reversed(range(count))]


def days_of(first: str, last: str) -> list[str]:
    """The days from `first` to `last`, both `YYYY-MM-DD` and both included, the earliest first."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [(start + timedelta(days=ahead)).isoformat() for ahead in range((end - start).days + 1)]


def day_before(day: str, days: int = 1) -> str:
    """The day so many days before one, `YYYY-MM-DD`; with a negative count, after it."""
    return (date.fromisoformat(day) - timedelta(days=days)).isoformat()


def first_chat_id(epoch_seconds: float) -> str:
    """What sorts before every chat_id made from this instant on, and behind those made before it."""
    return str(ULID.from_bytes(int(epoch_seconds * 1_000).to_bytes(6, "big") + bytes(10)))


def rollups_pk(bot_id: str) -> str:
    """Partition of `rollups`: a bot's days; the sort key is the day."""
    return _join(bot_id)


def changed_days_pk(bot_id: str) -> str:
    """Partition of `rollups` for the days of a bot on whose questions ratings were given; the sort key is the day."""
    return _join(bot_id, "changed")


def ratings_pk(bot_id: str, day: str) -> str:
    """Partition of `rollups` for the ratings of a day's answers; the sort key is a rating's number."""
    return _join(bot_id, day, "ratings")


def rating_sk(number: int) -> str:
    """Sort key of a rating: numbers in order, up to ten billion."""
    return f"{number:010}"


def parse_rating_sk(sk: str) -> int:
    """The number of a key made by `rating_sk`."""
    return int(sk)


def popular_sk(category: str | None) -> str:
    """Sort key in `popular`: the category, or that of all. Of a name that no key can hold, its digest."""
    if category is None:
        return _ALL_CATEGORIES
    sk = f"{_CATEGORY}{category}"
    return sk if len(sk.encode()) <= _MAX_SK_BYTES else _CATEGORY + hashlib.sha256(category.encode()).hexdigest()


def frequent_pk(bot_id: str) -> str:
    """Partition of `popular` for what a bot is asked most; the sort key is a question's place."""
    return _join(bot_id, "frequent")


def place_sk(place: int) -> str:
    """Sort key of a place in a list, from 0, padded so that places sort in order."""
    return f"{place:06d}"


def desk_pk(bot_id: str) -> str:
    """Partition of `evaluations` for what operators have said of wordings; `wording_sk` is the other key."""
    return _join(bot_id, "desk")


def wording_sk(wording: str) -> str:
    """Sort key of a wording, which does not tell it."""
    return hashlib.sha256(wording.encode()).hexdigest()


def vectors_pk(bot_id: str) -> str:
    """Partition of `evaluations` for vectors of questions that operators ask again; `vector_sk` is the other key."""
    return _join(bot_id, "vectors")


def vector_sk(engine: str, text: str) -> str:
    """Sort key of a text's vector by an engine: it tells neither."""
    return hashlib.sha256(f"{engine}\0{text}".encode()).hexdigest()


def window_sk(epoch_seconds: float, window_seconds: int) -> str:
    """Sort key of a counter's window: its number, padded so that windows sort in time."""
    return f"{int(epoch_seconds // window_seconds):012d}"


def event_sk(number: int) -> str:
    """Sort key in `streams`: the number of the first event of a piece, padded so that pieces sort in order."""
    return f"{number:010d}"


def parse_event_sk(sk: str) -> int:
    """The number in a sort key made by `event_sk`."""
    return int(sk)


def _join(*parts: str) -> str:
    if any(not part or "#" in part for part in parts):
        raise ValueError(f"a part of a key is empty or contains '#': {parts!r}")
    return "#".join(parts)
