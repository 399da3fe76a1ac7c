"""What a similarity head is trained on, and whether it is better than none: both from the contents of an index.

Seven contents in ten are trained on, one says when to stop, two are held out and asked with the head and without it.
Nobody labels anything: the questions are said by rule (`shared/retrieval/generated.py`), or were asked for of a
language model. One half of each rule is trained on, the other tried: a head learns how rules speak, too, and would seem
better in a trial by the same rules (recall@1 of the whole search +.04, where by others it is +.00; docs/retrieval.md).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shared.bot import Weights
from shared.models import Content
from shared.retrieval.artefact import Artefact, Positions
from shared.retrieval.base import PARTS, IndexReader, Part, Vector
from shared.retrieval.calibration import Calibration, Learned, Ruling, rule
from shared.retrieval.candidates import VECTORS_ONLY, Candidates, Question, candidates, embed, turned
from shared.retrieval.fitting import fit
from shared.retrieval.fusion import effective
from shared.retrieval.generated import Generated, Speaker, generate_many, in_order
from shared.retrieval.readings import Readings, read
from shared.retrieval.search import Profile, subjects_of
from shared.retrieval.sentences import SentenceEncoder
from shared.retrieval.similarity import Head, Keys, Pairs

FEWEST = 100  # contents: of fewer, too few are held out for a difference to show
HELD_OUT = 0.2  # of the contents
STOPPING = 0.1
TRIED = 2  # questions of each content that is held out, or says when to stop
SIMILAR_WEIGHT = 1.0
PASSAGE_WEIGHT = 0.3
RELATED_WEIGHT = 0.5
LEAST_GAIN = 0.01  # of recall@1: heads that gained less for certain gained nothing on questions of people
RESAMPLES = 2_000
Figures = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Split:
    """Ids of contents. Every content is in one of the three."""

    trained: frozenset[str]
    stopping: frozenset[str]
    held_out: frozenset[str]


def split(contents: Sequence[Content]) -> Split:
    """The same for the same contents. Those that share a title, or a similar one, stay on one side."""
    groups = _sharing(in_order(contents))
    counts, sides = [round(HELD_OUT * len(contents)), max(1, round(STOPPING * len(contents)))], [set[str](), set[str]()]
    rest: set[str] = set()
    for group in groups:
        side = next((side for side, count in zip(sides, counts, strict=True) if len(side) < count), rest)
        side.update(group)
    return Split(frozenset(rest), frozenset(sides[1]), frozenset(sides[0]))


def _sharing(contents: Sequence[Content]) -> list[list[str]]:
    """Ids of contents that share titles, a group each, in the order of their firsts."""
    groups: dict[str, list[str]] = {}  # by title; groups that meet are joined
    for content in contents:
        titles = [content.title, *content.similar_titles]
        met = {id(groups[one]): groups[one] for one in titles if one in groups}.values()
        joined = [*(faq_id for group in met for faq_id in group), content.faq_id]
        for title, group in groups.items() if met else ():
            if any(group is one for one in met):
                groups[title] = joined
        groups.update(dict.fromkeys(titles, joined))
    return list({id(group): group for group in groups.values()}.values())


@dataclass(frozen=True)
class Asked:
    """Questions to train on, to stop by, to try the head on."""

    train: list[Generated]
    stop: list[Generated]
    trial: list[Generated]


def asked(
    contents: Sequence[Content], parts: Split, profile: Profile, limit: int, written: Sequence[Generated] = ()
) -> Asked:
    """The questions of all three sides: `limit` to train on, `TRIED` a content of the others.

    Parameters
    ----------
    written
        By a language model; they come first, and rules give the rest.
    """
    speakers = [Speaker(profile.lexicon.entries, half) for half in (0, 1)]
    found = []
    for ids, speaker, most in (
        (parts.trained, speakers[0], limit),
        (parts.stopping, speakers[1], TRIED * len(parts.stopping)),
        (parts.held_out, speakers[1], TRIED * len(parts.held_out)),
    ):
        given = [one for one in written if one.faq_id in ids][:most]
        own = [one for one in contents if one.faq_id in ids]
        found.append(given + generate_many(own, speaker, most - len(given)))
    return Asked(*found)


def keys_of(made: Artefact, contents: Sequence[Content], weights: Weights, scales: Mapping[Part, float]) -> Keys:
    """The index as training sees it: scores in units of their spread, since engines' cosines lie in other ranges."""
    factors = effective(weights, scales, VECTORS_ONLY)
    factors /= np.float32(sum(factor * scales[part] for part, factor in zip(PARTS, factors, strict=True)))
    numbers: dict[str, int] = {}
    titles = {one.faq_id: one.title for one in contents}
    alike = [numbers.setdefault(titles.get(faq_id, f"\0{faq_id}"), len(numbers)) for faq_id in made.faq_ids]
    return Keys(
        made.titles,
        made.passages,
        factors[[PARTS.index("title"), PARTS.index("content")]],
        np.array(alike, dtype=np.int64),
    )


def pairs_of(
    made: Artefact,
    contents: Iterable[Content],
    questions: Sequence[Generated],
    vectors: Mapping[str, Vector],
    profile: Profile,
    *,
    only_questions: bool = False,
) -> Pairs:
    """Every reading of the questions, similar titles, passages and related titles, with what is right for them.

    Parameters
    ----------
    contents
        Those that may be seen; questions of others are left out.
    vectors
        Of all readings.
    only_questions
        Leaves titles and passages out: what decides when to stop should be what customers say.
    """
    seen = {one.faq_id: one for one in contents if one.faq_id in made.positions}
    found: list[tuple[Vector, int, float, int]] = []
    for one in questions:
        if one.faq_id in seen:
            texts = dict.fromkeys(read(one.text, profile.lexicon, made.spacing).texts)
            found += [(vectors[text], made.positions[one.faq_id], 1 / len(texts), -1) for text in texts]
    for faq_id, content in () if only_questions else seen.items():
        found += _own_pairs(made, content, made.positions[faq_id])
        found += _related_pairs(made, content, seen)
    if not found:
        return Pairs(
            np.empty((0, made.titles.rows.shape[1]), np.float32), _ints(()), np.empty(0, np.float32), _ints(())
        )
    queries, at, weights, own = zip(*found, strict=True)
    return Pairs(np.stack(queries).astype(np.float32), _ints(at), np.array(weights, np.float32), _ints(own))


def _own_pairs(made: Artefact, content: Content, at: int) -> list[tuple[Vector, int, float, int]]:
    """A content's similar titles and passages, as if somebody had asked them."""
    rows, subjects = _span(made.titles.starts, at), subjects_of(content)
    similar = [row for row, text in zip(rows, subjects, strict=False) if text in content.similar_titles]
    found = [(made.titles.rows[row], at, SIMILAR_WEIGHT, row) for row in similar]
    if PASSAGE_WEIGHT:
        passages, first = _span(made.passages.starts, at), len(made.titles.rows)
        found += [(made.passages.rows[row], at, PASSAGE_WEIGHT, first + row) for row in passages]
    return found


def _related_pairs(
    made: Artefact, content: Content, seen: Mapping[str, Content]
) -> list[tuple[Vector, int, float, int]]:
    """Titles of related contents, as if somebody had asked them for this one."""
    related = [made.positions[one] for one in content.related_ids if one in seen] if RELATED_WEIGHT else []
    at = made.positions[content.faq_id]
    return [(made.titles.rows[made.titles.starts[one]], at, RELATED_WEIGHT, -1) for one in related]


@dataclass(frozen=True)
class Difference:
    """A figure without and with the head, and the 95 % interval of the difference."""

    before: float
    after: float
    low: float
    high: float


class Trial:
    """The held-out questions, and those that are off topic, asked of an index with a head or without one.

    The whole search is asked, by all legs and the bot's weights, and decides as it does for customers. The decision is
    fitted on one half of the contents and tried on the other, by turns.
    """

    def __init__(
        self,
        made: Artefact,
        contents: Sequence[Content],
        questions: Sequence[Generated],
        off_topic: Sequence[str],
        profile: Profile,
        embed_queries: Callable[[Sequence[str]], Vector],
        encoder: SentenceEncoder | None,
        open_reader: Callable[[], IndexReader],
    ) -> None:
        self._made, self._profile = made, profile
        titles = {one.faq_id: one.title for one in contents}
        titled: defaultdict[str, set[str]] = defaultdict(set)  # of contents with one title any is right
        for faq_id, title in titles.items():
            titled[title].add(faq_id)
        self._right = [frozenset(titled[titles[one.faq_id]]) for one in questions]
        self._group = np.unique([titles[one.faq_id] for one in questions], return_inverse=True)[1]
        texts = [*(one.text for one in questions), *off_topic]
        readings: list[Readings] = [read(one, profile.lexicon, made.spacing) for one in texts]
        self._questions: list[Question] = embed(readings, embed_queries, encoder.encode if encoder else None)
        self._near = [candidates(made, one, open_reader) for one in self._questions]

    def compare(self, head: Head) -> dict[str, Difference]:
        """What the head changes, by figure: the percentile bootstrap (Efron 1979) of paired differences.

        Contents are drawn, with all of their questions.
        """
        moved = [turned(self._made, one, near, head) for one, near in zip(self._questions, self._near, strict=True)]
        before, after = self._figures(None, head), self._figures(moved, head)
        return {name: _difference(old, after[name], self._groups(len(old))) for name, old in before.items()}

    def _groups(self, count: int) -> Positions:
        """Of the held-out questions their contents; every off-topic question is one of its own."""
        groups: Positions = self._group if count == len(self._group) else np.arange(count)
        return groups

    def _figures(self, moved: Sequence[Candidates] | None, head: Head) -> dict[str, Figures]:
        count = len(self._right)
        rulings: dict[int, Ruling] = {}
        away: list[Figures] = []
        for fold in (0, 1):
            fitted_on = [at for at in range(count) if self._group[at] % 2 != fold]
            fitted = fit_with(
                [(self._near[at], self._right[at]) for at in fitted_on],
                [(moved[at], self._right[at]) for at in fitted_on] if moved else None,
                self._near[count:],
                self._profile,
                [self._near[0].present],
                head,
            )
            asked = [at for at in range(count) if self._group[at] % 2 == fold]
            for at in [*asked, *range(count, len(self._near))]:
                rulings[at] = rule(self._near[at], moved[at] if moved else None, fitted, self._profile.weights)
            away.append(
                np.array([rulings[at].decision == "refuse" for at in range(count, len(self._near))], np.float64)
            )
        ranks = np.array([self._rank(at, rulings[at]) for at in range(count)], np.float64)
        decisions = np.array([rulings[at].decision for at in range(count)])
        answered = decisions == "answer"
        return {
            "recall@1": (ranks <= 1).astype(np.float64),
            "recall@3": (ranks <= 3).astype(np.float64),
            "mrr": 1 / ranks,
            "answered": answered.astype(np.float64),
            "answered or asked back": (decisions != "refuse").astype(np.float64),
            "wrongly answered": (answered & (ranks > 1)).astype(np.float64),
            "off topic refused": np.mean(away, axis=0),
        }

    def _rank(self, at: int, ruling: Ruling) -> float:
        found, right = self._near[at].faq_ids, self._right[at]
        return next((n for n, one in enumerate(ruling.order, 1) if found[one] in right), float("inf"))


def fit_with(
    near: Sequence[tuple[Candidates, frozenset[str]]],
    moved: Sequence[tuple[Candidates, frozenset[str]]] | None,
    off_topic: Sequence[Candidates],
    profile: Profile,
    legs: Sequence[frozenset[Part]],
    head: Head,
) -> Calibration:
    """A calibration, and how a bot searches with the head when there are candidates as it moves them (see `fit`)."""
    fitted = fit(near, off_topic, profile.weights, legs, profile.thresholds)
    if moved is None:
        return fitted
    with_head = fit(moved, [], profile.weights, legs, profile.thresholds)
    return fitted.model_copy(
        update={"learned": Learned(head=head.digest, scales=with_head.scales, fits=with_head.fits)}
    )


def _difference(old: Figures, new: Figures, groups: Positions, seed: int = 0) -> Difference:
    sizes = np.bincount(groups).astype(np.float64)
    times = np.random.default_rng(seed).multinomial(len(sizes), np.full(len(sizes), 1 / len(sizes)), size=RESAMPLES)
    drawn = (times @ np.bincount(groups, new - old)) / (times @ sizes)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Difference(float(old.mean()), float(new.mean()), float(low), float(high))


def objections(compared: Mapping[str, Difference]) -> list[str]:
    """Why the head is not to be used; nothing when it is.

    It must gain where it is meant to, beyond chance and `LEAST_GAIN`, and lose nowhere. Wrong answers change with
    every fit of the decision: they may not be more beyond chance.
    """
    found = []
    first = compared["recall@1"]
    if first.low <= LEAST_GAIN:
        found.append(f"recall@1 may gain as little as {first.low:+.3f}, and more than {LEAST_GAIN:+.3f} is needed")
    for name in ("recall@3", "answered or asked back", "off topic refused"):
        if compared[name].after < compared[name].before:
            found.append(f"{name} falls from {compared[name].before:.3f} to {compared[name].after:.3f}")
    if (wrong := compared["wrongly answered"]).low > 0:
        found.append(f"wrongly answered rises from {wrong.before:.3f} to {wrong.after:.3f}")
    return found


def _span(starts: Positions, at: int) -> range:
    return range(int(starts[at]), int(starts[at + 1]))


def _ints(values: Sequence[int]) -> Positions:
    return np.array(values, dtype=np.int64)
