"""Building an index: incremental, in batches, version by version."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shared.errors import IndexUnavailable
from shared.indexing.build import rows_of, stored_contents
from shared.llm.base import Vectors
from shared.models import Content
from shared.retrieval import chroma, search
from shared.retrieval import manifest as manifests
from shared.retrieval.openings import opening_of
from tests.chroma_server import chroma as chroma_server
from tests.fakes.embedder import FakeEmbedder
from tests.indexing.corpora import SOURCE, TEXTS_EACH, Place, Quiet, asked_of, content, contents
from tests.servers import ServerUnavailable


def test_a_built_source_is_found_by_each_title_and_by_its_text(place: Place) -> None:
    result = place.build(contents(20))
    made = result.manifest
    assert (made.contents, made.titles, made.chunks) == (20, 60, 40)
    assert (result.embedded, result.known, result.written, result.removed) == (20 * TEXTS_EACH, 0, 20, 0)
    assert manifests.current(place.store, SOURCE) == made
    for question in ("[쿠폰] 쿠폰4 신청은 어떻게 하나요?", "쿠폰4 신청은 어떻게 하나요?", "쿠폰4 하고 싶어요"):
        assert place.found(question)[0] == "c4"
    assert place.find("쿠폰4 하고 싶어요").decision == "answer"
    assert place.find("양자역학 QED").decision == "refuse"


def test_unchanged_contents_cost_no_embedding_call_and_no_write(place: Place) -> None:
    made = place.build(contents(5)).manifest
    embedder = FakeEmbedder()
    result = place.build(contents(5), embedder)
    assert embedder.calls == 0
    assert result.manifest == made
    assert (result.embedded, result.known, result.written, result.removed) == (0, 5 * TEXTS_EACH, 0, 0)


def test_an_edited_text_costs_its_own_passages_only(place: Place) -> None:
    before = place.build(contents(5)).manifest
    dates = {one.faq_id: one.updated_at for one in stored_contents(place.store, SOURCE)}
    edited = [
        one.model_copy(update={"content": "새 안내입니다."}) if one.faq_id == "c2" else one for one in contents(5)
    ]
    embedder = FakeEmbedder()
    result = place.build(edited, embedder)
    assert embedder.passages == ["새 안내입니다.", opening_of(edited[2])]
    assert embedder.queries == []
    assert result.manifest.version > before.version
    assert result.written == 1
    now = {one.faq_id: one.updated_at for one in stored_contents(place.store, SOURCE)}
    assert {faq_id for faq_id in dates if dates[faq_id] != now[faq_id]} == {"c2"}


def test_an_added_title_costs_itself_only_and_is_found(place: Place) -> None:
    place.build(contents(5))
    more = contents(5)
    more[3].similar_titles.append("돈은 언제 들어와요")
    embedder = FakeEmbedder()
    place.build(more, embedder)
    assert (embedder.queries, embedder.passages) == (["돈은 언제 들어와요"], [])
    assert place.found("돈은 언제 들어와요")[0] == "c3"


def test_a_renamed_content_keeps_its_id_and_costs_its_titles(place: Place) -> None:
    place.build(contents(3))
    renamed = contents(3)
    renamed[1] = renamed[1].model_copy(update={"title": "물건을 바꾸고 싶을 때"})
    embedder = FakeEmbedder()
    result = place.build(renamed, embedder)
    asked = [question for question in asked_of(renamed) if question not in asked_of(contents(3))]
    assert embedder.queries == ["물건을 바꾸고 싶을 때", "[교환] 물건을 바꾸고 싶을 때", *asked]
    assert (embedder.passages, result.written, result.removed) == ([opening_of(renamed[1])], 1, 0)
    assert place.found("물건을 바꾸고 싶을 때")[0] == "c1"


def test_a_removed_content_disappears(place: Place) -> None:
    place.build(contents(6))
    embedder = FakeEmbedder()
    result = place.build(contents(5), embedder)
    assert (result.removed, result.written, embedder.queries) == (1, 0, [])
    assert "c5" not in place.found("가입5 신청은 어떻게 하나요?", limit=10)
    assert place.store.get("contents", SOURCE, "c5") is None


def test_a_version_knows_whether_a_content_has_no_category(place: Place) -> None:
    bare = place.build(contents(3)).manifest
    assert (bare.categories, bare.uncategorized) == ([], True)
    manifests.switch(place.store, bare.model_copy(update={"uncategorized": False}))  # as one that was built before
    assert place.build(contents(3)).manifest == bare


def test_a_changed_category_is_stored_and_costs_nothing_of_the_contents(place: Place) -> None:
    place.build(contents(3))
    categorized = [one.model_copy(update={"category": "기타"}) for one in contents(3)]
    embedder = FakeEmbedder()
    result = place.build(categorized, embedder)
    assert (result.written, result.manifest.categories, result.manifest.uncategorized) == (3, ["기타"], False)
    assert embedder.passages == []


def test_an_emptied_chroma_is_filled_again(place: Place) -> None:
    made = place.build(contents(3)).manifest
    chroma.drop(place.client, SOURCE, made.version)
    assert place.build(contents(3)).embedded == 3 * TEXTS_EACH
    assert place.found("배송2 하고 싶어요")[0] == "c2"


def test_a_text_of_many_passages_is_one_hit(place: Place) -> None:
    long = content(0).model_copy(
        update={"content": "\n".join(f"{n}번째 단계에서 확인을 누릅니다." for n in range(300))}
    )
    result = place.build([long, *contents(3, first=1)])
    assert result.manifest.chunks > 20
    ranked = place.find("150번째 단계에서 확인을 누릅니다.", limit=10).ranked
    assert sorted(one.content.faq_id for one in ranked) == ["c0", "c1", "c2", "c3"]
    assert next(one for one in ranked if one.content.faq_id == "c0").content.content == long.content


def test_a_chroma_server_does_as_well(place: Place) -> None:
    try:
        with chroma_server() as port:
            place.client = chroma.server_client("127.0.0.1", port, ssl=False, token=None, timeout_seconds=20)
            made = [place.build(contents(20 + n)).manifest for n in range(3)]
            embedder = FakeEmbedder()
            place.build(contents(22), embedder)
            assert embedder.calls == 0
            assert place.found("교환21 하고 싶어요")[0] == "c21"
            assert place.collections() == {made[1].version, made[2].version}
    except ServerUnavailable as reason:
        pytest.skip(str(reason))


# Embedding in batches


def test_batches_hold_one_kind_and_no_more_than_the_engine_wants(place: Place) -> None:
    sizes: list[tuple[str, int]] = []

    class Watching(FakeEmbedder):
        def embed_queries(self, texts: Any) -> Vectors:
            sizes.append(("query", len(texts)))
            return super().embed_queries(texts)

        def embed_passages(self, texts: Any) -> Vectors:
            sizes.append(("passage", len(texts)))
            return super().embed_passages(texts)

    place.build(contents(20), Watching(batch_size=25))
    assert sizes.pop() == ("query", len(asked_of(contents(20))))  # calibration's
    assert sizes.pop() == ("passage", 20)  # the openings
    assert sorted(sizes) == [
        ("passage", 15),
        ("passage", 25),
        ("query", 10),
        ("query", 25),
        ("query", 25),
    ]


def test_batches_run_at_once_where_the_engine_allows_and_land_where_they_belong(tmp_path: Path) -> None:
    barrier = threading.Barrier(3)

    class Meeting(FakeEmbedder):
        def embed_passages(self, texts: Any) -> Vectors:
            if len(texts) == 2:  # not the openings, which come after
                barrier.wait(20)  # breaks unless three calls are under way
            return super().embed_passages(texts)

    wanted = contents(3)
    one_by_one, at_once = Place.open(tmp_path / "a"), Place.open(tmp_path / "b")
    first = one_by_one.build(wanted).manifest
    second = at_once.build(wanted, Meeting(batch_size=2, concurrency=6)).manifest
    vectors = [
        dict(chroma.stored_vectors(at.client, SOURCE, made.version))
        for at, made in ((one_by_one, first), (at_once, second))
    ]
    assert vectors[0].keys() == vectors[1].keys()
    assert all(np.allclose(vectors[0][sha], vectors[1][sha], atol=1e-6) for sha in vectors[0])


def test_progress_is_told_in_texts(place: Place) -> None:
    progress = Quiet()
    place.build(contents(4), progress=progress)
    assert (progress.total, progress.known, sum(progress.done)) == (20, 0, 20)
    place.build(contents(5), progress=(again := Quiet()))
    assert (again.total, again.known, sum(again.done)) == (5, 20, 5)


# Versions


def test_old_versions_are_swept_and_the_previous_one_stays(place: Place) -> None:
    made = [place.build(contents(3, marker)).manifest for marker in ("가", "나", "다", "라")]
    assert place.collections() == {made[2].version, made[3].version}
    assert [one.version for one in manifests.versions(place.store, SOURCE)] == [made[2].version, made[3].version]
    reader = chroma.ChromaReader(place.client, SOURCE, made[2].version)
    vectors = FakeEmbedder().embed_queries(["다반품0 하고 싶어요"])
    assert reader.best(vectors, limit=5)["title"].keys() == {"c0", "c1", "c2"}


def test_going_back_to_the_previous_contents_embeds_nothing_of_them(place: Place) -> None:
    place.build(contents(3, "가"))
    place.build(contents(3, "나"))
    embedder = FakeEmbedder()
    place.build(contents(3, "가"), embedder)
    asked = [question for question in asked_of(contents(3, "가")) if question not in asked_of(contents(3, "나"))]
    assert (embedder.queries, embedder.passages) == (asked, [])


@pytest.mark.parametrize("other", [{"name": "fake/2"}, {"dimensions": 32}, {"name": "fake/2", "dimensions": 32}])
def test_another_engine_or_dimension_is_refused_until_the_index_is_made_anew(
    place: Place, other: dict[str, Any]
) -> None:
    place.build(contents(3))
    embedder = FakeEmbedder(**other)
    with pytest.raises(IndexUnavailable) as refused:
        place.search(embedder).find(["반품"], limit=1)
    assert embedder.calls == 0
    assert "made with fake/1 (64 dimensions)" in refused.value.reason
    assert "run scripts/vectorize.py <corpus>" in refused.value.reason
    assert "\n" not in refused.value.reason

    assert place.build(contents(3), embedder).embedded == 3 * TEXTS_EACH
    assert place.search(embedder).find(["배송2 하고 싶어요"], limit=1).ranked[0].content.faq_id == "c2"


# Rows


def test_rows_are_the_titles_and_the_passages_of_every_answer() -> None:
    one = Content(
        faq_id="a",
        source_id=SOURCE,
        title="취소는 어떻게 하나요?",
        tags=["주문"],
        similar_titles=["취소 방법", "취소는 어떻게 하나요?"],
        content="가" * 500,
        service_answers={"배달": "가" * 500, "포장": "매장에 전화합니다."},
    )
    rows = rows_of(one)
    assert [row.text for row in rows if row.kind == "title"] == [
        "[주문] 취소는 어떻게 하나요?",
        "취소는 어떻게 하나요?",
        "취소 방법",
    ]
    assert [len(row.text) for row in rows if row.kind == "content"] == [400, 180, 10]
    assert {row.row_id for row in rows} == {f"a#{n}#3#3" for n in range(3)}
    assert search.subjects_of(one) == [row.text for row in rows if row.kind == "title"]
