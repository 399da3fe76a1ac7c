"""What operators have said of groups of the desk: that they are done with, or not to be looked at (`evaluations`).

A mark is a wording's, up to the asking that the operator saw; kept is a digest of it. A group stays away as long as
nothing joins it: a wording that is asked again, or a new one, brings it back.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeAlias

from shared.models import Model
from shared.retrieval.text import letters, normalize
from shared.storage import keys
from shared.storage.base import Clock, Store, now

Said: TypeAlias = Literal["done", "ignored"]
State: TypeAlias = Literal["done", "ignored", "solved"]  # solved: found so, after a publication

_DAY_SECONDS = 86_400
_PAGE = 1_000


class Mark(Model):
    """What was said of a wording, and of which asking of it, by its `chat_id`, last."""

    state: State
    upto: str


class DeskMarks:
    """The verbs. They raise `StoreUnavailable`.

    Parameters
    ----------
    days
        How long a mark is kept: as long as the questions that it is of.
    """

    def __init__(self, store: Store, days: int, clock: Clock = now) -> None:
        self._store, self._days, self._clock = store, days, clock

    def all(self, bot_id: str) -> dict[str, Mark]:
        """A bot's, by `marked`."""
        found: dict[str, Mark] = {}
        after = None
        while True:
            page = self._store.query("evaluations", keys.desk_pk(bot_id), after=after, limit=_PAGE)
            found |= {item["sk"]: Mark.model_validate(item) for item in page.items}
            if page.cursor is None:
                return found
            after = page.cursor

    def put(self, bot_id: str, seen: Mapping[str, str], state: State | None) -> None:
        """Say it of these questions, each with the newest asking that was seen; without a state, take it back."""
        pk, upto = keys.desk_pk(bot_id), {marked(question): chat_id for question, chat_id in seen.items()}
        if state is None:
            for sk in upto:
                self._store.delete("evaluations", pk, sk)
            return
        expires_at = int(self._clock()) + self._days * _DAY_SECONDS
        self._store.batch_put(
            "evaluations",
            [
                {"pk": pk, "sk": sk, "state": state, "upto": chat_id, "expires_at": expires_at}
                for sk, chat_id in upto.items()
            ],
        )


def marked(question: str) -> str:
    """What a wording is marked by: spaces, signs and cases make no other one."""
    return keys.wording_sk(letters(normalize(question)))


def state_of(shown: Sequence[tuple[str, str]], others: Iterable[str], marks: Mapping[str, Mark]) -> State | None:
    """What was said of a group to which nothing has been added since.

    Parameters
    ----------
    shown
        The wordings that an operator sees of it, each with its newest asking.
    others
        The newest askings of those for which there was no room.
    """
    if not marks:
        return None
    found = [(marks.get(marked(question)), newest) for question, newest in shown]
    known = [mark for mark, newest in found if mark is not None and newest <= mark.upto]
    if len(known) < len(found):
        return None
    seen = max(mark.upto for mark in known)
    return known[0].state if all(newest <= seen for newest in others) else None
