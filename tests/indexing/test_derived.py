"""What a build derives beside the vectors: an artefact and calibrations, each with its version, and made again."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from shared.retrieval import calibration as calibrations
from shared.retrieval import manifest as manifests
from shared.retrieval.openings import opening_of
from shared.retrieval.search import subjects_of
from shared.retrieval.sentences import sentences
from shared.storage.keys import CURRENT
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.sentences import FakeSentenceEncoder
from tests.indexing.corpora import OFF_TOPIC, PROFILE, SOURCE, Place, asked_of, contents


def test_artefacts_and_calibrations_stay_for_as_long_as_their_versions(place: Place) -> None:
    made = [place.build(contents(3, marker)).manifest.version for marker in ("가", "나", "다", "라")]
    assert place.kept() == place.calibrated() == place.collections() == {made[2], made[3]}


def test_an_unchanged_source_makes_nothing_anew(place: Place) -> None:
    place.encoder = (encoder := FakeSentenceEncoder())
    made = place.build(contents(3)).manifest
    encoder.calls.clear()
    assert place.build(contents(3)).manifest == made
    assert encoder.calls == []
    assert place.kept() == place.calibrated() == {made.version}


@pytest.mark.parametrize("damage", ["gone", "damaged", "of another release"])
def test_an_artefact_that_is_missing_is_made_again_and_no_content_is_embedded(place: Place, damage: str) -> None:
    made = place.build(contents(5)).manifest
    folder = place.artefacts.fetch(SOURCE, made.version)
    match damage:
        case "gone":
            shutil.rmtree(place.folder / "artifacts")
        case "damaged":
            (folder / "titles.npy").write_bytes(b"")
        case _:
            about = folder / "about.json"
            about.write_text(about.read_text().replace('"format": 1', '"format": 0'), encoding="utf-8")
    assert "artefact_missing" in place.find("쿠폰4 하고 싶어요").degraded

    embedder = FakeEmbedder()
    result = place.build(contents(5), embedder)
    assert (result.embedded, result.written) == (0, 0)
    assert embedder.passages == [opening_of(one) for one in contents(5)]
    assert embedder.queries == asked_of(contents(5))  # whose vectors went with the artefact
    found = place.find("쿠폰4 하고 싶어요")
    assert (found.ranked[0].content.faq_id, found.decision, found.degraded) == ("c4", "answer", ())


def test_a_calibration_that_is_missing_is_fitted_again(place: Place) -> None:
    made = place.build(contents(5)).manifest
    calibrations.forget(place.store, PROFILE.bot_id, SOURCE, made.version)
    assert place.find("쿠폰4 하고 싶어요").degraded == ("calibration_missing",)

    embedder = FakeEmbedder()
    assert place.build(contents(5), embedder).written == 0
    assert embedder.calls == 0
    assert place.find("쿠폰4 하고 싶어요").degraded == ()


def test_an_edit_costs_the_sentences_and_the_questions_that_are_new(place: Place) -> None:
    place.encoder = (encoder := FakeSentenceEncoder())
    place.build(contents(5))
    edited = contents(6)
    edited[2] = edited[2].model_copy(update={"content": "새 안내입니다. 두 번째 문장입니다."})
    encoder.calls.clear()
    embedder = FakeEmbedder()
    place.build(edited, embedder)
    titles = subjects_of(edited[5])
    fresh = {*titles, *sentences(edited[5].content), "새 안내입니다.", "두 번째 문장입니다."}
    assert set(encoder.calls[0]) == fresh  # the calls after it are those of calibration
    asked = [question for question in asked_of(edited) if question not in asked_of(contents(5))]
    assert sorted(embedder.queries) == sorted([*titles, *asked])


def test_questions_that_another_engine_embedded_are_embedded_anew(place: Place) -> None:
    place.build(contents(3))
    embedder = FakeEmbedder("fake/2")
    place.build(contents(3), embedder)
    assert set(asked_of(contents(3))) <= set(embedder.queries)


def test_sentences_of_another_encoder_are_encoded_anew_and_no_vector_is_embedded(place: Place) -> None:
    place.encoder = FakeSentenceEncoder()
    place.build(contents(3))
    place.encoder = (encoder := FakeSentenceEncoder("fake-sentences/2"))
    embedder = FakeEmbedder()
    place.build(contents(3), embedder)
    assert embedder.calls == 0
    assert set(sentences(contents(3)[0].content)) <= set(encoder.calls[0])


def test_a_source_that_lost_its_second_opinion_goes_on_without(place: Place) -> None:
    place.encoder = FakeSentenceEncoder()
    place.build(contents(5))
    assert "sentence_title" in place.find("쿠폰4 하고 싶어요").ranked[0].parts
    place.encoder = None
    found = place.find("쿠폰4 하고 싶어요")
    assert (found.ranked[0].content.faq_id, found.decision) == ("c4", "answer")
    assert "sentence_title" not in found.ranked[0].parts


# The release before


def as_released_before(place: Place, made: manifests.Manifest) -> None:
    """An index as the release before left it: thresholds in the manifest, no artefact, no calibration."""
    item: dict[str, Any] = made.model_dump(mode="json") | {"answer_threshold": 0.9, "near_threshold": 0.8}
    for sk in (made.version, CURRENT):
        place.store.put("indexes", {"pk": SOURCE, "sk": sk, **item, "fingerprint": "of the release before"})
    calibrations.forget(place.store, PROFILE.bot_id, SOURCE, made.version)
    shutil.rmtree(place.folder / "artifacts")


def test_an_index_of_the_release_before_asks_back_until_it_is_indexed_again(place: Place) -> None:
    as_released_before(place, place.build(contents(5)).manifest)
    found = place.find("쿠폰4 신청 방법")
    assert found.ranked[0].content.faq_id == "c4"
    assert (found.decision, found.degraded) == ("clarify", ("artefact_missing", "calibration_missing"))
    assert place.find(contents(5)[4].title).decision == "answer"  # what it asked back about can be chosen

    embedder = FakeEmbedder()
    result = place.build(contents(5), embedder)
    assert (result.embedded, result.known, result.written) == (0, 25, 0)
    assert embedder.queries == asked_of(contents(5))
    assert embedder.passages == [opening_of(one) for one in contents(5)]
    assert place.find("쿠폰4 하고 싶어요").degraded == ()
    place.build(contents(5, "새"))
    assert place.kept() == place.calibrated()


def test_a_server_takes_up_what_was_missing_without_a_restart(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = place.build(contents(5)).manifest
    shutil.move(place.folder / "artifacts", tmp_path / "elsewhere")
    monkeypatch.setattr("shared.retrieval.view.RETRY_SECONDS", 0.0)
    search = place.search()
    assert search.find([OFF_TOPIC[0]], limit=1).degraded == ("artefact_missing",)
    shutil.move(tmp_path / "elsewhere", place.folder / "artifacts")
    assert search.find([OFF_TOPIC[0]], limit=1).degraded == ()
    assert manifests.current(place.store, SOURCE) == made
