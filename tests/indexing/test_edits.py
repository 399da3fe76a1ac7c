"""Edits are found at once, without a build, as if a build had taken them in."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from shared.errors import IndexUnavailable
from shared.indexing import edits
from shared.indexing.build import rows_of, stored_contents
from shared.indexing.edits import TooManyEdits, Workshop, propose, publish_edits
from shared.indexing.fingerprint import made_of
from shared.models import Content
from shared.retrieval import chroma
from shared.retrieval import manifest as manifests
from shared.retrieval.artefacts import ArtefactMissing, DirectoryArtefacts
from shared.retrieval.base import PARTS
from shared.retrieval.search import SourceSearch
from shared.storage.keys import SEOUL
from tests.indexing.corpora import SOURCE, content, contents
from tests.retrieval.indexes import Indexed

NEW = Content(
    faq_id="new",
    source_id=SOURCE,
    title="드론 택배는 언제 시작하나요?",
    similar_titles=["하늘로 오는 배달이 되나요"],
    content="드론 택배는 섬 지역부터 시작합니다.",
    category="배송",
)


@pytest.fixture
def place(tmp_path: Path) -> Indexed:
    made = Indexed.new(tmp_path)
    made.build(contents(6))
    return made


def workshop(place: Indexed) -> Workshop:
    return Workshop(place.store, place.client, place.embedder, place.encoder, place.artefacts)


def publish(place: Indexed, changed: Sequence[Content] = (), removed: Collection[str] = ()) -> manifests.Manifest:
    return publish_edits(changed, removed, SOURCE, workshop(place))


def first(search: SourceSearch, question: str) -> str:
    return search.find([question], limit=3).ranked[0].content.faq_id


def test_a_new_content_is_found_by_its_title_its_similar_title_and_its_text(place: Indexed) -> None:
    publish(place, [NEW])
    for question in (NEW.title, NEW.similar_titles[0], "섬 지역부터 시작합니다"):
        assert first(place.search(), question) == "new"
    assert place.search().find([NEW.title], limit=1).decision == "answer"


def test_a_search_that_was_open_finds_it_within_two_seconds(place: Indexed, monkeypatch: pytest.MonkeyPatch) -> None:
    search = place.search()
    assert first(search, NEW.title) != "new"
    publish(place, [NEW])
    monkeypatch.setattr("shared.retrieval.search.POINTER_SECONDS", 0.0)
    search._memo = None  # as two seconds later
    assert first(search, NEW.title) == "new"


def test_an_edited_content_is_found_by_its_new_title_alone_and_answers_with_its_new_text(place: Indexed) -> None:
    old = content(3)
    edited = old.model_copy(
        update={"title": "명함 주문은 어디서 하나요?", "similar_titles": [], "content": "상점에서요."}
    )
    publish(place, [edited])
    found = place.search().find([edited.title], limit=1).ranked[0]
    assert (found.content.faq_id, found.content.content, found.matched_subject) == ("c3", "상점에서요.", edited.title)
    again = place.search().find([old.similar_titles[0]], limit=3).ranked
    assert all(one.matched_subject != old.similar_titles[0] for one in again)
    assert [one.content.faq_id for one in again].count("c3") <= 1


def test_a_similar_title_makes_a_question_answered(place: Indexed) -> None:
    question = "새벽에 문 앞까지 가져다 주나요"
    asked = place.search().find([question], limit=1)
    publish(place, [content(2).model_copy(update={"similar_titles": [question]})])
    now = place.search().find([question], limit=1)
    assert asked.decision != "answer"
    assert (now.decision, now.ranked[0].content.faq_id, now.ranked[0].matched_subject) == ("answer", "c2", question)


def test_a_removed_content_is_gone_from_the_store_and_from_what_is_found(place: Indexed) -> None:
    publish(place, removed=["c3"])
    assert place.store.get("contents", SOURCE, "c3") is None
    assert "c3" not in {one.content.faq_id for one in place.search().find([content(3).title], limit=6).ranked}


def test_an_edit_that_is_removed_again_is_gone_too(place: Indexed) -> None:
    publish(place, [NEW])
    publish(place, removed=["new"])
    assert first(place.search(), NEW.title) != "new"
    assert served(place).edits is None


def test_later_edits_stand_beside_earlier_ones(place: Indexed) -> None:
    publish(place, [NEW])
    other = NEW.model_copy(update={"faq_id": "newer", "title": "로봇 점원은 어디에 있나요?", "similar_titles": []})
    publish(place, [other])
    assert (first(place.search(), NEW.title), first(place.search(), other.title)) == ("new", "newer")


def test_an_edit_scores_as_it_does_after_a_build(place: Indexed) -> None:
    publish(place, [NEW])
    question = "드론으로 배달되나요"
    edited = place.search().find([question], limit=1).ranked[0]
    place.build([*contents(6), NEW])
    built = place.search().find([question], limit=1).ranked[0]
    assert built.content.faq_id == edited.content.faq_id == "new"
    for part in PARTS[:4]:
        assert edited.parts[part] == pytest.approx(built.parts[part], abs=1e-3)
    for part in PARTS[4:]:  # how rare its n-grams are is known of the version alone
        assert edited.parts[part] == pytest.approx(built.parts[part], rel=0.35)


def test_the_next_build_takes_edits_in_and_embeds_nothing_of_them(place: Indexed) -> None:
    publish(place, [NEW])
    name = served(place).edits
    stored = [Content.model_validate(item) for item in place.store.query("contents", SOURCE).items]
    place.build(stored)
    assert place.built[-1].embedded == 0
    assert (served(place).edits, served(place).former_edits) == (None, None)
    assert first(place.search(), NEW.title) == "new"
    place.build([*stored, content(9)])  # the version that had the edits is swept now
    assert name is not None
    with pytest.raises(ArtefactMissing):
        place.artefacts.fetch(SOURCE, name)


def test_only_what_is_new_of_an_edit_is_embedded(place: Indexed) -> None:
    publish(place, [NEW])
    before = place.embedder.texts
    publish(place, [content(1).model_copy(update={"similar_titles": ["한 번도 없던 말"]})])
    assert place.embedder.texts == before + 1
    assert place.embedder.queries[-1] == "한 번도 없던 말"


def test_the_artefact_before_the_last_is_dropped(place: Indexed) -> None:
    names = [publish(place, [NEW.model_copy(update={"content": f"{n}일에 시작합니다."})]).edits for n in range(3)]
    assert None not in names
    with pytest.raises(ArtefactMissing):
        place.artefacts.fetch(SOURCE, str(names[0]))
    for name in names[1:]:
        assert place.artefacts.fetch(SOURCE, str(name)).is_dir()


def test_the_pointer_counts_contents_and_knows_new_categories(place: Indexed) -> None:
    assert served(place).contents == 6
    publish(place, [NEW, content(1)], removed=["c0", "nobody"])
    assert (served(place).contents, served(place).categories[-1]) == (6, "배송")


def test_the_pointer_knows_when_a_content_has_no_category(place: Indexed) -> None:
    manifests.switch(place.store, served(place).model_copy(update={"uncategorized": False}))
    publish(place, [NEW])
    assert not served(place).uncategorized
    publish(place, [NEW.model_copy(update={"category": None})])
    assert served(place).uncategorized


def test_an_edit_without_a_category_gets_the_one_that_a_build_infers(place: Indexed) -> None:
    place.build([one.model_copy(update={"category": f"분류 {n % 2}"}) for n, one in enumerate(contents(6))])
    bare = content(3).model_copy(update={"category": None, "title": "배송비는 누가 내나요?"})
    new = NEW.model_copy(update={"category": None})
    other = content(2).model_copy(update={"category": "회원", "title": "하늘로 오는 배달은 언제 시작하나요?"})
    publish(place, [bare, new, other], removed=["c5"])
    at_once = {one.faq_id: (one.category, one.category_inferred) for one in stored_contents(place.store, SOURCE)}
    assert at_once["new"][0] and at_once["new"][1] and at_once[bare.faq_id][1]
    assert at_once[other.faq_id] == ("회원", False)
    place.build(list(stored_contents(place.store, SOURCE)))
    assert at_once == {
        one.faq_id: (one.category, one.category_inferred) for one in stored_contents(place.store, SOURCE)
    }


def test_without_the_builds_artefact_categories_are_left_to_the_next_build(place: Indexed) -> None:
    before = served(place)
    place.artefacts.drop(SOURCE, before.version)
    publish(place, [NEW.model_copy(update={"category": None})])
    item = place.store.get("contents", SOURCE, "new")
    assert item is not None and item.get("category") is None


def test_chroma_has_the_vectors_of_the_edit_and_no_more_those_of_before(place: Indexed) -> None:
    publish(place, [content(2).model_copy(update={"similar_titles": [], "content": "짧게."})])
    version = served(place).version
    rows = {
        kind: place.client.get_collection(chroma.collection_name(SOURCE, version, kind), embedding_function=None)
        for kind in ("title", "content")
    }
    ids = [one for kind in rows for one in rows[kind].get(include=[])["ids"] if one.startswith("c2#")]
    assert sorted(ids) == ["c2#0#2#1", "c2#0#2#1", "c2#1#2#1"]


def test_where_the_edits_cannot_be_read_the_search_goes_on_and_says_so(
    place: Indexed, caplog: pytest.LogCaptureFixture
) -> None:
    publish(place, [NEW])
    place.artefacts.drop(SOURCE, str(served(place).edits))
    found = place.search().find([content(1).title], limit=1)
    assert (found.ranked[0].content.faq_id, "edits_missing" in found.degraded) == ("c1", True)
    assert "searching without what was published since: artefact_missing" in caplog.text


def test_a_proposal_is_searched_and_nothing_is_written(place: Indexed) -> None:
    before = served(place), place.store.query("contents", SOURCE).items
    proposal = propose([NEW], ["c0"], SOURCE, workshop(place))
    trial = SourceSearch(SOURCE, place.store, place.search()._engines, place.profile, proposal=proposal)
    assert first(trial, NEW.title) == "new"
    assert "c0" not in {one.content.faq_id for one in trial.find([content(0).title], limit=9).ranked}
    assert (served(place), place.store.query("contents", SOURCE).items) == before
    assert first(place.search(), NEW.title) != "new"


def test_too_many_edits_are_refused_before_anything_is_written(place: Indexed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edits, "MAX_EDITS", 2)
    publish(place, [NEW, content(1)])
    with pytest.raises(TooManyEdits):
        publish(place, [content(2)])
    publish(place, [content(1).model_copy(update={"content": "다시 고침."})])  # one of them again


def test_a_source_without_an_index_has_nothing_to_edit(tmp_path: Path) -> None:
    with pytest.raises(IndexUnavailable):
        publish(Indexed.new(tmp_path), [NEW])


def test_edits_that_cannot_be_kept_leave_what_is_served(place: Indexed) -> None:
    class Full(DirectoryArtefacts):
        def save(self, source_id: str, version: str, folder: Path) -> None:
            raise ArtefactMissing(detail="no room")

    before = served(place)
    place.artefacts, working = Full(place.folder / "artefacts"), place.artefacts
    with pytest.raises(IndexUnavailable):
        publish(place, [NEW])
    place.artefacts = working
    assert served(place) == before
    assert place.store.get("contents", SOURCE, "new") is None


@pytest.mark.parametrize(
    ("days", "answered"),
    [
        ({"effective_on": 0}, True),
        ({"effective_on": 1}, False),
        ({"expires_on": 0}, True),
        ({"expires_on": -1}, False),
    ],
)
def test_a_content_is_answered_from_on_its_days_alone(place: Indexed, days: dict[str, int], answered: bool) -> None:
    today = datetime.now(SEOUL).date()
    dates = {name: today + timedelta(days=count) for name, count in days.items()}
    publish(place, [NEW.model_copy(update=dates)])
    search = place.search()
    assert (first(search, NEW.title) == "new") is answered
    assert bool(search.contents(["new"])) is answered


def test_a_search_among_30_000_vectors_finds_edits_beside_those_that_chroma_picks(
    place: Indexed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.retrieval.candidates.EXACT_ROWS", 10)
    publish(place, [NEW, content(1).model_copy(update={"title": "명함 주문은 어디서 하나요?"})])
    assert first(place.search(), NEW.title) == "new"
    assert first(place.search(), "명함 주문은 어디서 하나요?") == "c1"
    assert first(place.search(), content(4).title) == "c4"


def test_published_edits_carry_the_instant_at_which_they_were(place: Indexed) -> None:
    began = datetime.now(UTC)
    publish(place, [NEW.model_copy(update={"updated_at": datetime(2020, 1, 1, tzinfo=UTC)})])
    stored = Content.model_validate(place.store.get("contents", SOURCE, "new"))
    assert stored.updated_at is not None and stored.updated_at >= began


def test_dates_do_not_make_an_index_of_before_outdated() -> None:
    plain = content(1)
    assert "expires_on" not in made_of(plain)
    assert "expires_on" in made_of(plain.model_copy(update={"expires_on": date(2030, 1, 1)}))


def served(place: Indexed) -> manifests.Manifest:
    found = manifests.current(place.store, SOURCE)
    assert found is not None
    return found


def test_vectors_are_asked_for_by_the_text_that_they_are_of(place: Indexed) -> None:
    rows = rows_of(content(1))
    found = chroma.vectors_of(place.client, SOURCE, served(place).version, [*(row.text_hash for row in rows), "none"])
    assert found.keys() == {row.text_hash for row in rows}
    titles = [row for row in rows if row.kind == "title"]
    vectors = place.embedder.embed_queries([row.text for row in titles])
    for row, vector in zip(titles, vectors, strict=True):
        assert np.allclose(found[row.text_hash], vector, atol=1e-5)
