"""A category for contents that have none: what their nearest neighbours say."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np

from shared.models import Content
from shared.retrieval.base import Row, Vector

_NEIGHBOURS = 5
_BLOCK = 512  # rows of similarities at once: 512 x 100,000 x 4 bytes is 200 MB


def infer_categories(contents: Sequence[Content], rows: Sequence[Row], vectors: Vector) -> list[Content]:
    """The contents, in order; one without a category gets that of its nearest neighbours, marked as inferred.

    A content's place is the mean of its own title's and its first chunk's vector. The neighbours vote with their cosine
    similarity; a tie goes to the nearest (k nearest neighbours, Cover and Hart 1967, weighted). Without any labelled
    content all stay as they are.

    Parameters
    ----------
    rows, vectors
        All rows of the contents and their vectors, `(len(rows), dimensions)`.
    """
    labelled = [n for n, content in enumerate(contents) if content.category and not content.category_inferred]
    lacking = [n for n, content in enumerate(contents) if not content.category or content.category_inferred]
    if not labelled or not lacking:
        return list(contents)
    at = {(row.kind, row.faq_id): n for n, row in reversed(list(enumerate(rows)))}
    places = np.stack([vectors[at["title", one.faq_id]] + vectors[at["content", one.faq_id]] for one in contents])
    places /= np.maximum(np.linalg.norm(places, axis=1, keepdims=True), 1e-9)
    names = [str(contents[n].category) for n in labelled]
    result = list(contents)
    for start in range(0, len(lacking), _BLOCK):
        block = lacking[start : start + _BLOCK]
        similarities = places[block] @ places[labelled].T
        for n, row in zip(block, similarities, strict=True):
            nearest = np.argsort(-row, kind="stable")[:_NEIGHBOURS]
            category = elected((names[one], float(row[one])) for one in nearest)
            result[n] = contents[n].model_copy(update={"category": category, "category_inferred": True})
    return result


def elected(votes: Iterable[tuple[str, float]]) -> str | None:
    """The category that the first five neighbours vote for, with their similarities; `None` without any.

    Parameters
    ----------
    votes
        The nearest first: so is the first of a tie.
    """
    counted: dict[str, float] = defaultdict(float)
    for name, similarity in islice(votes, _NEIGHBOURS):
        counted[name] += similarity
    return max(counted, key=lambda name: counted[name], default=None)
