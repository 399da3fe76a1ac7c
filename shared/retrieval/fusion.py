"""From the parts of a content's score to one figure, by weights that a bot sets."""

from collections.abc import Mapping

import numpy as np

from shared.bot import Weights
from shared.retrieval.base import PARTS, Part, Vector

# How the parts of a leg share its weight; the tables of docs/retrieval.md decided it
_SHARES: Mapping[Part, tuple[str, float]] = {
    "title": ("title", 1.0),
    "content": ("content", 1.0),
    "sentence_title": ("sentence", 0.6),
    "sentence": ("sentence", 0.4),
    "ngram_title": ("lexical", 0.7),
    "ngram_content": ("lexical", 0.3),
    "opening": ("title", 0.6),
}
_BESIDE_OPENINGS = 0.6  # of a title's share: both together weigh more than titles alone
# How far each part spreads over the candidates of a question: E5 over the SmartStore corpus. Calibration measures it on
# every index: other engines' cosines lie in other ranges
E5_SCALES: Mapping[Part, float] = {
    "title": 0.016,
    "content": 0.014,
    "sentence_title": 0.085,
    "sentence": 0.075,
    "ngram_title": 0.085,
    "ngram_content": 0.085,
    "opening": 0.015,
}
E5_NEAR = 0.885  # similarity to a title from which on a question comes near, on the sample


def effective(weights: Weights, scales: Mapping[Part, float], present: frozenset[Part] = frozenset(PARTS)) -> Vector:
    """Each part's factor, `(len(PARTS),)`, summing to 1: its weight in units of its spread; 0 for absent parts."""
    factors = np.zeros(len(PARTS), dtype=np.float32)
    for at, part in enumerate(PARTS):
        if part in present:
            leg, share = _SHARES[part]
            if part == "title" and "opening" in present:
                share *= _BESIDE_OPENINGS
            factors[at] = getattr(weights, leg) * share / max(scales[part], 1e-6)
    total = float(factors.sum())
    if not total:
        factors[PARTS.index("title")] = total = 1.0  # all weights are 0, or stand on absent legs
    return factors / np.float32(total)


def combine(parts: Mapping[Part, float], weights: Weights, scales: Mapping[Part, float]) -> float:
    """A content's score under these weights, from the parts that it has."""
    factors = effective(weights, scales, frozenset(parts))
    return float(sum(factors[at] * parts[part] for at, part in enumerate(PARTS) if part in parts))
