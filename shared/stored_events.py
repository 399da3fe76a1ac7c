"""The events of streams as they went over the wire, in pieces, for readers that come again.

Events are kept as frames, not as objects: who resumes gets the very bytes that the first reader got.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from shared.storage import keys
from shared.storage.base import MAX_ITEM_BYTES, Store

_MAX_PIECE_BYTES = MAX_ITEM_BYTES - 2_000  # what is left is for the keys and the store's own attributes
_READ_AT_ONCE = 100


@dataclass(frozen=True)
class Piece:
    """Some events in a row.

    Parameters
    ----------
    first
        The number of the first one; a stream's first event has the number 1.
    frames
        Each event as `shared.sse.frame` made it.
    """

    first: int
    frames: Sequence[str]


def cut(first: int, frames: Sequence[str]) -> list[Piece]:
    """Events in a row as pieces that each fit an item, in order, as few as that takes."""
    pieces: list[Piece] = []
    taken: list[str] = []
    size = 0
    for number, frame in enumerate(frames, first):
        frame_bytes = len(json.dumps(frame, ensure_ascii=False).encode()) + 2
        if taken and size + frame_bytes > _MAX_PIECE_BYTES:
            pieces.append(Piece(number - len(taken), taken))
            taken, size = [], 0
        taken.append(frame)
        size += frame_bytes
    return [*pieces, Piece(first + len(frames) - len(taken), taken)] if taken else pieces


def save(store: Store, streaming_id: str, piece: Piece, expires_at: int) -> None:
    """Write one piece. Writing it again changes nothing."""
    item = {"pk": streaming_id, "sk": keys.event_sk(piece.first), "frames": piece.frames}
    store.put("streams", item, expires_at=expires_at)


def read(store: Store, streaming_id: str, after: int = 0) -> list[Piece]:
    """The pieces behind the one that begins with event `after`, in order."""
    pieces: list[Piece] = []
    cursor: str | None = keys.event_sk(after)
    while cursor is not None:
        page = store.query("streams", streaming_id, after=cursor, limit=_READ_AT_ONCE)
        pieces += [Piece(keys.parse_event_sk(item["sk"]), item["frames"]) for item in page.items]
        cursor = page.cursor
    return pieces


def forget(store: Store, streaming_id: str, firsts: Sequence[int]) -> None:
    """Delete all pieces: those that are found, and the ones that begin with `firsts`, which may have expired.

    An expired item is found by nobody, but a file may hold it until it is swept.
    """
    found = {piece.first for piece in read(store, streaming_id)}
    for first in found.union(firsts):
        store.delete("streams", streaming_id, keys.event_sk(first))
