"""A content's title and the beginning of its text, embedded together: what the text says of the title's matter.

A passage alone does not say what it is about, a title alone lacks the words of its answer. Anthropic's "contextual
retrieval" (2024) puts a sentence before every passage; here it is the title, and one text a content.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from shared.models import Content
from shared.retrieval.artefact import Memory, load
from shared.retrieval.artefacts import ArtefactMissing, Artefacts
from shared.retrieval.base import Vector
from shared.retrieval.candidates import EXACT_ROWS
from shared.retrieval.manifest import Manifest
from shared.retrieval.search import subjects_of

CHARACTERS = 200  # of the text


def opening_of(content: Content) -> str:
    """The text that is embedded.

    >>> opening_of(Content(faq_id="1", source_id="default", title="배송비", tags=["반품"], content="왕복으로 냅니다."))
    '[반품] 배송비\\n왕복으로 냅니다.'
    """
    return f"{subjects_of(content)[0]}\n{content.content[:CHARACTERS]}"


def make_openings(
    contents: Sequence[Content], rows: int, embed_passages: Callable[[Sequence[str]], Vector], before: Memory
) -> Memory | None:
    """Their vectors, in half precision; none beside more than `EXACT_ROWS` rows, where they were not measured.

    Parameters
    ----------
    before
        Those of versions of the same engine, which are not embedded again.

    Raises
    ------
    EmbeddingUnavailable
    """
    if rows > EXACT_ROWS:
        return None
    texts = [opening_of(content) for content in contents]
    return Memory.of(texts, before.recall(texts, embed_passages).astype(np.float16))


def known_openings(versions: Iterable[Manifest], artefacts: Artefacts) -> Memory:
    """Those of these versions and of their edits, as far as their artefacts are there."""
    found: list[Memory] = []
    for one in versions:
        for name in filter(None, (one.version, one.edits)):
            try:
                openings = load(artefacts.fetch(one.source_id, name)).openings
            except ArtefactMissing:  # of a build that was killed, or removed by somebody
                continue
            found += [openings] if openings else []
    if not found:
        return Memory.empty()
    return Memory(np.concatenate([one.keys for one in found]), np.concatenate([one.vectors for one in found]))
