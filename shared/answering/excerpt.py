"""What of a long content a language model is shown: the parts that the question is about."""

import math
from collections import Counter
from collections.abc import Sequence

from shared.retrieval.ngrams import ngrams
from shared.retrieval.text import chunks

PIECE = 400  # characters, as the passages that are searched
_GAP = "\n…\n"


def excerpt(text: str, question: str, limit: int) -> str:
    """At most `limit` characters of a content: its beginning, and the pieces that share most with the question.

    In the order of the text, with `…` where something was left out. A shorter text comes back as it is.

    Parameters
    ----------
    limit
        At least two pieces and the gap between them.

    Raises
    ------
    ValueError
        When `limit` is smaller than that.
    """
    if limit < 2 * PIECE + len(_GAP):
        raise ValueError(f"an excerpt of {limit} characters shows nothing of a long content")
    if len(text) <= limit:
        return text
    pieces = chunks(text, PIECE, 0)
    taken, room = {0}, limit - len(pieces[0])
    for at in _nearest(pieces, question):
        needed = len(pieces[at]) + len(_GAP)
        if at not in taken and needed <= room:
            taken.add(at)
            room -= needed
    return "".join(pieces[at] if at == 0 or at - 1 in taken else f"{_GAP}{pieces[at]}" for at in sorted(taken)).strip()


def _nearest(pieces: Sequence[str], question: str) -> list[int]:
    """Pieces by the n-grams that they share with the question, each worth more the fewer pieces have it."""
    held = [set(ngrams(piece)) for piece in pieces]
    counts = Counter(one for those in held for one in those)
    asked = set(ngrams(question))
    worth = [sum(math.log(1 + len(pieces) / counts[one]) for one in asked & those) for those in held]
    return sorted(range(len(pieces)), key=lambda at: (-worth[at], at))
