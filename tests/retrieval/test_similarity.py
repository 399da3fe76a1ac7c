"""The learned similarity: what it learns, how it is kept, and what searching does with one that is damaged or stale."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from shared.indexing.learn import FEWEST, Difference, objections, split
from shared.indexing.learn import asked as asked_for
from shared.models import Content
from shared.retrieval import calibration as calibrations
from shared.retrieval import manifest as manifests
from shared.retrieval.artefact import Artefact, Ragged
from shared.retrieval.artefacts import ArtefactMissing
from shared.retrieval.base import Found, Vector
from shared.retrieval.calibration import Learned
from shared.retrieval.generated import Generated, Speaker
from shared.retrieval.search import Engines, SourceSearch
from shared.retrieval.similarity import Head, Keys, Pairs, Recipe, Trained, near, train, unit
from tests.indexing.corpora import SOURCE, contents
from tests.retrieval.indexes import PROFILE, Indexed

DIMENSIONS, CONTENTS = 32, 60
QUICK = Recipe(rank=32, batch=32, hard=4, nearest=8, rate=3e-3, epochs=25, temperature=0.05)
TRAINED = np.arange(40)
HELD_OUT = np.arange(45, CONTENTS)


def noise(count: int, seed: int) -> Vector:
    return unit(np.random.default_rng(seed).standard_normal((count, DIMENSIONS)).astype(np.float32))


def keys() -> Keys:
    """Two titles and one passage of each content, near one another."""
    centres = noise(CONTENTS, 0)
    titles = unit(np.repeat(centres, 2, axis=0) + 0.1 * noise(2 * CONTENTS, 1))
    passages = unit(centres + 0.3 * noise(CONTENTS, 2))
    return Keys(
        Ragged(titles, np.arange(0, 2 * CONTENTS + 1, 2)),
        Ragged(passages, np.arange(CONTENTS + 1)),
        np.array([0.7, 0.3], np.float32),
        np.arange(CONTENTS),
    )


def asked(contents: "np.ndarray[tuple[int], np.dtype[np.int64]]", seed: int, moved: bool = True) -> Pairs:
    """Four questions of each content, all moved by one rotation in a few planes."""
    at = np.repeat(contents, 4)
    queries = unit(keys().titles.rows[2 * at] + 0.5 * noise(len(at), seed))
    if moved:
        for plane in range(0, 22, 2):
            queries[:, [plane, plane + 1]] = queries[:, [plane + 1, plane]] * np.array([1, -1], np.float32)
    return Pairs(queries, at, np.ones(len(at), np.float32), np.full(len(at), -1))


def trained(recipe: Recipe = QUICK, pairs: Pairs | None = None) -> Trained:
    return train("01A", keys(), pairs or asked(TRAINED, 3), asked(np.arange(40, 45), 4), np.arange(45), recipe)


def recall(head: Head | None, pairs: Pairs) -> float:
    queries = head.apply(pairs.queries) if head else pairs.queries
    scores = 0.7 * keys().titles.best(queries) + 0.3 * keys().passages.best(queries)
    return float((scores.argmax(axis=0) == pairs.contents).mean())


def test_a_rotation_of_the_questions_is_learned_and_holds_for_contents_that_were_never_seen() -> None:
    made, tried = trained(), asked(HELD_OUT, 5)
    assert min(made.losses) < 0.7 * made.losses[0]
    assert recall(made.head, tried) > recall(None, tried) + 0.2


def test_the_same_seed_gives_the_same_head_and_another_one_another() -> None:
    one, same = trained(), trained()
    other = trained(Recipe(**{**QUICK.__dict__, "seed": 1}))
    assert one.head.digest == same.head.digest != other.head.digest
    assert one.losses == same.losses


def test_the_best_epoch_is_kept_and_none_when_none_is_better() -> None:
    shuffled = asked(TRAINED, 3)
    wrong = Pairs(shuffled.queries, shuffled.contents[::-1].copy(), shuffled.weights, shuffled.own)
    made = trained(pairs=wrong)
    assert made.losses[0] == min(made.losses)
    assert len(made.losses) == 1 + QUICK.patience
    question = asked(HELD_OUT, 5).queries
    np.testing.assert_allclose(made.head.apply(question), question, atol=1e-6)


def test_slopes_are_those_of_the_loss() -> None:
    from shared.retrieval.similarity import _cross_entropy, _met, _slopes

    rng, pairs, among = np.random.default_rng(0), asked(TRAINED[:5], 6), np.arange(20)
    head = Head("01A", *(rng.standard_normal(shape).astype(np.float32) * 0.1 for shape in ((32, 4), (4, 32))))
    recipe = Recipe(temperature=0.1, pull=0.0)

    def loss(up: Vector) -> float:
        scores, _ = _met(keys(), Head("01A", head.down, up).apply(pairs.queries), pairs.own, among)
        return _cross_entropy(scores, keys(), pairs, among, recipe.temperature)[0]

    _, slopes = _slopes(head, keys(), pairs, among, recipe)
    for at in [(0, 0), (3, 31), (2, 7)]:
        step = np.zeros_like(head.up)
        step[at] = 1e-2
        assert (loss(head.up + step) - loss(head.up - step)) / 2e-2 == pytest.approx(slopes[at], rel=0.05, abs=2e-3)


def test_contents_that_are_right_too_and_those_that_are_held_out_are_no_negatives() -> None:
    twins = Keys(*(keys().titles, keys().passages, keys().factors), np.arange(CONTENTS) // 2)
    pairs = asked(TRAINED, 3)
    found = near(twins, pairs, np.arange(45), 5)
    assert found.max() < 45
    assert not (found // 2 == pairs.contents[:, None] // 2).any()


def test_a_title_that_is_asked_does_not_meet_itself() -> None:
    at = np.array([7])
    own = Pairs(keys().titles.rows[14:15], at, np.ones(1, np.float32), np.array([14]))
    from shared.retrieval.similarity import _met

    scores, _ = _met(keys(), own.queries, own.own, at)
    passage = float(keys().passages.rows[7] @ own.queries[0])
    sibling = float(keys().titles.rows[15] @ own.queries[0])
    assert scores[0, 0] == pytest.approx(0.7 * sibling + 0.3 * passage, abs=1e-5)


def test_a_question_without_a_direction_stays_so() -> None:
    head = trained().head
    moved = head.apply(np.zeros((2, DIMENSIONS), np.float32))
    assert not moved.any()
    np.testing.assert_allclose(np.linalg.norm(head.apply(noise(9, 9)), axis=1), 1, atol=1e-5)


# Kept as files


def test_a_head_is_read_as_it_was_saved(tmp_path: Path) -> None:
    head = trained().head
    head.save(tmp_path / "head")
    read = Head.load(tmp_path / "head")
    assert (read.version, read.digest) == ("01A", head.digest)


def flip(path: Path, at: int) -> None:
    """Change one bit."""
    whole = bytearray(path.read_bytes())
    whole[at] ^= 64
    path.write_bytes(bytes(whole))


def rewrite(path: Path, **values: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "head.npz").write_bytes(b"PK\x03\x04"),
        lambda folder: (folder / "head.npz").write_bytes((folder / "head.npz").read_bytes()[:-100]),
        lambda folder: (folder / "head.npz").write_bytes(b""),
        lambda folder: (folder / "head.npz").unlink(),
        lambda folder: (folder / "about.json").write_text("[]"),
        lambda folder: (folder / "about.json").write_text('{"format": 99}'),
        lambda folder: np.savez(folder / "head.npz", down=np.zeros((3, 2)), up=np.zeros((2, 3))),
        lambda folder: flip(folder / "head.npz", 66),  # in the header of an array: NumPy's parser gives up
        lambda folder: flip(folder / "head.npz", (folder / "head.npz").read_bytes().index(b"PK\x01\x02") + 10),
        # The line above: how the archive's directory says that it is compressed
        lambda folder: rewrite(folder / "about.json", version=None),
        lambda folder: (folder / "about.json").write_text("[" * 100_000),
    ],
)
def test_a_damaged_head_is_missing(tmp_path: Path, spoil: Callable[[Path], object]) -> None:
    trained(Recipe(rank=2, epochs=1)).head.save(tmp_path / "head")
    spoil(tmp_path / "head")
    with pytest.raises(ArtefactMissing):
        Head.load(tmp_path / "head")


# In a search


class Heads:
    """What `open_head` gives; counts how often it is asked."""

    def __init__(self, head: Head | None) -> None:
        self.head, self.asked = head, 0

    def __call__(self, _source: str, _version: str) -> Head:
        self.asked += 1
        if self.head is None:
            raise ArtefactMissing(detail="damaged")
        return self.head


def leaning(place: Indexed, faq_id: str, version: str | None = None) -> Head:
    """A head that takes every question far to the title of one content."""
    served = served_version(place)
    made = place.open_artefact(SOURCE, served)
    up = 100 * made.titles.rows[made.titles.starts[made.positions[faq_id]]][None, :]
    return Head(version or served, np.ones((up.shape[1], 1), np.float32), up.astype(np.float32))


def served_version(place: Indexed) -> str:
    found = manifests.current(place.store, SOURCE)
    assert found
    return found.version


def calibrate(place: Indexed, digest: str | None) -> None:
    """Name a head in the calibration; with none, as every build leaves it."""
    version = served_version(place)
    fitted = calibrations.read(place.store, "default", SOURCE, version)
    assert fitted
    learned = Learned(head=digest, scales=fitted.scales, fits=fitted.fits) if digest else None
    calibrations.save(place.store, "default", SOURCE, version, fitted.model_copy(update={"learned": learned}))


def searching(place: Indexed, heads: Heads) -> SourceSearch:
    engines = Engines(place.embedder, place.encoder, place.open_reader, place.open_artefact, heads)
    return SourceSearch(SOURCE, place.store, engines, place.profile)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Indexed:
    place = Indexed.new(tmp_path_factory.mktemp("similarity"))
    place.build(contents(12))
    return place


@pytest.fixture
def place(built: Indexed) -> Indexed:
    calibrate(built, None)
    return built


ASKED = "쿠폰4 하고 싶어"


def found(search: SourceSearch, question: str = ASKED) -> Found:
    return search.find([question], limit=12)


def title_of(one: Found, faq_id: str) -> float:
    return next(ranked.parts["title"] for ranked in one.ranked if ranked.content.faq_id == faq_id)


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if "learned similarity" in record.message]


def test_the_head_that_was_calibrated_ranks_and_the_legs_without_it_stay(
    place: Indexed, caplog: pytest.LogCaptureFixture
) -> None:
    before = found(searching(place, Heads(None)))
    head = leaning(place, "c7")
    calibrate(place, head.digest)
    after = found(searching(place, Heads(head)))
    assert title_of(after, "c7") > title_of(before, "c7") + 0.1
    assert title_of(after, "c4") < title_of(before, "c4")
    legs = {part for part in before.ranked[0].parts if part not in ("title", "content")}
    rest = {one.content.faq_id: [one.parts[part] for part in legs] for one in before.ranked}
    assert {one.content.faq_id: [one.parts[part] for part in legs] for one in after.ranked} == rest
    assert (after.degraded, told(caplog)) == ((), [])


@pytest.mark.parametrize("question", ["오늘 날씨 어때?", "점심 뭐 먹지", ASKED, "zzzz"])
def test_what_is_off_topic_is_decided_without_the_head(place: Indexed, question: str) -> None:
    without = found(searching(place, Heads(None)), question)
    head = leaning(place, "c7")
    calibrate(place, head.digest)
    with_head = found(searching(place, Heads(head)), question)
    assert (with_head.decision == "refuse") == (without.decision == "refuse")


def test_without_a_head_nothing_is_said_and_nothing_is_looked_for(
    place: Indexed, caplog: pytest.LogCaptureFixture
) -> None:
    heads = Heads(leaning(place, "c7"))
    assert found(searching(place, heads)).ranked[0].content.faq_id == "c4"
    assert heads.asked == 0
    assert told(caplog) == []


@pytest.mark.parametrize("problem", ["damaged or gone", "of another version", "not calibrated", "of other vectors"])
def test_a_head_that_does_not_fit_is_told_once_and_the_search_is_the_one_without(
    place: Indexed, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, problem: str
) -> None:
    monkeypatch.setattr("shared.retrieval.view.RETRY_SECONDS", -1.0)
    before = found(searching(place, Heads(None)))
    fits = leaning(place, "c7")
    head = {
        "damaged or gone": None,
        "of another version": leaning(place, "c7", "01A"),
        "not calibrated": fits,
        "of other vectors": Head(fits.version, fits.down[:3], fits.up[:, :3]),
    }[problem]
    calibrate(place, head.digest if head and problem != "not calibrated" else "another one's")
    heads = Heads(head)
    search = searching(place, heads)
    assert found(search) == found(search) == before
    assert heads.asked > 1  # it is looked for again: it may be saved at this moment
    assert len(told(caplog)) == 1
    assert "run scripts/train_similarity.py" in told(caplog)[0]


def test_without_an_artefact_there_is_no_head_either(place: Indexed, caplog: pytest.LogCaptureFixture) -> None:
    def gone(_source: str, _version: str) -> Artefact:
        raise ArtefactMissing(detail="gone")

    heads = Heads(leaning(place, "c7"))
    calibrate(place, leaning(place, "c7").digest)
    engines = Engines(place.embedder, place.encoder, place.open_reader, gone, heads)
    one = found(SourceSearch(SOURCE, place.store, engines, place.profile))
    assert one.ranked[0].content.faq_id == "c4"
    assert (heads.asked, told(caplog)) == (0, [])


# What it is trained on, and whether it is better


def faq(faq_id: str, title: str, **more: object) -> Content:
    return Content.model_validate({"faq_id": faq_id, "source_id": "s", "title": title, "content": "x", **more})


def test_no_title_stands_on_two_sides_of_the_split() -> None:
    wanted = [faq(f"c{n}", f"제목 {n // 2}", similar_titles=[f"제목 {n // 2 + 1}"] * (n % 10 == 0)) for n in range(200)]
    parts = split(wanted)
    sides = (parts.trained, parts.stopping, parts.held_out)
    assert sum(map(len, sides)) == len(frozenset().union(*sides)) == 200
    titles = [
        {title for one in wanted if one.faq_id in side for title in (one.title, *one.similar_titles)} for side in sides
    ]
    assert not (titles[0] & titles[1] or titles[0] & titles[2] or titles[1] & titles[2])
    assert 40 <= len(parts.held_out) < 60
    assert parts == split(wanted[::-1])


def test_too_few_contents_are_never_split_into_nothing() -> None:
    parts = split([faq(f"c{n}", f"t{n}") for n in range(FEWEST)])
    assert min(map(len, (parts.trained, parts.stopping, parts.held_out))) >= 8


def test_what_is_tried_is_said_by_other_rules_than_what_is_trained_on() -> None:
    title = "구매자 반품 배송비 환불은 어떻게 하나요?"
    said = [
        {Speaker(PROFILE.lexicon.entries, half).say(title, random.Random(seed), 0) for seed in range(200)}
        for half in (0, 1)
    ]
    endings = [{one.rsplit(" ", 2)[-1] for one in side} - {"하나요?"} for side in said]
    assert endings[0] and endings[1] and not endings[0] & endings[1]


def test_questions_of_a_side_are_of_its_contents_and_the_models_come_first() -> None:
    wanted = [faq(f"c{n}", f"물건{n} 교환은 어떻게 하나요?") for n in range(100)]
    parts = split(wanted)
    written = [Generated("바꿔 주세요", one.faq_id, one.title) for one in wanted]
    asked_of = asked_for(wanted, parts, PROFILE, 120, written)
    for found, ids in (
        (asked_of.train, parts.trained),
        (asked_of.stop, parts.stopping),
        (asked_of.trial, parts.held_out),
    ):
        assert {one.faq_id for one in found} == ids
        assert [one.text for one in found[: len(ids)]] == ["바꿔 주세요"] * len(ids)
    assert len(asked_of.train) == 120


def compared(**changed: Difference) -> dict[str, Difference]:
    same = Difference(0.8, 0.8, 0.0, 0.0)
    names = ("recall@1", "recall@3", "answered or asked back", "wrongly answered", "off topic refused")
    return {name: changed.get(name.split()[0].replace("@", ""), same) for name in names}


GAIN = Difference(0.80, 0.84, 0.02, 0.06)


def test_a_head_is_used_when_it_gains_for_certain_and_loses_nowhere() -> None:
    assert objections(compared(recall1=GAIN)) == []
    assert objections(compared(recall1=GAIN, wrongly=Difference(0.02, 0.03, -0.01, 0.03))) == []


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, "recall@1 may gain as little as +0.000"),
        (
            {"recall1": Difference(0.80, 0.83, 0.009, 0.05)},
            "recall@1 may gain as little as +0.009, and more than +0.010 is needed",
        ),
        ({"recall1": GAIN, "recall3": Difference(0.9, 0.89, -0.02, 0.0)}, "recall@3 falls from 0.900 to 0.890"),
        ({"recall1": GAIN, "answered": Difference(0.9, 0.8, -0.2, 0.0)}, "answered or asked back falls"),
        ({"recall1": GAIN, "off": Difference(0.97, 0.96, -0.02, 0.0)}, "off topic refused falls"),
        ({"recall1": GAIN, "wrongly": Difference(0.02, 0.06, 0.01, 0.07)}, "wrongly answered rises"),
    ],
)
def test_a_head_is_not_used_when(changed: dict[str, Difference], why: str) -> None:
    (told,) = objections(compared(**changed))
    assert told.startswith(why)


def test_a_difference_has_an_interval_over_contents_not_questions() -> None:
    from shared.indexing.learn import _difference

    before = np.array([n % 2 for n in range(40)], np.float64)
    after = np.ones(40, np.float64)
    many = _difference(before, after, np.arange(40))
    assert (many.before, many.after) == (0.5, 1.0)
    assert 0 < many.low < 0.5 < many.high < 1
    few = _difference(before, after, np.repeat([0, 1], 20))
    assert few.low == few.high == 0.5
    same = _difference(before, before, np.arange(40))
    assert (same.low, same.high) == (0, 0)
