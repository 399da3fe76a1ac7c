"""One question an idempotency key: a repeated request gets the streaming id that the first one got."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass

from shared.errors import AnswerRunning, IdempotencyConflict
from shared.storage import keys
from shared.storage.base import Clock, ConditionFailed, Store
from shared.storage.keys import Owner

IDEMPOTENCY_SECONDS = 600
RESERVATION_SECONDS = 10  # of a key whose first request was killed before its turn was stored
_CONFIRMATION_POLLS, _CONFIRMATION_POLL_SECONDS = 20, 0.05


@dataclass(frozen=True)
class Reservation:
    """A key that this request, and no other, has taken: to be confirmed when its turn is stored, else dropped."""

    pk: str
    sk: str
    streaming_id: str


class IdempotencyKeys:
    """The keys of sessions, in `counters`. A key is stored as its hash.

    Parameters
    ----------
    stands
        Whether there is still a turn that a streaming id, once given, belongs to.
    secret_key
        Gives the secret without which a stored fingerprint does not tell whether a text, or a number, was asked.
    """

    def __init__(
        self, store: Store, clock: Clock, stands: Callable[[str], bool], secret_key: Callable[[], str]
    ) -> None:
        self._store, self._clock, self._stands, self._secret_key = store, clock, stands, secret_key

    def reserve(
        self, owner: Owner, session_id: str, key: str, body: list[str | None], streaming_id: str
    ) -> Reservation | str:
        """Take the key for `streaming_id`; when another request has it, the streaming id of that one.

        A key whose turn was deleted is free.

        Raises
        ------
        IdempotencyConflict
            When it came with another body.
        AnswerRunning
            When that request is at work for longer than a second.
        """
        pk, sk = keys.idempotency_pk(owner, session_id), hashlib.sha256(key.encode()).hexdigest()
        fingerprint = hmac.digest(self._secret_key().encode(), json.dumps(body).encode(), hashlib.sha256).hex()
        reservation, ends = Reservation(pk, sk, streaming_id), int(self._clock()) + RESERVATION_SECONDS
        taken = {"fingerprint": fingerprint, "streaming_id": streaming_id}
        try:
            self._store.put("counters", {"pk": pk, "sk": sk, **taken}, if_absent=True, expires_at=ends)
            return reservation
        except ConditionFailed:
            earlier = self._store.get("counters", pk, sk)
        if earlier is None or not earlier.get("confirmed") or self._stands(earlier["streaming_id"]):
            return self._earlier(pk, sk, fingerprint)
        try:  # of all that see that its turn is gone one takes the key
            only_if = {"streaming_id": earlier["streaming_id"]}
            self._store.update("counters", pk, sk, {**taken, "confirmed": None}, if_=only_if, expires_at=ends)
        except ConditionFailed:
            return self._earlier(pk, sk, fingerprint)
        return reservation

    def confirm(self, reservation: Reservation) -> None:
        """The turn is stored: from now on the key stands for it."""
        try:
            self._store.update(
                "counters",
                reservation.pk,
                reservation.sk,
                {"confirmed": True},
                if_={"streaming_id": reservation.streaming_id},
                expires_at=int(self._clock()) + IDEMPOTENCY_SECONDS,
            )
        except ConditionFailed:
            return  # writing took longer than the reservation lasts: the turn stands all the same

    def drop(self, reservation: Reservation) -> None:
        """There is no turn: the key is free."""
        self._store.delete("counters", reservation.pk, reservation.sk)

    def _earlier(self, pk: str, sk: str, fingerprint: str) -> str:
        for _ in range(_CONFIRMATION_POLLS):
            earlier = self._store.get("counters", pk, sk) or {"fingerprint": fingerprint}
            if earlier["fingerprint"] != fingerprint:
                raise IdempotencyConflict
            if earlier.get("confirmed"):
                return str(earlier["streaming_id"])
            time.sleep(_CONFIRMATION_POLL_SECONDS)  # its first request is still at work
        raise AnswerRunning(retry_after_seconds=1)
