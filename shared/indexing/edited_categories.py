"""A category for contents that are published between two builds without one: as the next build infers it."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import numpy as np

from shared.indexing.categories import elected
from shared.models import Content
from shared.retrieval.artefact import Artefact
from shared.retrieval.base import Vector

_LOOKED_AT = 400  # contents, the nearest first: who has no labelled one among them is left to the next build
_READ = 40  # at once
_BLOCK = 4_096  # contents whose places are made at once: 4,096 x 1,536 x 4 bytes is 25 MB


def with_categories(
    changed: Sequence[Content],
    gone: Collection[str],
    edits: Artefact,
    base: Artefact,
    stored: Callable[[Sequence[str]], Mapping[str, Content]],
) -> list[Content]:
    """These contents, in order; one without a category gets that of its nearest neighbours, marked as inferred.

    Parameters
    ----------
    gone
        Ids that are removed with them.
    edits
        The artefact of all edits since the build, these among them.
    base
        That of the build.
    stored
        Contents as they are stored, by id.
    """
    own = {one.faq_id: one for one in changed}
    names, places = _everywhere(edits, base, gone)
    at = {faq_id: n for n, faq_id in enumerate(names)}
    made = []
    for content in changed:
        if content.category and not content.category_inferred:
            made.append(content)
            continue
        similarities = places @ places[at[content.faq_id]]
        votes = _votes(names, similarities, own, stored)
        category = elected(votes)
        made.append(content.model_copy(update={"category": category, "category_inferred": category is not None}))
    return made


def _everywhere(edits: Artefact, base: Artefact, gone: Collection[str]) -> tuple[list[str], Vector]:
    """All contents and their places, `(contents, dimensions)`; of an edited one that of the edit."""
    kept = [n for n, one in enumerate(base.faq_ids) if one not in edits.positions and one not in gone]
    names = [*edits.faq_ids, *(base.faq_ids[n] for n in kept)]
    parts = [_places(edits, np.arange(len(edits.faq_ids)))]
    parts += [_places(base, np.array(kept[start : start + _BLOCK])) for start in range(0, len(kept), _BLOCK)]
    return names, np.concatenate(parts)


def _places(artefact: Artefact, picked: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> Vector:
    """Each one's own title and first passage, as `infer_categories` takes them, of unit length."""
    titles, passages = artefact.titles, artefact.passages
    places: Vector = titles.rows[titles.starts[picked]].astype(np.float32)
    places += passages.rows[passages.starts[picked]]
    places /= np.maximum(np.linalg.norm(places, axis=1, keepdims=True), 1e-9)
    return places


def _votes(
    names: Sequence[str],
    similarities: Vector,
    own: Mapping[str, Content],
    stored: Callable[[Sequence[str]], Mapping[str, Content]],
) -> Iterator[tuple[str, float]]:
    """Categories that operators gave, with how near they are, the nearest first."""
    order = np.argsort(-similarities, kind="stable")[:_LOOKED_AT]
    for start in range(0, len(order), _READ):
        part = order[start : start + _READ]
        known = {**stored([names[n] for n in part if names[n] not in own]), **own}
        for n in part:
            one = known.get(names[n])
            if one is not None and one.category and not one.category_inferred:
                yield one.category, float(similarities[n])
