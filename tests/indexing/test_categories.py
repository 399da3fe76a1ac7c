"""A category for contents that have none."""

import numpy as np
import pytest

from shared.indexing.build import rows_of
from shared.indexing.categories import infer_categories
from shared.models import Content
from shared.retrieval.base import Vector
from tests.fakes.embedder import FakeEmbedder


def test_a_content_takes_the_category_of_its_neighbours_marked_as_inferred() -> None:
    contents = [
        *(one(f"반품 접수 방법 {n}", "반품") for n in range(4)),
        *(one(f"정산 대금 지급일 {n}", "정산") for n in range(4)),
        one("반품 접수 취소", None),
        one("정산 대금 확인", None),
    ]
    found = inferred(contents)
    assert [content.category for content in found[-2:]] == ["반품", "정산"]
    assert [content.category_inferred for content in found] == [False] * 8 + [True] * 2
    assert found[:8] == contents[:8]
    assert contents[-1].category is None  # what was given is not changed


def test_an_inferred_category_is_inferred_anew_and_never_votes() -> None:
    wrong = one("반품 접수 취소", "정산").model_copy(update={"category_inferred": True})
    found = inferred([one("반품 접수 방법", "반품"), wrong, one("반품 접수 취소 요청", None)])
    assert [content.category for content in found] == ["반품", "반품", "반품"]


@pytest.mark.parametrize("category", [None, "반품"])
def test_without_labels_or_without_need_all_stay_as_they_are(category: str | None) -> None:
    contents = [one("가", category), one("나", category)]
    assert inferred(contents) == contents


def test_five_neighbours_vote_with_their_nearness() -> None:
    """Three far neighbours of one category lose against two that are near; a sixth has no vote."""
    contents = [one(name, category) for name, category in zip("가나다라마바사", "AABBBB?", strict=True)]
    contents[-1] = contents[-1].model_copy(update={"category": None})
    angles = [0.1, 0.1, 1.2, 1.2, 1.2, 1.2, 0.0]
    rows = [row for content in contents for row in rows_of(content)]
    by_id = {content.faq_id: angle for content, angle in zip(contents, angles, strict=True)}
    vectors: Vector = np.array([[np.cos(by_id[row.faq_id]), np.sin(by_id[row.faq_id])] for row in rows], np.float32)
    assert infer_categories(contents, rows, vectors)[-1].category == "A"  # 2 x 0.995 against 3 x 0.362


def test_many_contents_are_done_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.indexing.categories._BLOCK", 3)
    contents = [one("반품 접수", "반품"), one("정산 지급", "정산")]
    contents += [one(f"{'반품 접수' if n % 2 else '정산 지급'} {n}", None) for n in range(10)]
    assert [content.category for content in inferred(contents)][2:] == ["정산", "반품"] * 5


def one(title: str, category: str | None) -> Content:
    return Content(faq_id=title, source_id="shop", title=title, content=f"{title} 안내입니다.", category=category)


def inferred(contents: list[Content]) -> list[Content]:
    rows = [row for content in contents for row in rows_of(content)]
    return infer_categories(contents, rows, FakeEmbedder().embed_queries([row.text for row in rows]))
