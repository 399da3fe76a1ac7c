"""From a question to ranked contents and a decision."""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from shared.bot import Weights
from shared.errors import EmbeddingUnavailable, IndexUnavailable
from shared.retrieval import calibration as calibrations
from shared.retrieval.artefacts import DirectoryArtefacts
from shared.retrieval.base import PARTS
from shared.retrieval.fusion import E5_SCALES, combine
from shared.retrieval.intents import READ
from shared.retrieval.lexicon import Entry, Lexicon
from shared.retrieval.manifest import Manifest
from shared.retrieval.search import SourceSearch, subjects_of
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.sentences import FakeSentenceEncoder
from tests.indexing.corpora import SOURCE, content, contents
from tests.retrieval.indexes import Indexed

COUNT = 12
STRANGE = [
    *["", " \u200b ", "?!?!", "ㅋㅋㅋㅋ", "👍👍👍", "👨‍👩‍👧", "\ud800", "a" * 2_000, "반품 " * 700, "返品したい"],
    *["<script>alert(1)</script><b>반품</b>", "'; DROP TABLE contents; --", "{{7*7}} ${x} %s %n", "cnlth", "\0\n\r"],
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Indexed:
    """An index of `contents(COUNT)`, not to be changed."""
    place = Indexed.new(tmp_path_factory.mktemp("built"))
    place.build(contents(COUNT))
    return place


@pytest.fixture
def place(tmp_path: Path) -> Indexed:
    """One that a test may change."""
    place = Indexed.new(tmp_path)
    place.build(contents(COUNT))
    return place


def ids(search: SourceSearch, question: str, limit: int = 3, leave_out: frozenset[str] = frozenset()) -> list[str]:
    return [one.content.faq_id for one in search.find([question], limit=limit, leave_out=leave_out).ranked]


@pytest.mark.parametrize("n", [0, 3, 11])
@pytest.mark.parametrize("which", range(3))
def test_a_title_asked_literally_is_answered(built: Indexed, n: int, which: int) -> None:
    title = subjects_of(content(n))[which]
    for asked in (title, f" {title.rstrip('?')}!! "):
        found = built.search().find([asked], limit=5)
        assert (found.decision, found.ranked[0].content) == ("answer", stored(built, n))
    assert built.search().find([title], limit=1).ranked[0].matched_subject == title


def test_of_contents_with_one_title_the_one_asked_for_with_its_tags_is_answered_else_they_are_asked_back(
    tmp_path: Path,
) -> None:
    twins = [
        content(1).model_copy(update={"faq_id": tag, "tags": [tag], "similar_titles": []}) for tag in ("은행", "카드")
    ]
    place = Indexed.new(tmp_path)
    place.build([*twins, *contents(COUNT)[3:]])
    found = place.search().find([twins[0].title], limit=5)
    assert (found.decision, {one.content.faq_id for one in found.ranked[:2]}) == ("clarify", {"은행", "카드"})
    for twin in twins:
        found = place.search().find([f"[{twin.tags[0]}] {twin.title}"], limit=5)
        assert (found.decision, found.ranked[0].content.faq_id) == ("answer", twin.faq_id)


def stored(place: Indexed, n: int) -> object:
    return place.search().contents([f"c{n}"])[0]


@pytest.mark.parametrize("question", STRANGE, ids=range(len(STRANGE)))
@pytest.mark.parametrize("without", ["nothing", "artefact", "encoder"])
def test_any_question_gets_a_decision(built: Indexed, question: str, without: str) -> None:
    place = built
    if without == "artefact":
        place = replace(built, artefacts=Indexed.new(built.folder / "empty").artefacts)
    if without == "encoder":
        place = replace(built, encoder=None)
    found = place.search().find([question], limit=5)
    assert found.decision in ("answer", "clarify", "refuse")
    assert 0 <= found.confidence <= 1
    assert len(found.ranked) <= 5


def test_the_best_come_first_with_all_parts_of_their_scores(built: Indexed) -> None:
    found = built.search().find(["쿠폰4 하고 싶은데요"], limit=5)
    scores = [one.score for one in found.ranked]
    assert found.ranked[0].content.faq_id == "c4"
    assert scores == sorted(scores, reverse=True)
    assert len(found.ranked) == 5
    assert all(one.parts.keys() == set(PARTS) for one in found.ranked)
    assert found.degraded == ()


@pytest.mark.parametrize(
    "weights", [Weights(title=0, content=0, sentence=0, lexical=1), Weights(title=1, content=0, sentence=0, lexical=0)]
)
def test_the_bots_weights_decide(built: Indexed, weights: Weights) -> None:
    search = replace(built, profile=replace(built.profile, weights=weights)).search()
    ranked = search.find(["쿠폰4 하고"], limit=5).ranked
    assert [one.score for one in ranked] == pytest.approx(
        [combine(one.parts, weights, search.scales) for one in ranked], abs=1e-5
    )


def test_everyday_words_are_searched_as_the_bots_word_list_says(built: Indexed) -> None:
    lexicon = Lexicon([Entry("딱지", "쿠폰4 신청")])
    with_list = replace(built, profile=replace(built.profile, lexicon=lexicon)).search()
    assert ids(with_list, "딱지 어떻게 하나요", 1) == ["c4"]


def suggest_from(place: Indexed, similarity: float) -> None:
    """Set how near a title must come to be suggested."""
    version = manifest_of(place).version
    fitted = calibrations.read(place.store, "default", SOURCE, version)
    assert fitted
    fits = {name: one.model_copy(update={"suggest_from": similarity}) for name, one in fitted.fits.items()}
    calibrations.save(place.store, "default", SOURCE, version, fitted.model_copy(update={"fits": fits}))


@pytest.mark.parametrize("with_artefact", [True, False])
def test_each_content_that_comes_near_is_marked_wherever_it_is_ranked(place: Indexed, with_artefact: bool) -> None:
    if not with_artefact:
        shutil.rmtree(place.folder / "artefacts")
    asked = ["쿠폰4 하고 싶은데 무료인가요"]
    met = [one.parts["title"] for one in place.search().find(asked, limit=COUNT).ranked]
    suggest_from(place, least := sorted(met)[COUNT // 2])
    ranked = place.search().find(asked, limit=COUNT).ranked
    assert [one.near for one in ranked] == [one >= least for one in met]
    assert {one.near for one in ranked} == {True, False}


def test_of_related_contents_those_that_come_near_are_named(tmp_path: Path) -> None:
    place, asked = Indexed.new(tmp_path), ["쿠폰4 쿠폰14 신청은 어떻게 하나요?"]
    place.build([content(4).model_copy(update={"related_ids": ["c3", "c14", "c8", "absent"]}), *contents(60, first=5)])
    met = {one.content.faq_id: one.parts["title"] for one in place.search().find(asked, limit=61).ranked}
    suggest_from(place, (met["c14"] + met["c8"]) / 2)
    first = place.search().find(asked, limit=1).ranked[0]
    assert (first.content.faq_id, first.related) == ("c4", ["c14"])


def test_related_contents_that_no_leg_ranks_high_are_compared_too(tmp_path: Path) -> None:
    place = Indexed.new(tmp_path)
    place.build([content(4).model_copy(update={"related_ids": ["c199"]}), *contents(250, first=5)])
    asked = ["쿠폰4 신청은 어떻게 하나요?"]
    suggest_from(place, -1.0)
    found = place.search().find(asked, limit=250).ranked
    assert "c199" not in {one.content.faq_id for one in found}
    assert found[0].related == ["c199"]


@pytest.mark.parametrize("question", ["쿠팡 쿠폰4 신청은 어떻게 하나요?", "쿠폰4 하고 싶어요"])
def test_the_decision_is_the_same_however_many_contents_are_wanted(tmp_path: Path, question: str) -> None:
    speaks = content(14).model_copy(update={"content": "쿠팡과 쿠폰4 " * 20})
    place = Indexed.new(tmp_path)
    place.build([*contents(COUNT), speaks])
    [few, some, many] = [place.search().find([question], limit=limit) for limit in (1, READ, 13)]
    assert few.decision == some.decision == many.decision
    assert [one.content.faq_id for one in few.ranked] == [one.content.faq_id for one in many.ranked[:1]]
    assert [len(one.ranked) for one in (few, some, many)] == [1, 8, 13]


@pytest.mark.parametrize(
    ("typed", "decision"),
    [("znvhs4 tlscjddms djEjgrp gkskdy?", "answer"), ("znvkd znvhs4 tlscjddms djEjgrp gkskdy?", "clarify")],
)
def test_another_company_typed_on_the_english_layout_is_another_company(
    built: Indexed, typed: str, decision: str
) -> None:
    assert built.search().find([typed], limit=3).decision == decision


def test_the_meaning_that_was_taken_is_told_as_it_was_asked(built: Indexed) -> None:
    long = subjects_of(content(3))[0] + " 자세히 알려 주세요" * 60
    assert built.search().find([long], limit=1).asked == long


def test_of_two_meanings_the_likelier_is_taken_unless_the_other_meets_a_title_far_better(built: Indexed) -> None:
    literal, near = subjects_of(content(7))[0], subjects_of(content(3))[0]
    assert built.search().find([near, literal], limit=1).asked == near
    found = built.search().find(["오늘 날씨 어때", subjects_of(content(7))[0]], limit=1)
    assert (found.asked, found.ranked[0].content.faq_id) == (subjects_of(content(7))[0], "c7")


def test_a_meaning_that_leads_back_is_taken_only_of_a_question_that_is_on_topic(built: Indexed) -> None:
    literal, search = subjects_of(content(7))[0], built.search()
    assert search.find(["신청 메뉴", literal], limit=1).asked == literal
    assert search.find(["신청 메뉴", literal], limit=1, before="c3").asked == literal
    assert search.find(["신청 메뉴", literal], limit=1, before="c7").asked == "신청 메뉴"
    assert search.find(["메뉴에서 신청하나요", literal], limit=1, before="c7").asked == literal


def test_the_question_is_normalized_and_each_text_is_embedded_once(built: Indexed) -> None:
    place = replace(built, embedder=FakeEmbedder(), encoder=FakeSentenceEncoder())
    place.search().find([" 정산\xa0은\u200b ", "정산 은"], limit=1)
    assert place.embedder.queries == ["정산 은"]


def test_what_was_typed_without_spaces_is_searched_with_them_too(built: Indexed, place: Indexed) -> None:
    for one in (built, replace(place, artefacts=DirectoryArtefacts(place.folder / "none"))):
        asking = replace(one, embedder=FakeEmbedder(), encoder=FakeSentenceEncoder())
        asking.search().find(["신청은어떻게하나요"], limit=1)
        spaced = ["신청은 어떻게 하나요"] if one is built else []
        assert asking.embedder.queries == ["신청은어떻게하나요", *spaced]


def test_what_is_left_out_makes_room_for_the_next(built: Indexed) -> None:
    search, question = built.search(), "쿠폰4 신청은 어떻게 하나요?"
    first, second, third = ids(search, question)
    assert ids(search, question, 2, frozenset({first})) == [second, third]
    everything = frozenset(f"c{n}" for n in range(COUNT))
    found = search.find([question], limit=3, leave_out=everything)
    assert (found.ranked, found.decision) == ([], "refuse")


def test_what_was_removed_makes_room_for_the_next_and_decides_nothing(place: Indexed) -> None:
    search, question = place.search(), "쿠폰4 신청은 어떻게 하나요?"
    expected = search.find([question], limit=2, leave_out={"c4"})
    place.store.delete("contents", SOURCE, "c4")
    found = search.find([question], limit=2)
    assert [one.content.faq_id for one in found.ranked] == [one.content.faq_id for one in expected.ranked]
    assert (found.decision, found.confidence) == (expected.decision, expected.confidence)


def test_where_all_contents_were_removed_the_bot_refuses(place: Indexed) -> None:
    for n in range(COUNT):
        place.store.delete("contents", SOURCE, f"c{n}")
    found = place.search().find(["쿠폰4 신청은 어떻게 하나요?"], limit=3)
    assert (found.ranked, found.decision) == ([], "refuse")


def test_a_title_that_an_edit_took_away_is_not_shown(place: Indexed) -> None:
    edited = content(0).model_copy(update={"similar_titles": [], "tags": []})
    place.store.put("contents", {"pk": SOURCE, "sk": "c0", **edited.model_dump(mode="json")})
    found = place.search().find([content(0).similar_titles[0]], limit=1)
    assert (found.ranked[0].content.faq_id, found.ranked[0].matched_subject) == ("c0", edited.title)


def test_contents_are_read_in_the_order_asked_as_far_as_they_exist(built: Indexed) -> None:
    assert [one.faq_id for one in built.search().contents(["c3", "none", "c1"])] == ["c3", "c1"]


def test_an_index_of_one_content_is_searched(tmp_path: Path) -> None:
    place = Indexed.new(tmp_path)
    place.build(contents(1))
    assert ids(place.search(), "반품0 하고 싶어요") == ["c0"]


def test_a_missing_artefact_is_told_once_and_vectors_answer(place: Indexed, caplog: pytest.LogCaptureFixture) -> None:
    shutil.rmtree(place.folder / "artefacts")
    search = place.search()
    for _ in range(3):
        found = search.find(["쿠폰4 하고 싶어요"], limit=3)
        assert (found.ranked[0].content.faq_id, found.degraded) == ("c4", ("artefact_missing",))
        assert found.ranked[0].parts.keys() == {"title", "content"}
    told = [record.getMessage() for record in caplog.records if record.name == "shared.retrieval.view"]
    assert len(told) == 1
    assert "source 'shop': searching by vectors alone, for artefact_missing" in told[0]


def test_a_missing_calibration_is_told_once_and_the_bot_asks_back(
    place: Indexed, caplog: pytest.LogCaptureFixture
) -> None:
    calibrations.forget(place.store, "default", SOURCE, manifest_of(place).version)
    search = place.search()
    for question in ("쿠폰4 하고 싶어", "오늘 날씨", "쿠폰"):
        found = search.find([question], limit=3)
        assert (found.decision, found.degraded) == ("clarify", ("calibration_missing",))
    told = [record.getMessage() for record in caplog.records if record.name == "shared.retrieval.view"]
    assert told == ["source 'shop': asking back always: no calibration, run scripts/vectorize.py"]
    assert search.find(["쿠폰4 하고 싶어요"], limit=1).decision == "answer"  # literally a title


@pytest.mark.parametrize("damage", ["a bit", "another version", "another width"])
def test_a_damaged_artefact_is_told_once_and_vectors_alone_are_searched(
    place: Indexed, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = place.artefacts.fetch(SOURCE, manifest_of(place).version)
    if damage == "a bit":
        [path] = (folder / "content_ngrams").glob("indices*.npy")
        spoilt = bytearray(path.read_bytes())
        spoilt[-1] ^= 0x40  # a document far beyond the last
        path.write_bytes(spoilt)
    else:
        about = json.loads((folder / "about.json").read_text())
        about.pop("files")
        if damage == "another version":
            about["version"] = "01OTHER"
        else:
            for name in ("titles", "passages"):
                np.save(folder / f"{name}.npy", np.load(folder / f"{name}.npy")[:, :-1])
        (folder / "about.json").write_text(json.dumps(about))
    search = place.search()
    for _ in range(3):
        found = search.find(["쿠폰4 하고 싶어요"], limit=3)
        assert (found.ranked[0].content.faq_id, found.degraded) == ("c4", ("artefact_missing",))
    [told] = [record.getMessage() for record in caplog.records if record.name == "shared.retrieval.view"]
    assert "searching by vectors alone" in told


@pytest.mark.parametrize("field", ["scales", "fits"])
def test_a_damaged_calibration_is_told_once_and_the_bot_asks_back(
    place: Indexed, field: str, caplog: pytest.LogCaptureFixture
) -> None:
    key = f"{SOURCE}#{manifest_of(place).version}"
    item = place.store.get("calibrations", "default", key)
    assert item
    place.store.put("calibrations", {**item, field: {}})
    search = place.search()
    for asked in ("쿠폰4 하고 싶어", "오늘 날씨", "쿠폰"):
        found = search.find([asked], limit=3)
        assert (found.decision, found.degraded) == ("clarify", ("calibration_missing",))
    assert search.scales == E5_SCALES
    [told] = [record.getMessage() for record in caplog.records if record.name == "shared.retrieval.view"]
    assert "asking back always: the calibration of bot 'default' is damaged" in told


def test_a_calibration_that_is_no_json_is_told_and_the_bot_asks_back(place: Indexed) -> None:
    with closing(sqlite3.connect(place.folder / "store.sqlite3")) as database, database:
        assert database.execute("UPDATE calibrations SET body = '{'").rowcount
    assert place.search().find(["쿠폰"], limit=1).degraded == ("calibration_missing",)


def test_a_bot_whose_own_calibration_is_damaged_decides_as_the_default_one(
    place: Indexed, caplog: pytest.LogCaptureFixture
) -> None:
    other = replace(place, profile=replace(place.profile, bot_id="other"))
    place.store.put("calibrations", {"pk": "other", "sk": f"{SOURCE}#{manifest_of(place).version}", "scales": {}})
    search = other.search()
    assert search.find(["쿠폰"], limit=1).degraded == ()
    assert search.scales == place.search().scales
    assert "deciding as the default bot does: the calibration of bot 'other' is damaged" in caplog.text


def manifest_of(place: Indexed) -> Manifest:
    return Manifest.model_validate(place.store.get("indexes", SOURCE, "current"))


def test_a_bot_without_a_calibration_of_its_own_takes_the_default_ones(built: Indexed) -> None:
    other = replace(built, profile=replace(built.profile, bot_id="other"))
    assert other.search().find(["쿠폰"], limit=1).degraded == ()
    assert other.search().scales == built.search().scales


def test_an_artefact_of_another_sentence_encoder_gives_no_second_opinion(
    built: Indexed, caplog: pytest.LogCaptureFixture
) -> None:
    found = replace(built, encoder=FakeSentenceEncoder("other/1")).search().find(["쿠폰4 하고 싶어요"], limit=1)
    assert found.ranked[0].content.faq_id == "c4"
    assert not {"sentence", "sentence_title"} & found.ranked[0].parts.keys()
    assert "no second opinion" in caplog.text


def test_an_embedding_engine_that_is_away_is_told(built: Indexed) -> None:
    with pytest.raises(EmbeddingUnavailable):
        replace(built, embedder=FakeEmbedder(fail_after=0)).search().find(["질문"], limit=1)


def test_an_index_of_another_embedding_engine_is_refused_before_anything_is_embedded(built: Indexed) -> None:
    place = replace(built, embedder=FakeEmbedder("other/1"))
    with pytest.raises(IndexUnavailable) as refused:
        place.search().find(["질문"], limit=1)
    assert "was made with fake/1 (64 dimensions), but EMBEDDING_MODEL gives other/1 (64)" in refused.value.reason
    assert place.embedder.calls == 0
