"""What a bot was asked most in 14 days, kept in the store for a day with the questions' vectors.

`frequent_count` counts it beside popular questions. Before contents are published, it is asked again: nobody has said
what is right, but what so many ask should not change unseen.
"""

from collections.abc import Sequence

from pydantic import Field

from shared.models import Embedding, Model
from shared.storage import keys
from shared.storage.base import Clock, Store, now

MOST = 300  # of a bot
_KEEP_SECONDS = 86_400


class FrequentQuestion(Model):
    """A question as it was asked last, personal data masked.

    Parameters
    ----------
    embedding
        Its vector, as the log has it; it stands for the question read alone.
    """

    question: str
    count: int = Field(description="How often it was asked in 14 days, each visitor once a day")
    embedding: Embedding | None = None


class Frequent:
    """Verbs over the table `popular`. They raise `StoreUnavailable`."""

    def __init__(self, store: Store, clock: Clock = now) -> None:
        self._store, self._clock = store, clock

    def all(self, bot_id: str) -> list[FrequentQuestion]:
        """What was counted last, if that is not a day ago, the most asked first. One query."""
        found: list[FrequentQuestion] = []
        after = None
        while True:  # DynamoDB ends a page at 1 MB
            page = self._store.query("popular", keys.frequent_pk(bot_id), after=after, limit=MOST)
            found += map(FrequentQuestion.model_validate, page.items)
            if page.cursor is None:
                return found
            after = page.cursor

    def replace(self, bot_id: str, questions: Sequence[FrequentQuestion]) -> None:
        """Keep these for a day, the most asked first, in place of those before. Who reads meanwhile may find both."""
        pk, expires_at = keys.frequent_pk(bot_id), int(self._clock()) + _KEEP_SECONDS
        items = [
            {"pk": pk, "sk": keys.place_sk(place), **one.model_dump(), "expires_at": expires_at}
            for place, one in enumerate(questions)
        ]
        self._store.batch_put("popular", items)
        last = items[-1]["sk"] if items else None
        for item in self._store.query("popular", pk, after=last, limit=MOST, only=["count"]).items:
            self._store.delete("popular", pk, item["sk"])
