"""How many golden questions a bot answers rightly, over time (table `evaluations`)."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import Field

from shared.golden import GoldenQuestion
from shared.models import Decision, Model
from shared.rehearsal import Side, is_right, reply
from shared.retrieval.base import Found
from shared.storage.base import Clock, Store, now

_DAYS = 365  # that a run is kept
_DAY_SECONDS = 86_400


class Missed(Model):
    """A golden question that is not answered rightly, and what becomes of it instead."""

    golden_id: str
    question: str
    decision: Decision
    faq_id: str | None = None
    title: str | None = None


class Evaluation(Model):
    """One run."""

    at: datetime
    bot_version: str
    golden: int
    right: int
    missed: list[Missed] = Field([])


class Evaluations:
    """The verbs. They raise `StoreUnavailable`."""

    def __init__(self, store: Store, clock: Clock = now) -> None:
        self._store, self._clock = store, clock

    def run(self, bot_id: str, version: str, questions: Sequence[GoldenQuestion], side: Side) -> Evaluation:
        """Ask all of a bot's golden questions, and keep how it went.

        Raises
        ------
        IndexUnavailable, EmbeddingUnavailable
        """
        missed = []
        for one in questions:
            found = reply(side, one.question)
            if not is_right(found, frozenset(one.faq_ids)):
                missed.append(_missed(one, found))
        at = self._clock()
        evaluation = Evaluation(
            at=datetime.fromtimestamp(at, UTC),
            bot_version=version,
            golden=len(questions),
            right=len(questions) - len(missed),
            missed=missed,
        )
        item = {"pk": bot_id, "sk": evaluation.at.isoformat(), **evaluation.model_dump(mode="json")}
        self._store.put("evaluations", item, expires_at=int(at) + _DAYS * _DAY_SECONDS)
        return evaluation

    def latest(self, bot_id: str, limit: int = 60) -> list[Evaluation]:
        """The last runs, newest first, without what was missed."""
        only = ["at", "bot_version", "golden", "right"]
        page = self._store.query("evaluations", bot_id, limit=limit, newest_first=True, only=only)
        return [Evaluation.model_validate(item) for item in page.items]


def _missed(one: GoldenQuestion, found: Found) -> Missed:
    first = found.ranked[0].content if found.ranked and found.decision != "refuse" else None
    return Missed(
        golden_id=one.golden_id,
        question=one.question,
        decision=found.decision,
        faq_id=first.faq_id if first else None,
        title=first.title if first else None,
    )
