"""Sessions and their turns: listed, asked, deleted. What becomes of a question that was asked is `answer_life`'s.

No HTTP, no models, no vectors.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared import stored_events
from shared.answer_life import LEASE_SECONDS, STREAM_SECONDS, TICKET_SECONDS, AnswerLife, iso
from shared.bubbles import invitation
from shared.errors import AnswerRunning, SessionNotFound, TurnNotFound
from shared.feedback import Feedbacks
from shared.idempotency import IdempotencyKeys
from shared.models import Session, Turn, TurnStatus
from shared.storage import keys
from shared.storage.base import Clock, ConditionFailed, Item, Store, now
from shared.storage.keys import MASKED, ONLY, Owner

MAX_SESSIONS = 200
_DAY_SECONDS = 86_400
_OWN_SECRET = secrets.token_urlsafe(32)
# Of how an answer came about, what tells nothing of what was asked: what it cost, and how long it took
_KEPT_OF_RECORD = frozenset(
    {
        "model",
        "prompt_version",
        "input_tokens",
        "output_tokens",
        "tokens_estimated",
        "cost_won",
        "requests",
        "retries",
        "steps",
        "tapped",
        "margin",
    }
)


@dataclass(frozen=True)
class Question:
    """What a visitor asks, checked.

    Parameters
    ----------
    text
        With personal data masked.
    values
        What was masked, by placeholder. It is kept until the answer begins, for a bot that asks APIs with it, and for a
        minute at most.
    faq_id
        The content that was chosen by a tap, of which the text is a title.
    asked_from
        A group of networks that it comes from, for those who count; see `shared.callers.asked_from`.
    """

    text: str
    service_type: str | None = None
    replaces: str | None = None
    idempotency_key: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    asked_from: str | None = None
    faq_id: str | None = None


class Conversations(AnswerLife):
    """The verbs of those who ask, besides those of `AnswerLife`.

    Parameters
    ----------
    store
        Where items live.
    history_days
        How long sessions, turns and history are kept.
    secret_key
        Gives the deployment's secret, when one is needed: for idempotency keys. By default they are this process' own.
    """

    def __init__(
        self,
        store: Store,
        history_days: int,
        clock: Clock = now,
        lease_seconds: float = LEASE_SECONDS,
        secret_key: Callable[[], str] = lambda: _OWN_SECRET,
    ) -> None:
        super().__init__(store, clock, lease_seconds)
        self._keep_seconds = history_days * _DAY_SECONDS
        self._feedback = Feedbacks(store, history_days, clock)
        self._idempotency = IdempotencyKeys(store, clock, self._stands, secret_key)

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
        """Delete a session and its turns, and blank its text in the history and comments on its answers.

        Raises `SessionNotFound`.

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
                self._feedback.forget(owner.bot_id, item["sk"], item.get("expires_at"))
                self._forget_stream(pk, item)
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
        turns = [self._turn(item) for item in page.items if not item.get("superseded_by")]
        for turn in turns:
            if not turn.status.is_open and turn.feedback is None:
                turn.invitation = invitation(owner.bot_id, turn.chat_id)
        return turns, page.cursor

    def ask(self, owner: Owner, session_id: str, question: Question) -> str:
        """Store a question as a pending turn and return the streaming id under which it can be answered.

        The session is made when it is new. Asking again with the same idempotency key returns the same id,
        as long as the turn is not deleted.

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
        body = [question.text, question.service_type, question.replaces, *question.values.values()]
        body += [question.faq_id] if question.faq_id is not None else []
        reserved = self._idempotency.reserve(owner, session_id, question.idempotency_key, body, streaming_id)
        if isinstance(reserved, str):
            return reserved
        try:
            self._open_turn(owner, session_id, question, streaming_id)
        except Exception:
            self._idempotency.drop(reserved)
            raise
        self._idempotency.confirm(reserved)
        return streaming_id

    # How it is done

    def _open_turn(self, owner: Owner, session_id: str, question: Question, streaming_id: str) -> None:
        at, chat_id = self._clock(), keys.new_chat_id()
        ends = int(at) + self._keep_seconds
        session = self._idle_session(owner, session_id, question)
        chats_pk = keys.chats_pk(owner, session_id)
        replaced = self._store.get("chats", chats_pk, question.replaces) if question.replaces else None
        if question.replaces and replaced is None:
            raise TurnNotFound
        turn: Item = {
            "session_id": session_id,
            "chat_id": chat_id,
            "user_message": question.text,
            "service_type": question.service_type,
            "status": TurnStatus.PENDING,
            "created_at": keys.created_at(chat_id).isoformat(),
        }
        claimable = at + TICKET_SECONDS
        told: Item = {"is_first": True} if session is None else {}
        if session and session.get("told"):
            told = {"told_before": session["told"]}
        if replaced and (service := self._turn(replaced).about_service or replaced.get("service_before")):
            told["service_before"] = service
        log_pk = keys.questions_pk(owner.bot_id, chat_id)
        place = {"bot_id": owner.bot_id, "visitor_id": owner.visitor_id, "session_id": session_id, "chat_id": chat_id}
        # The session is taken last: a process that dies, or a store that fails, before that blocks nothing. The log
        # goes first: who deletes the session meanwhile finds it by the turn and blanks it.
        asker = {"visitor_id": owner.visitor_id, "asked_from": question.asked_from}
        self._store.put("questions", {"pk": log_pk, "sk": chat_id, **turn, **asker}, expires_at=ends)
        ticket = {"pk": streaming_id, "sk": ONLY, **place, "claim_until": claimable}
        if question.values:
            hidden = {"pk": streaming_id, "sk": MASKED, "values": dict(question.values)}
            self._store.put("tickets", hidden, expires_at=int(at) + TICKET_SECONDS)
            ticket["has_masked"] = True
        self._store.put("tickets", ticket, expires_at=int(at) + STREAM_SECONDS)
        self._store.put(
            "chats",
            {
                "pk": chats_pk,
                "sk": chat_id,
                **turn,
                **told,
                "streaming_id": streaming_id,
                "lease_until": at + TICKET_SECONDS,
            },
            expires_at=ends,
        )
        try:
            self._take(owner, session_id, session, {"running_chat_id": chat_id, "updated_at": iso(at)}, turn, ends)
        except ConditionFailed:  # another tab was first, or deletes the session
            self._store.delete("chats", chats_pk, chat_id)
            self._store.delete("questions", log_pk, chat_id)
            self._store.delete("tickets", streaming_id, ONLY)
            self._store.delete("tickets", streaming_id, MASKED)
            self._store.purge()
            raise AnswerRunning from None
        if question.replaces:
            self._supersede(chats_pk, question.replaces, chat_id)

    def _supersede(self, chats_pk: str, replaced: str, chat_id: str) -> None:
        """Hide a turn behind a new one; of one that was replaced before, as in another tab, what took its place."""
        while replaced != chat_id:
            try:
                hidden = {"superseded_by": chat_id}
                self._store.update("chats", chats_pk, replaced, hidden, if_={"superseded_by": None}, only=())
                return
            except ConditionFailed:
                turn = self._store.get("chats", chats_pk, replaced)
                if turn is None:
                    return  # deleted meanwhile: there is nothing to hide
                replaced = turn["superseded_by"]

    def _idle_session(self, owner: Owner, session_id: str, question: Question) -> Item | None:
        """The session, which no answer is running in; `None` when it is to be made, for which there is room then."""
        session = None if owner.is_new else self._store.get("sessions", keys.sessions_pk(owner), session_id)
        if session is not None:
            self._require_idle(owner, session)
            return session
        if question.replaces:
            raise TurnNotFound
        for oldest in () if owner.is_new else self.sessions(owner)[MAX_SESSIONS - 1 :]:
            self.delete(owner, oldest.session_id)
        return None

    def _take(
        self, owner: Owner, session_id: str, session: Item | None, running: Item, turn: Item, expires_at: int
    ) -> None:
        """Let a session run a turn, and make it if it is new. Raises `ConditionFailed` when somebody was faster."""
        pk = keys.sessions_pk(owner)
        if session is None:
            made = {"pk": pk, "sk": session_id, "first_message": turn["user_message"][:200], **running}
            made["created_at"] = running["updated_at"]
            self._store.put("sessions", made, if_absent=True, expires_at=expires_at)
            return
        idle = {"running_chat_id": session.get("running_chat_id"), "deleted": None}
        self._store.update("sessions", pk, session_id, running, if_=idle, expires_at=expires_at, only=())

    def _stands(self, streaming_id: str) -> bool:
        """Whether the turn of a streaming id was not deleted: its ticket goes first."""
        return self._store.get("tickets", streaming_id, ONLY) is not None

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

    def _blank(self, bot_id: str, chat_id: str) -> None:
        blank: dict[str, Any] = {"user_message": "", "system_message": "", "service_type": None, "deleted": True}
        blank |= {
            "asked_from": None,
            "answered_by": [],
            "bubbles": [],
            "sources": [],
            "suggestions": [],
            "searched_as": None,
            "embedding": None,
            "asked_key": None,
        }  # they tell what was asked
        key = keys.questions_pk(bot_id, chat_id), chat_id
        try:
            logged = self._store.update("questions", *key, blank)  # from now on no end of an answer is logged
            record = {name: value for name, value in logged.get("record", {}).items() if name in _KEPT_OF_RECORD}
            self._store.update("questions", *key, {"record": record})
        except ConditionFailed:
            return  # never logged, or past its time

    def _forget_stream(self, pk: str, item: Item) -> None:
        """Delete what was streamed of a turn. Who still answers it adds nothing more."""
        if "streaming_id" not in item:
            return
        try:  # without status `running`, no checkpoint succeeds, and who gives the answer takes its events back
            item = self._store.update("chats", pk, item["sk"], {"status": TurnStatus.STOPPED, "deleted": True})
        except ConditionFailed:
            return  # somebody else deletes the session, too
        stored_events.forget(self._store, item["streaming_id"], item.get("pieces", ()))
        self._store.delete("tickets", item["streaming_id"], ONLY)
        self._store.delete("tickets", item["streaming_id"], MASKED)
