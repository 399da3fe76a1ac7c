"""The improvement desk: what was asked and not answered well, grouped by meaning, the largest group first.

A question belongs here when it was refused, asked back, rated unhelpful, or answered with a margin below `LOW_MARGIN`:
the search's confidence lay in the lowest part of the way from the least that answers (0) to certainty (1), as
calibrated on the index, or below it, and a language model found an answer all the same.

Nothing is kept and nothing is embedded: vectors and found contents are in the log. Questions of before, and those of
another engine, are embedded, `MOST_EMBEDDED` of them. All bounds are told when they were reached.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
from pydantic import Field

from shared.desk_clusters import MOST, Place, grouped
from shared.desk_marks import Mark, State, state_of
from shared.history import Span
from shared.llm.base import Embedder
from shared.models import Embedding, Model
from shared.retrieval.base import Vector
from shared.retrieval.embedded import unpacked
from shared.retrieval.readings import repair
from shared.retrieval.text import letters, normalize
from shared.storage import keys
from shared.storage.base import MAX_MANY, Item, Store

Why: TypeAlias = Literal["refused", "clarified", "unhelpful", "low_margin"]

MOST_DAYS = 31
MOST_LOOKED = 50_000  # of the days' questions, the newest: three seconds
MOST_EMBEDDED = 200  # of those without a vector, the most frequent: some seconds of two cores
LOW_MARGIN = 0.5  # a fifth of the sample's answers, and a third of them wrong; of the others one in nine
_SHOWN_QUESTIONS, _SHOWN_CONTENTS = 100, 5  # as many as are asked again in one call
_PAGE = 500
_READ = ("user_message", "decision", "margin", "feedback", "session_id", "deleted")
_DECIDED: Mapping[str, Why] = {"refuse": "refused", "clarify": "clarified"}


class DeskQuestion(Model):
    """One wording, as it was asked last."""

    question: str = Field(description="With personal data masked")
    count: int
    sessions: int
    why: list[Why]
    day: str
    chat_id: str = Field(description="Of the newest, for the history")


class NearContent(Model):
    """A content that the group's questions came near to, and the best of their scores."""

    source_id: str
    faq_id: str
    title: str
    score: float


class DeskCluster(Model):
    """Questions that one answer may serve."""

    question: str = Field(description="The one that stands for them")
    count: int
    sessions: int
    why: dict[Why, int]
    wordings: int
    state: State | None = Field(None, description="What an operator has said of it, and nothing was added since")
    questions: list[DeskQuestion] = Field(description="The most frequent first, some thirty at most")
    contents: list[NearContent]


class Desk(Model):
    """The groups, the largest first.

    Parameters
    ----------
    looked
        Questions of these days that were looked at, and `all_looked` whether these were all.
    left_out
        Wordings for which there was no room.
    """

    first: str
    last: str
    questions: int = Field(description="That were not answered well")
    looked: int
    all_looked: bool
    left_out: int
    groups: int = Field(description="All there are of this kind, however many are listed")
    handled: int = Field(0, description="Groups that operators are done with")
    clusters: list[DeskCluster]


@dataclass
class _Wording:
    """All askings of one wording, newest first."""

    item: Item
    count: int = 0
    sessions: set[str] = field(default_factory=set)
    why: Counter[Why] = field(default_factory=Counter)

    def add(self, item: Item, why: Why) -> None:
        self.count += 1
        self.why[why] += 1
        self.sessions.add(str(item.get("session_id") or item["sk"]))


@dataclass(frozen=True)
class _Placed:
    """A wording with its vector and the contents that were found for it, best first, with their scores."""

    wording: _Wording
    vector: Vector
    found: Mapping[Place, float]


def desk(
    store: Store,
    embedder: Embedder,
    bot_id: str,
    span: Span,
    unit: float,
    limit: int,
    marks: Mapping[str, Mark] | None = None,
    handled: bool = False,
) -> Desk:
    """What is to be improved.

    Parameters
    ----------
    unit
        See `desk_clusters.grouped`.
    limit
        How many groups are listed.
    marks
        What operators have said, by `desk_marks.marked`; `handled` lists what they are done with, and nothing else.

    Raises
    ------
    EmbeddingUnavailable, StoreUnavailable
    """
    wordings, looked, all_looked = _wordings(store, bot_id, span)
    ordered = sorted(wordings.values(), key=lambda one: (one.count, one.item["sk"]), reverse=True)
    placed = _placed(store, embedder, ordered[:MOST])
    vectors = np.stack([one.vector for one in placed]) if placed else np.zeros((0, 1), np.float32)
    every = [
        _ordered([placed[at] for at in group]) for group in grouped(vectors, [list(one.found) for one in placed], unit)
    ]
    every.sort(key=lambda group: (_count(group), max(one.wording.item["sk"] for one in group)), reverse=True)
    states = [_state(group, marks or {}) for group in every]
    groups = [group for group, state in zip(every, states, strict=True) if (state is not None) == handled]
    told = [state for state in states if (state is not None) == handled]
    titles = _titles(store, {place for group in groups[:limit] for one in group for place in one.found})
    return Desk(
        first=span.first,
        last=span.last,
        questions=sum(one.count for one in ordered),
        looked=looked,
        all_looked=all_looked,
        left_out=len(ordered) - len(placed),
        groups=len(groups),
        handled=sum(state is not None for state in states),
        clusters=[_cluster(*one, titles) for one in zip(groups[:limit], told, strict=False)],
    )


def why_of(item: Item) -> Why | None:
    """Why a logged question belongs to the desk. The customer's own word counts before all."""
    feedback = item.get("feedback")
    if feedback and not feedback.get("helpful"):
        return "unhelpful"
    decision, margin = str(item.get("decision")), item.get("margin")
    if decision == "answer" and margin is not None and margin < LOW_MARGIN:
        return "low_margin"
    return _DECIDED.get(decision)


def _wordings(store: Store, bot_id: str, span: Span) -> tuple[dict[str, _Wording], int, bool]:
    """By their letters: spaces, signs and cases make no other wording. How many were looked at, and whether all."""
    found: dict[str, _Wording] = {}
    looked = 0
    for item in _newest(store, bot_id, span):
        if looked == MOST_LOOKED:
            return found, looked, False
        looked += 1
        text, why = item.get("user_message") or "", why_of(item)
        if why is None or item.get("deleted") or not (wording := letters(text)):
            continue
        found.setdefault(wording, _Wording(item)).add(item, why)
    return found, looked, True


def _newest(store: Store, bot_id: str, span: Span) -> Iterator[Item]:
    for day in span.newest_first():
        pk, before = keys.questions_pk_of(bot_id, day), None
        while True:
            page = store.query("questions", pk, before=before, limit=_PAGE, newest_first=True, only=_READ)
            yield from page.items
            if page.cursor is None:
                break
            before = page.cursor


def _placed(store: Store, embedder: Embedder, wordings: Sequence[_Wording]) -> list[_Placed]:
    """Those that have a vector, or get one, the most frequent first. A tapped title that asked back is no problem."""
    whole = _whole(store, [one.item for one in wordings])
    items = [(one, whole[one.item["sk"]]) for one in wordings if one.item["sk"] in whole]
    items = [(one, item) for one, item in items if set(one.why) != {"clarified"} or not _record(item).get("tapped")]
    vectors = [_vector(item, embedder) for _, item in items]
    lacking = [at for at, one in enumerate(vectors) if one is None][:MOST_EMBEDDED]
    if lacking:
        texts = [repair(normalize(items[at][1]["user_message"])) for at in lacking]
        for at, vector in zip(lacking, embedder.embed_queries(texts), strict=True):
            vectors[at] = vector
    pairs = zip(items, vectors, strict=True)
    return [_Placed(one, vector, _found(item)) for (one, item), vector in pairs if vector is not None]


def _whole(store: Store, items: Sequence[Item]) -> dict[str, Item]:
    by_day: dict[str, list[str]] = {}
    for item in items:
        by_day.setdefault(item["pk"], []).append(item["sk"])
    found: dict[str, Item] = {}
    for pk, sks in by_day.items():
        for start in range(0, len(sks), MAX_MANY):
            found |= store.get_many("questions", pk, sks[start : start + MAX_MANY])
    # One whose session was deleted meanwhile has no text any more
    return {sk: item for sk, item in found.items() if item.get("user_message")}


def _vector(item: Item, embedder: Embedder) -> Vector | None:
    kept = unpacked(Embedding.model_validate(item["embedding"])) if item.get("embedding") else None
    if kept is None or kept.engine != embedder.name or len(kept.vector) != embedder.dimensions:
        return None
    return kept.vector


def _record(item: Item) -> dict[str, Any]:
    return item.get("record") or {}


def _found(item: Item) -> dict[Place, float]:
    candidates = _record(item).get("candidates") or item.get("sources") or []
    contents = [one for one in candidates if one.get("kind", "content") == "content"]
    return {(one.get("source_id", "default"), one["faq_id"]): one.get("score", 0.0) for one in contents}


def _count(group: Sequence[_Placed]) -> int:
    return sum(one.wording.count for one in group)


def _titles(store: Store, places: set[Place]) -> dict[Place, str]:
    """Those of these contents that are served, with their titles."""
    by_source: dict[str, list[str]] = {}
    for source_id, faq_id in sorted(places):
        by_source.setdefault(source_id, []).append(faq_id)
    return {
        (source_id, faq_id): item["title"]
        for source_id, ids in by_source.items()
        for start in range(0, len(ids), MAX_MANY)
        for faq_id, item in store.get_many("contents", source_id, ids[start : start + MAX_MANY]).items()
    }


def _ordered(group: Sequence[_Placed]) -> list[_Placed]:
    """The most frequent first, then what stands in the middle."""
    middle = np.mean([one.vector for one in group], axis=0)
    return sorted(group, key=lambda one: (one.wording.count, float(one.vector @ middle)), reverse=True)


def _state(ordered: Sequence[_Placed], marks: Mapping[str, Mark]) -> State | None:
    items = [one.wording.item for one in ordered]
    shown = [(item["user_message"], item["sk"]) for item in items[:_SHOWN_QUESTIONS]]
    return state_of(shown, (item["sk"] for item in items[_SHOWN_QUESTIONS:]), marks)


def _cluster(ordered: Sequence[_Placed], state: State | None, titles: Mapping[Place, str]) -> DeskCluster:
    weights: defaultdict[Place, float] = defaultdict(float)
    best: dict[Place, float] = {}
    for one in ordered:
        for n, (place, score) in enumerate(one.found.items(), 1):
            weights[place] += one.wording.count / n
            best[place] = max(score, best.get(place, score))
    near = [place for place in sorted(weights, key=lambda one: -weights[one]) if place in titles][:_SHOWN_CONTENTS]
    return DeskCluster(
        question=_shown(ordered[0].wording).question,
        count=_count(ordered),
        sessions=len(set().union(*(one.wording.sessions for one in ordered))),
        why=dict(sum((one.wording.why for one in ordered), Counter[Why]()).most_common()),
        wordings=len(ordered),
        state=state,
        questions=[_shown(one.wording) for one in ordered[:_SHOWN_QUESTIONS]],
        contents=[
            NearContent(source_id=place[0], faq_id=place[1], title=titles[place], score=best[place]) for place in near
        ],
    )


def _shown(wording: _Wording) -> DeskQuestion:
    return DeskQuestion(
        question=normalize(wording.item["user_message"]),
        count=wording.count,
        sessions=len(wording.sessions),
        why=[why for why, _ in wording.why.most_common()],
        day=keys.parse_questions_pk(wording.item["pk"])[1],
        chat_id=wording.item["sk"],
    )
