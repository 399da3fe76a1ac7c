"""Vectors of questions that operators ask again and again, kept in the store: each is made once."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from shared.models import Embedding
from shared.retrieval.base import Embedded, Vector
from shared.retrieval.embedded import packed, unpacked
from shared.storage import keys
from shared.storage.base import Clock, Store, now

_DAYS = 30  # that one is kept
_DAY_SECONDS = 86_400
_PAGE = 1_000
_AT_ONCE = 256  # texts that are made, then kept: what is cut short goes on from there


class KeptVectors:
    """An engine's vectors of a bot's questions: those that are given, those that are kept, the others made and kept.

    What it holds of a text in the store tells nothing of the text.

    Parameters
    ----------
    engine
        The engine's name.
    compute
        Texts to vectors, `(len(texts), dimensions)`; what it raises is raised.
    given
        Vectors by text, from elsewhere.
    """

    def __init__(
        self,
        store: Store,
        bot_id: str,
        engine: str,
        dimensions: int,
        compute: Callable[[Sequence[str]], Vector],
        given: Mapping[str, Vector],
        clock: Clock = now,
    ) -> None:
        self._store, self._pk, self._clock = store, keys.vectors_pk(bot_id), clock
        self._engine, self._dimensions, self._compute = engine, dimensions, compute
        self._given = {text: vector for text, vector in given.items() if len(vector) == dimensions}
        self._kept: dict[str, Vector] | None = None

    def __call__(self, texts: Sequence[str]) -> Vector:
        """The vectors of texts, one a row. Raises `StoreUnavailable` and what `compute` does."""
        if self._kept is None:
            self._kept = self._read()
        wanted = {text: keys.vector_sk(self._engine, text) for text in texts if text not in self._given}
        new = [text for text, sk in wanted.items() if sk not in self._kept]
        for start in range(0, len(new), _AT_ONCE):
            self._keep({wanted[text]: text for text in new[start : start + _AT_ONCE]})
        return np.stack([self._given[text] if text in self._given else self._kept[wanted[text]] for text in texts])

    def _keep(self, texts: Mapping[str, str]) -> None:
        assert self._kept is not None  # read before
        made = dict(zip(texts, self._compute([*texts.values()]), strict=True))
        expires_at = int(self._clock()) + _DAYS * _DAY_SECONDS
        self._store.batch_put(
            "evaluations",
            [
                {"pk": self._pk, "sk": sk, **packed(Embedded(self._engine, one)).model_dump(), "expires_at": expires_at}
                for sk, one in made.items()
            ],
        )
        self._kept |= made

    def _read(self) -> dict[str, Vector]:
        kept: dict[str, Vector] = {}
        after = None
        while True:
            page = self._store.query("evaluations", self._pk, after=after, limit=_PAGE)
            for item in page.items:
                found = unpacked(Embedding.model_validate(item)) if item["engine"] == self._engine else None
                if found is not None and len(found.vector) == self._dimensions:
                    kept[item["sk"]] = found.vector
            if page.cursor is None:
                return kept
            after = page.cursor
