"""The life of an answer in the store: claimed once, kept alive by checkpoints, ended once, followed by who has its id.

`claim` makes a pending turn `running` under a lease; `checkpoint` renews the lease and keeps what was said; `finish`
makes it `done` or `failed`, `stop` makes it `stopped`: a conditional update decides which of them wins. A turn whose
ticket or lease lapsed reads as `interrupted`. Events are stored before the turn ends, and the event that ends a stream
is never stored: it is made from the turn, so that a reader never waits for it in vain.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from shared import stored_events
from shared.errors import TicketNotFound, TurnNotFound
from shared.models import Answer, Bubble, Turn, TurnStatus, rests_on
from shared.storage import keys
from shared.storage.base import Clock, ConditionFailed, Item, Store
from shared.storage.keys import MASKED, ONLY, Owner
from shared.stored_events import Piece

TICKET_SECONDS = 60
LEASE_SECONDS = 15.0
MAX_TOLD = 200  # contents that a session remembers: a customer who asks more has forgotten the first
EVENT_SECONDS = 600  # so long after its end a stream can be read again
STREAM_SECONDS = 3_600  # so long its id is known, which is longer than an answer takes; the ticket holds no text


@dataclass(frozen=True)
class Claim:
    """A turn that this process, and no other, is to answer.

    Parameters
    ----------
    history
        Earlier turns with an answer, oldest first.
    values
        What of the question was masked, by placeholder.
    told
        The contents that the session's answers rest on, by id, oldest first.
    service_before
        The service that the turn was about which this one takes the place of.
    pieces
        The first events of the pieces that were written; whether the last one is stored may be unknown. It grows.
    """

    owner: Owner
    turn: Turn
    history: Sequence[Turn]
    streaming_id: str
    values: Mapping[str, str] = field(default_factory=dict)
    told: Sequence[str] = ()
    service_before: str | None = None
    pieces: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Stream:
    """A stream that has begun, and where its turn is."""

    streaming_id: str
    owner: Owner
    session_id: str
    chat_id: str


@dataclass(frozen=True)
class Progress:
    """How far a stream is.

    Parameters
    ----------
    pieces
        What was stored since the piece that was asked for.
    answer
        The answer as it ended; `None` while more events may come.
    """

    pieces: Sequence[Piece]
    status: TurnStatus
    answer: Answer | None


class AnswerLife:
    """The verbs of those who give an answer, follow it, or stop it.

    Parameters
    ----------
    lease_seconds
        How long an answer is taken to be alive after its last checkpoint.
    """

    def __init__(self, store: Store, clock: Clock, lease_seconds: float) -> None:
        self._store, self._clock = store, clock
        self.lease_seconds = lease_seconds

    def claim(self, streaming_id: str, history_turns: int = 6) -> Claim:
        """Take the right to answer, once, whoever races.

        Raises
        ------
        TicketNotFound
            When the id was never given, has expired, or was claimed before.
        """
        at, ticket = self._clock(), self._ticket(streaming_id)
        if ticket.get("claim_until", at + 1) <= at:
            raise TicketNotFound
        owner = Owner(ticket["bot_id"], ticket["visitor_id"])
        pk = keys.chats_pk(owner, ticket["session_id"])
        try:  # of all that hold the ticket one finds its turn pending
            item = self._store.update(
                "chats",
                pk,
                ticket["chat_id"],
                {"status": TurnStatus.RUNNING, "lease_until": at + self.lease_seconds, "claimed_at": iso(at)},
                if_={"status": TurnStatus.PENDING},
            )
        except ConditionFailed:
            raise TicketNotFound from None
        history = [] if item.get("is_first") else self._history(pk, ticket["chat_id"], history_turns)
        values = self._unmasked(streaming_id) if ticket.get("has_masked") else {}
        told, service_before = item.get("told_before", ()), item.get("service_before")
        return Claim(owner, self._turn(item), history, streaming_id, values, told, service_before)

    def checkpoint(self, claim: Claim, text: str, pieces: Sequence[Piece] = ()) -> bool:
        """Store new events and what has been said so far, and renew the lease.

        Returns
        -------
        bool
            Whether the answer is to go on: not when it was stopped, or its session deleted.
        """
        self._save(claim, pieces)
        lease = {"lease_until": self._clock() + self.lease_seconds}
        changes = {**lease, "system_message": text, "pieces": claim.pieces}
        try:
            self._store.update("chats", *_key(claim), changes, if_={"status": TurnStatus.RUNNING}, only=())
        except ConditionFailed:
            return False
        return True

    def goes_on(self, claim: Claim) -> bool:
        """Whether the answer is to go on. Writes nothing."""
        item = self._store.get("chats", *_key(claim))
        return item is not None and item["status"] == TurnStatus.RUNNING

    def finish(self, claim: Claim, answer: Answer, pieces: Sequence[Piece] = ()) -> TurnStatus:
        """Store the last events and the answer, exactly once, and free the session for the next question.

        May be called again with the same answer when the store failed and nobody knows what it has written.

        Returns
        -------
        TurnStatus
            What the turn ended as: `stopped` when somebody was faster.

        Raises
        ------
        TurnNotFound
            When the turn was deleted. Nothing of the answer is left then.
        """
        self._save(claim, pieces)
        status = TurnStatus.FAILED if answer.error_code else TurnStatus.DONE
        changes = {**answer.as_attributes(), "status": status, "finished_at": iso(self._clock())}
        try:
            ended = changes | {"pieces": claim.pieces}
            self._store.update("chats", *_key(claim), ended, if_={"status": TurnStatus.RUNNING}, only=())
        except ConditionFailed:
            changes["status"] = self._ended_before(claim, changes)
        told = [*claim.told, *(source.faq_id for source in rests_on(answer))]
        self._release(claim.owner, claim.turn.session_id, claim.turn.chat_id, {"told": told[-MAX_TOLD:]})
        self._log(claim.owner.bot_id, claim.turn.chat_id, changes | answer.as_logged())
        return TurnStatus(changes["status"])

    def stop(self, streaming_id: str) -> None:
        """End an answer that is to come, or comes, as `stopped`, and free the session.

        Who gives the answer learns it from its next look at the turn, and adds what was said until then. After the end
        nothing happens.

        Raises
        ------
        TicketNotFound
            When the id was never given, or has expired.
        """
        ticket = self._ticket(streaming_id)
        owner, chat_id = Owner(ticket["bot_id"], ticket["visitor_id"]), ticket["chat_id"]
        pk = keys.chats_pk(owner, ticket["session_id"])
        for status in (TurnStatus.PENDING, TurnStatus.RUNNING):  # in the order in which a turn has them
            changes: dict[str, Any] = {"status": TurnStatus.STOPPED}
            if status is TurnStatus.PENDING:  # nobody is there who would add anything
                changes["finished_at"] = iso(self._clock())
            try:
                self._store.update("chats", pk, chat_id, changes, if_={"status": status}, only=())
            except ConditionFailed:
                continue
            if ticket.get("has_masked"):
                self._unmasked(streaming_id)  # nobody asks an API with it any more
            self._release(owner, ticket["session_id"], chat_id)
            self._log(owner.bot_id, chat_id, changes)
            return
        if self._store.get("chats", pk, chat_id) is None:
            raise TicketNotFound

    def stream(self, streaming_id: str) -> Stream:
        """The stream of a claimed answer.

        Raises
        ------
        TicketNotFound
            When the id was never given or claimed, or the stream ended ten minutes ago.
        """
        ticket = self._ticket(streaming_id)
        stream = Stream(
            streaming_id, Owner(ticket["bot_id"], ticket["visitor_id"]), ticket["session_id"], ticket["chat_id"]
        )
        item = self._store.get("chats", keys.chats_pk(stream.owner, stream.session_id), stream.chat_id)
        if item is None or "claimed_at" not in item or _ended_at(item) + EVENT_SECONDS <= self._clock():
            raise TicketNotFound
        return stream

    def progress(self, stream: Stream, after: int = 0) -> Progress:
        """What was stored behind the piece that begins with event `after`, and whether more may come.

        Raises
        ------
        TurnNotFound
            When the turn was deleted.
        """
        # The turn first: all events are stored before it ends
        item = self._store.get("chats", keys.chats_pk(stream.owner, stream.session_id), stream.chat_id)
        if item is None or item.get("deleted"):
            raise TurnNotFound
        ended = "finished_at" in item or item["lease_until"] <= self._clock()
        answer = Answer.model_validate({**item, "text": item.get("system_message", "")}) if ended else None
        return Progress(stored_events.read(self._store, stream.streaming_id, after), self._status(item), answer)

    def _history(self, pk: str, before: str, turns: int) -> list[Turn]:
        """The turns before one, oldest first, that have an answer."""
        earlier = self._store.query("chats", pk, before=before, limit=turns, newest_first=True)
        return [self._turn(one) for one in reversed(earlier.items) if _is_context(one)]

    def _unmasked(self, streaming_id: str) -> Mapping[str, str]:
        """What was masked, which the store forgets with that."""
        item = self._store.get("tickets", streaming_id, MASKED)
        self._store.delete("tickets", streaming_id, MASKED)
        self._store.purge()
        return dict(item["values"]) if item else {}

    def _ticket(self, streaming_id: str) -> Item:
        ticket = self._store.get("tickets", streaming_id, ONLY)
        if ticket is None:
            raise TicketNotFound
        return ticket

    def _save(self, claim: Claim, pieces: Sequence[Piece]) -> None:
        """One after another, so that no reader sees a later piece first, and only the last one may have failed."""
        for piece in pieces:
            if piece.first in claim.pieces[:-1]:
                continue
            if piece.first not in claim.pieces:
                claim.pieces.append(piece.first)
            stored_events.save(self._store, claim.streaming_id, piece, int(self._clock()) + EVENT_SECONDS + 1)

    def _ended_before(self, claim: Claim, changes: dict[str, Any]) -> TurnStatus:
        """What the turn has ended as. One that was stopped takes what was said. Raises `TurnNotFound`."""
        item = self._store.get("chats", *_key(claim))
        if item is not None and item["status"] == TurnStatus.STOPPED and "finished_at" not in item:
            said = {**changes, "status": TurnStatus.STOPPED, "pieces": claim.pieces}
            try:
                item = self._store.update("chats", *_key(claim), said, if_={"finished_at": None, "deleted": None})
            except ConditionFailed:
                item = None
        if item is None or item.get("deleted"):
            stored_events.forget(self._store, claim.streaming_id, claim.pieces)
            self._store.purge()
            raise TurnNotFound
        # Only the one that claimed a turn finishes it: one that was not stopped was ended by an earlier call
        return TurnStatus(item["status"])

    def _release(
        self, owner: Owner, session_id: str, chat_id: str, changes: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        try:
            self._store.update(
                "sessions",
                keys.sessions_pk(owner),
                session_id,
                {**changes, "running_chat_id": None, "updated_at": iso(self._clock())},
                if_={"running_chat_id": chat_id},
                only=(),
            )
        except ConditionFailed:
            return  # deleted, or taken by the next question

    def _log(self, bot_id: str, chat_id: str, changes: dict[str, Any]) -> None:
        try:
            pk = keys.questions_pk(bot_id, chat_id)
            self._store.update("questions", pk, chat_id, changes, if_={"deleted": None}, only=())
        except ConditionFailed:
            return  # its session was deleted in between: the text stays blank

    def _status(self, item: Item) -> TurnStatus:
        status = TurnStatus(item["status"])
        if status.is_open and item["lease_until"] <= self._clock():
            return TurnStatus.INTERRUPTED
        return status

    def _turn(self, item: Item) -> Turn:
        status, text = self._status(item), item.get("system_message")
        turn = Turn.model_validate({**item, "status": status})
        if not status.is_open:
            turn.streaming_id = None
        if text and not turn.bubbles:  # of an answer that has not ended, or never will
            turn.bubbles = [Bubble(bubble_id="b1", bubble_type="text", description=text)]
        return turn


def iso(epoch_seconds: float) -> str:
    """An instant, UTC, as it is stored."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=epoch_seconds)).isoformat()


def _key(claim: Claim) -> tuple[str, str]:
    return keys.chats_pk(claim.owner, claim.turn.session_id), claim.turn.chat_id


def _ended_at(item: Item) -> float:
    """When a turn ended, or will have lapsed; epoch seconds."""
    finished: str | None = item.get("finished_at")
    return float(item["lease_until"]) if finished is None else datetime.fromisoformat(finished).timestamp()


def _is_context(item: Item) -> bool:
    return item["status"] == TurnStatus.DONE and not item.get("superseded_by")
