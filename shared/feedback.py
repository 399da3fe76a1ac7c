"""What customers say of answers: once for each answer, and counted by day and content.

The item in `feedback` is the truth, and a conditional put lets one of all that race make it. What follows from it, the
tally and what a turn and the history log show, is written behind it, and can be written again without harm: every write
has one outcome, however often it is made. Cut short, it is made up for by whoever tries to rate the answer again, and
the tally also by the deletion of the session.

A tally, and a rating (`shared/ratings.py`), is an item of its own for each rated answer, not a sum that is added to: an
addition of which nobody knows whether it happened can be neither repeated nor left. Its id is random and tells nothing
of the question, so that it outlives a deleted session.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

from shared.api_keys import ApiKey
from shared.errors import AnswerNotFinished, FeedbackGiven, TurnNotFound
from shared.models import Answer, Feedback, TurnStatus, rests_on
from shared.personal_data import mask
from shared.ratings import Ratings
from shared.storage import keys
from shared.storage.base import Clock, ConditionFailed, Item, Store, now
from shared.storage.keys import Owner

Caller: TypeAlias = Owner | ApiKey
ContentKey: TypeAlias = tuple[str, str]  # source_id, faq_id

MAX_COMMENT_CHARACTERS = 1_000
_DAY_SECONDS = 86_400
_LONGEST_ANSWER_SECONDS = 3_600  # a program's answer that is open for longer was given by a process that died
_PAGE = 1_000


@dataclass(frozen=True)
class Opinion:
    """What a customer says of an answer, checked.

    Parameters
    ----------
    reason_codes
        Of the bot's reasons, each once.
    comment
        As it was typed, at most `MAX_COMMENT_CHARACTERS`.
    """

    helpful: bool
    reason_codes: Sequence[str] = ()
    comment: str | None = None


@dataclass(frozen=True)
class Counts:
    """How many answers helped, and how many did not."""

    helpful: int = 0
    unhelpful: int = 0


@dataclass(frozen=True)
class DayOfFeedback:
    """What was said of a bot's answers on one day.

    Parameters
    ----------
    total
        Of all answers, each once.
    contents
        Of the answers that rest on a content. An answer that rests on two is counted for both.
    """

    total: Counts
    contents: Mapping[ContentKey, Counts]


@dataclass(frozen=True)
class _Rated:
    """An answer that its caller may rate, and what is stored of it."""

    caller: Caller
    chat_id: str
    session_id: str | None
    answer: Answer
    ends: int | None


class Feedbacks:
    """The verbs. They raise `StoreUnavailable`.

    Parameters
    ----------
    history_days
        How long tallies are kept. What was said of an answer is kept as long as its question.
    """

    def __init__(self, store: Store, history_days: int, clock: Clock = now) -> None:
        self._store, self._clock = store, clock
        self._keep_seconds = history_days * _DAY_SECONDS
        self._ratings = Ratings(store, self._keep_seconds, clock)

    def give(self, caller: Caller, request_id: str, opinion: Opinion) -> None:
        """Keep what a caller says of an answer, with the comment's personal data masked.

        Raises
        ------
        TurnNotFound
            When the answer is unknown, deleted, or not the caller's: they are not told apart.
        AnswerNotFinished
            While the answer may still come.
        FeedbackGiven
            When it was rated before. The first is kept.
        """
        rated = self._rated(caller, request_id)
        contents = [one for one in rests_on(rated.answer) if one.kind == "content"]
        given: Item = {
            "pk": keys.feedback_pk(caller.bot_id),
            "sk": rated.chat_id,
            "helpful": opinion.helpful,
            "reason_codes": list(opinion.reason_codes),
            "comment": mask(opinion.comment).text if opinion.comment else None,
            "given_at": int(self._clock()),
            "tally_id": keys.new_tally_id(),
            "contents": [[one.source_id, one.faq_id] for one in contents],
        }
        try:
            self._store.put("feedback", given, if_absent=True, expires_at=rated.ends)
        except ConditionFailed:
            self._require_ungiven(rated)
            raise TurnNotFound from None  # its time has passed in between
        self._follow_up(rated, given)

    def require_open(self, caller: Caller, request_id: str, *, mend: bool) -> None:
        """Raise what `give` would raise. Nothing of the caller's is kept.

        Parameters
        ----------
        mend
            Whether what an earlier `give` has left undone is done now. Otherwise nothing is written.
        """
        self._require_ungiven(self._rated(caller, request_id), mend)

    def forget(self, bot_id: str, chat_id: str, ends: int | None) -> None:
        """Delete a comment, and what ties an answer to its tally, which stays. From then on nothing can be given.

        Parameters
        ----------
        ends
            When the turn is forgotten anyway: epoch seconds.
        """
        pk = keys.feedback_pk(bot_id)
        try:  # who reads the turn now, and gives feedback later, finds the place taken
            self._store.put("feedback", {"pk": pk, "sk": chat_id, "deleted": True}, if_absent=True, expires_at=ends)
            return
        except ConditionFailed:
            given = self._store.get("feedback", pk, chat_id)
        if given is None or given.get("deleted"):
            return
        self._count(given)
        with suppress(ConditionFailed):  # past its time
            blank: Item = {"comment": None, "tally_id": None, "rated_as": None, "contents": [], "deleted": True}
            self._store.update("feedback", pk, chat_id, blank)

    def counts(self, bot_id: str, day: str) -> DayOfFeedback:
        """What was said on a day in Seoul, `YYYY-MM-DD`, whenever the answers were given."""
        total: Counter[bool] = Counter()
        contents: dict[ContentKey, Counter[bool]] = {}
        for tally in self._tallies(keys.tallies_pk(bot_id, day)):
            total[tally["helpful"]] += 1
            for source_id, faq_id in tally["contents"]:
                contents.setdefault((source_id, faq_id), Counter())[tally["helpful"]] += 1
        return DayOfFeedback(_counts(total), {content: _counts(counted) for content, counted in contents.items()})

    # How it is done

    def _rated(self, caller: Caller, request_id: str) -> _Rated:
        try:
            pk = keys.questions_pk(caller.bot_id, request_id)
        except ValueError:  # not a ULID
            raise TurnNotFound from None
        logged = self._store.get("questions", pk, request_id)
        if logged is None or logged.get("deleted") or not _is_of(logged, caller):
            raise TurnNotFound
        session_id = logged.get("session_id")
        item: Item | None = logged
        if isinstance(caller, Owner):  # the turn knows earlier than the log how its answer ended, and when it lapses
            item = self._store.get("chats", keys.chats_pk(caller, logged["session_id"]), request_id)
        if item is None or item.get("deleted"):
            raise TurnNotFound
        lapses = item.get("lease_until", keys.created_at(request_id).timestamp() + _LONGEST_ANSWER_SECONDS)
        if TurnStatus(item["status"]).is_open and lapses > self._clock():
            raise AnswerNotFinished
        return _Rated(caller, request_id, session_id, Answer.model_validate(item), logged.get("expires_at"))

    def _require_ungiven(self, rated: _Rated, mend: bool = True) -> None:
        given = self._store.get("feedback", keys.feedback_pk(rated.caller.bot_id), rated.chat_id)
        if given is None:
            return
        if given.get("deleted"):
            raise TurnNotFound
        if mend and not given.get("followed_up"):  # whoever gave it may have died on the way
            self._follow_up(rated, given)
        raise FeedbackGiven

    def _follow_up(self, rated: _Rated, given: Item) -> None:
        """Write what follows from feedback. It may be done any number of times, and by several at once."""
        caller, chat_id = rated.caller, rated.chat_id
        self._count(given)
        shown = {"feedback": Feedback.model_validate(given).model_dump()}
        with suppress(ConditionFailed):  # deleted in between
            self._store.update(
                "questions",
                keys.questions_pk(caller.bot_id, chat_id),
                chat_id,
                {**shown, "rating_kept": True},  # counted there, not here
                if_={"deleted": None},
            )
        if isinstance(caller, Owner) and rated.session_id:
            with suppress(ConditionFailed):
                self._store.update("chats", keys.chats_pk(caller, rated.session_id), chat_id, shown)
        with suppress(ConditionFailed):
            self._store.update("feedback", given["pk"], chat_id, {"followed_up": True})

    def _count(self, given: Item) -> None:
        tally = {
            "pk": keys.tallies_pk(keys.parse_feedback_pk(given["pk"]), keys.day_at(given["given_at"])),
            "sk": given["tally_id"],
            "helpful": given["helpful"],
            "contents": given["contents"],
        }
        self._store.put("counters", tally, expires_at=given["given_at"] + self._keep_seconds)
        self._ratings.keep(keys.parse_feedback_pk(given["pk"]), given)

    def _tallies(self, pk: str) -> Iterator[Item]:
        after: str | None = None
        while True:
            page = self._store.query("counters", pk, after=after, limit=_PAGE)
            yield from page.items
            if (after := page.cursor) is None:
                return


def _is_of(logged: Item, caller: Caller) -> bool:
    """Whether a question was asked by the caller."""
    if isinstance(caller, Owner):
        return logged.get("visitor_id") == caller.visitor_id
    return logged.get("key_id") == caller.key_id


def _counts(counted: Counter[bool]) -> Counts:
    return Counts(counted[True], counted[False])
