"""Vectors of questions as the history log keeps them: half precision, in base64. No I/O.

A cosine similarity of two of them is off by less than 0.001, which no use of them minds; they take a fourth of the room
that JSON numbers of six digits would.
"""

import base64
import binascii
import hashlib

import numpy as np

from shared.models import Embedding
from shared.retrieval.base import Embedded
from shared.retrieval.text import letters


def packed(one: Embedded) -> Embedding:
    """As it is stored."""
    raw = np.asarray(one.vector, dtype="<f2").tobytes()
    return Embedding(engine=one.engine, vector=base64.b64encode(raw).decode("ascii"))


def unpacked(stored: Embedding) -> Embedded | None:
    """As it is compared, of unit length again; nothing where what is stored is no vector."""
    try:
        vector = np.frombuffer(base64.b64decode(stored.vector, validate=True), dtype="<f2").astype(np.float32)
    except (ValueError, binascii.Error):
        return None
    length = float(np.linalg.norm(vector))
    if not 0 < length < np.inf:
        return None
    return Embedded(stored.engine, vector / np.float32(length))


def asked_key(question: str) -> str:
    """What counts questions without their texts: the same for two that differ in spaces, signs and cases alone.

    >>> asked_key("반품 되나요?") == asked_key("반품되나요")
    True
    """
    return hashlib.sha256((letters(question) or question).encode()).hexdigest()[:16]
