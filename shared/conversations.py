"""Sessions, turns and tickets: the domain's verbs over the store. No HTTP, no models, no vectors.

A turn's life: `ask` stores it as `pending` with a ticket; `claim` makes it `running` under a lease; `checkpoint` renews
the lease; `finish` makes it `done` or `failed`, once. A turn whose ticket or lease lapsed reads as `interrupted`.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.errors import AnswerRunning, IdempotencyConflict, SessionNotFound, TicketNotFound, TurnNotFound
from shared.models import Answer, Session, Turn, TurnStatus
from shared.storage import keys
from shared.storage.base import Clock, ConditionFailed, Item, Store, now
from shared.storage.keys import ONLY, Owner

TICKET_SECONDS = 60
LEASE_SECONDS = 15
IDEMPOTENCY_SECONDS = 600
RESERVATION_SECONDS = 10  # of a key whose first request was killed before its turn was stored
MAX_SESSIONS = 200
_DAY_SECONDS = 86_400
_CONFIRMATION_POLLS, _CONFIRMATION_POLL_SECONDS = 20, 0.05


@dataclass(frozen=True)
class Question:
    """What a visitor asks, checked."""

    text: str
    service_type: str | None = None
    replaces: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True)
class Claim:
    """A turn that this process, and no other, is to answer."""

    owner: Owner
    turn: Turn
    history: Sequence[Turn]  # earlier turns with an answer, oldest first


class Conversations:
    """The verbs.

    Parameters
    ----------
    store
        Where items live.
    history_days
        How long sessions, turns and history are kept.
    """

    def __init__(self, store: Store, history_days: int, clock: Clock = now) -> None:
        self._store, self._clock = store, clock
        self._keep_seconds = history_days * _DAY_SECONDS

    # Sessions

    def sessions(self, owner: Owner) -> list[Session]:
        """The owner's sessions, newest first."""
        page = self._store.query("sessions", keys.sessions_pk(owner), limit=MAX_SESSIONS + 50)
        found = [Session(session_id=item["sk"], **item) for item in page.items]
        return sorted(found, key=lambda session: (session.updated_at, session.session_id), reverse=True)

    def rename(self, owner: Owner, session_id: str, title: str) -> Session:
        """Give a session a title. Raises `SessionNotFound`."""
        try:
            item = self._store.update("sessions", keys.sessions_pk(owner), session_id, {"title": title})
        except ConditionFailed:
            raise SessionNotFound from None
        return Session(session_id=session_id, **item)

    def delete(self, owner: Owner, session_id: str) -> None:
        """Delete a session and its turns, and blank its text in the history. Raises `SessionNotFound`.

        It is marked first, so that a question which is being written cannot take it any more and undoes itself; and it
        goes last: cut short, it is still listed and can be deleted again.
        """
        try:
            self._store.update("sessions", keys.sessions_pk(owner), session_id, {"deleted": True})
        except ConditionFailed:
            raise SessionNotFound from None
        pk = keys.chats_pk(owner, session_id)
        while page := self._store.query("chats", pk).items:
            for item in page:
                self._blank(owner.bot_id, item["sk"])
                self._store.delete("chats", pk, item["sk"])
        self._store.delete("sessions", keys.sessions_pk(owner), session_id)
        self._store.purge()

    # Turns

    def turns(
        self, owner: Owner, session_id: str, after: str | None = None, limit: int = 100
    ) -> tuple[list[Turn], str | None]:
        """A page of a session's turns, oldest first, and the cursor of the next. Raises `SessionNotFound`.

        A turn that another one replaced is left out.
        """
        self._require_session(owner, session_id)
        page = self._store.query("chats", keys.chats_pk(owner, session_id), after=after, limit=limit)
        return [self._turn(item) for item in page.items if not item.get("superseded_by")], page.cursor

    def ask(self, owner: Owner, session_id: str, question: Question) -> str:
        """Store a question as a pending turn and return the streaming id under which it can be answered.

        The session is made when it is new. Asking again with the same idempotency key returns the same id.

        Raises
        ------
        AnswerRunning
            While an earlier question of the session is open.
        TurnNotFound
            When `replaces` names no turn of the session.
        IdempotencyConflict
            When the idempotency key came with another question.
        """
        streaming_id = secrets.token_urlsafe(16)  # 128 bits: knowing it is the right to use it
        if question.idempotency_key is None:
            self._open_turn(owner, session_id, question, streaming_id)
            return streaming_id
        reserved = self._reserve(owner, session_id, question, streaming_id)
        if reserved != streaming_id:
            return reserved
        key = _idempotency_keys(owner, session_id, question)
        try:
            self._open_turn(owner, session_id, question, streaming_id)
        except Exception:
            self._store.delete("counters", *key)
            raise
        ends = int(self._clock()) + IDEMPOTENCY_SECONDS
        try:
            self._store.update(
                "counters", *key, {"confirmed": True}, if_={"streaming_id": streaming_id}, expires_at=ends
            )
        except ConditionFailed:
            return streaming_id  # writing took longer than the reservation lasts: the turn stands all the same
        return streaming_id

    def claim(self, streaming_id: str, history_turns: int = 6) -> Claim:
        """Take the right to answer, once, whoever races.

        Raises
        ------
        TicketNotFound
            When the id was never given, has expired, or was claimed before.
        """
        at = self._clock()
        ticket = self._store.get("tickets", streaming_id, ONLY)
        if ticket is None:
            raise TicketNotFound
        owner = Owner(ticket["bot_id"], ticket["visitor_id"])
        pk = keys.chats_pk(owner, ticket["session_id"])
        try:  # of all that hold the ticket one finds its turn pending
            item = self._store.update(
                "chats",
                pk,
                ticket["chat_id"],
                {"status": TurnStatus.RUNNING, "lease_until": at + LEASE_SECONDS},
                if_={"status": TurnStatus.PENDING},
            )
        except ConditionFailed:
            raise TicketNotFound from None
        earlier = self._store.query("chats", pk, before=ticket["chat_id"], limit=history_turns, newest_first=True)
        history = [self._turn(one) for one in reversed(earlier.items) if _is_context(one)]
        return Claim(owner, self._turn(item), history)

    def checkpoint(self, claim: Claim, text: str) -> None:
        """Store what has been said so far and renew the lease. Raises `TurnNotFound` when the turn is gone."""
        try:
            self._store.update(
                "chats",
                keys.chats_pk(claim.owner, claim.turn.session_id),
                claim.turn.chat_id,
                {"system_message": text, "lease_until": self._clock() + LEASE_SECONDS},
                if_={"status": TurnStatus.RUNNING},
            )
        except ConditionFailed:
            raise TurnNotFound from None

    def finish(self, claim: Claim, answer: Answer) -> None:
        """Store the answer, exactly once, and free the session for the next question.

        May be called again with the same answer when the store failed and nobody knows what it has written.

        Raises
        ------
        TurnNotFound
            When the turn was deleted. Nothing is written then.
        """
        status = TurnStatus.FAILED if answer.error_code else TurnStatus.DONE
        changes = {**answer.as_attributes(), "status": status, "finished_at": _iso(self._clock())}
        pk, chat_id = keys.chats_pk(claim.owner, claim.turn.session_id), claim.turn.chat_id
        try:
            self._store.update("chats", pk, chat_id, changes, if_={"status": TurnStatus.RUNNING})
        except ConditionFailed:
            # Only the one that claimed a turn ends it: a turn that is there and has ended was ended by this call before
            if self._store.get("chats", pk, chat_id) is None:
                raise TurnNotFound from None
        self._release(claim.owner, claim.turn.session_id, chat_id)
        try:
            self._store.update(
                "questions", keys.questions_pk(claim.owner.bot_id, chat_id), chat_id, changes, if_={"deleted": None}
            )
        except ConditionFailed:
            return  # its session was deleted in between: the text stays blank

    # How it is done

    def _open_turn(self, owner: Owner, session_id: str, question: Question, streaming_id: str) -> None:
        at, chat_id = self._clock(), keys.new_chat_id()
        ends = int(at) + self._keep_seconds
        session = self._session_for(owner, session_id, question, at)
        self._require_idle(owner, session)
        chats_pk = keys.chats_pk(owner, session_id)
        if question.replaces and self._store.get("chats", chats_pk, question.replaces) is None:
            raise TurnNotFound
        turn: Item = {
            "session_id": session_id,
            "chat_id": chat_id,
            "user_message": question.text,
            "service_type": question.service_type,
            "status": TurnStatus.PENDING,
            "created_at": keys.created_at(chat_id).isoformat(),
        }
        log_pk = keys.questions_pk(owner.bot_id, chat_id)
        ticket = {"bot_id": owner.bot_id, "visitor_id": owner.visitor_id, "session_id": session_id, "chat_id": chat_id}
        # The session is taken last: a process that dies, or a store that fails, before that blocks nothing. The log
        # goes first: who deletes the session meanwhile finds it by the turn and blanks it.
        self._store.put(
            "questions", {"pk": log_pk, "sk": chat_id, **turn, "visitor_id": owner.visitor_id}, expires_at=ends
        )
        self._store.put("tickets", {"pk": streaming_id, "sk": ONLY, **ticket}, expires_at=int(at) + TICKET_SECONDS)
        self._store.put(
            "chats",
            {"pk": chats_pk, "sk": chat_id, **turn, "streaming_id": streaming_id, "lease_until": at + TICKET_SECONDS},
            expires_at=ends,
        )
        try:
            self._store.update(
                "sessions",
                session["pk"],
                session_id,
                {"running_chat_id": chat_id, "updated_at": _iso(at)},
                if_={"running_chat_id": session.get("running_chat_id"), "deleted": None},
                expires_at=ends,
            )
        except ConditionFailed:  # another tab was first, or deletes the session
            self._store.delete("chats", chats_pk, chat_id)
            self._store.delete("questions", log_pk, chat_id)
            self._store.delete("tickets", streaming_id, ONLY)
            self._store.purge()
            raise AnswerRunning from None
        if question.replaces:
            self._supersede(chats_pk, question.replaces, chat_id)

    def _supersede(self, chats_pk: str, replaced: str, chat_id: str) -> None:
        try:
            self._store.update("chats", chats_pk, replaced, {"superseded_by": chat_id})
        except ConditionFailed:
            return  # deleted meanwhile: there is nothing to hide

    def _session_for(self, owner: Owner, session_id: str, question: Question, at: float) -> Item:
        pk = keys.sessions_pk(owner)
        item = self._store.get("sessions", pk, session_id)
        if item is not None:
            return item
        if question.replaces:
            raise TurnNotFound
        for oldest in self.sessions(owner)[MAX_SESSIONS - 1 :]:
            self.delete(owner, oldest.session_id)
        item = {
            "pk": pk,
            "sk": session_id,
            "first_message": question.text[:200],
            "created_at": _iso(at),
            "updated_at": _iso(at),
        }
        try:
            self._store.put("sessions", item, if_absent=True, expires_at=int(at) + self._keep_seconds)
        except ConditionFailed:  # another tab made it in between
            return self._store.get("sessions", pk, session_id) or item
        return item

    def _require_idle(self, owner: Owner, session: Item) -> None:
        running = session.get("running_chat_id")
        if running is None:
            return
        item = self._store.get("chats", keys.chats_pk(owner, session["sk"]), running)
        if item is not None and self._status(item).is_open:
            raise AnswerRunning

    def _require_session(self, owner: Owner, session_id: str) -> None:
        if self._store.get("sessions", keys.sessions_pk(owner), session_id) is None:
            raise SessionNotFound

    def _release(self, owner: Owner, session_id: str, chat_id: str) -> None:
        try:
            self._store.update(
                "sessions",
                keys.sessions_pk(owner),
                session_id,
                {"running_chat_id": None, "updated_at": _iso(self._clock())},
                if_={"running_chat_id": chat_id},
            )
        except ConditionFailed:
            return  # deleted, or taken by the next question after this lease lapsed

    def _reserve(self, owner: Owner, session_id: str, question: Question, streaming_id: str) -> str:
        pk, sk = _idempotency_keys(owner, session_id, question)
        body = json.dumps([question.text, question.service_type, question.replaces], ensure_ascii=False)
        fingerprint = hashlib.sha256(body.encode()).hexdigest()
        try:
            self._store.put(
                "counters",
                {"pk": pk, "sk": sk, "fingerprint": fingerprint, "streaming_id": streaming_id},
                if_absent=True,
                expires_at=int(self._clock()) + RESERVATION_SECONDS,
            )
        except ConditionFailed:
            for _ in range(_CONFIRMATION_POLLS):
                earlier = self._store.get("counters", pk, sk) or {"fingerprint": fingerprint}
                if earlier["fingerprint"] != fingerprint:
                    raise IdempotencyConflict from None
                if earlier.get("confirmed"):
                    return str(earlier["streaming_id"])
                time.sleep(_CONFIRMATION_POLL_SECONDS)  # its first request is still at work
            raise AnswerRunning(retry_after_seconds=1) from None
        return streaming_id

    def _blank(self, bot_id: str, chat_id: str) -> None:
        blank: dict[str, Any] = {"user_message": "", "system_message": "", "service_type": None, "deleted": True}
        blank |= {"bubbles": [], "sources": [], "suggestions": [], "searched_as": None}  # they tell what was asked
        try:
            self._store.update("questions", keys.questions_pk(bot_id, chat_id), chat_id, blank)
        except ConditionFailed:
            return  # never logged, or past its time

    def _status(self, item: Item) -> TurnStatus:
        status = TurnStatus(item["status"])
        if status.is_open and item["lease_until"] <= self._clock():
            return TurnStatus.INTERRUPTED
        return status

    def _turn(self, item: Item) -> Turn:
        status = self._status(item)
        streaming_id = item.get("streaming_id") if status is TurnStatus.PENDING else None
        return Turn.model_validate({**item, "status": status, "streaming_id": streaming_id})


def _is_context(item: Item) -> bool:
    return item["status"] == TurnStatus.DONE and not item.get("superseded_by")


def _idempotency_keys(owner: Owner, session_id: str, question: Question) -> tuple[str, str]:
    hashed = hashlib.sha256((question.idempotency_key or "").encode()).hexdigest()
    return keys.idempotency_pk(owner, session_id), hashed


def _iso(epoch_seconds: float) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=epoch_seconds)).isoformat()
