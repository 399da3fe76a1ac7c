"""Raw rows to clean rows: what web pages leave behind goes, what is wrong is told, the rest goes on."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.indexing.preprocess import MAX_CONTENT_CHARACTERS, MAX_TITLE_CHARACTERS, CleanRow, Report, preprocess
from shared.indexing.readers import Raw

RATING = (
    "\n\n\n위 도움말이 도움이 되었나요?\n\n\n별점1점\n\n별점2점\n\n별점3점\n\n별점4점\n\n별점5점\n\n\n\n"
    "소중한 의견을 남겨주시면 보완하도록 노력하겠습니다.\n\n보내기\n\n\n\n"
)
RELATED = "관련 도움말/키워드\n\n포장 방법이 궁금해요.\n[화분] 분갈이는 언제 하나요?\n\n#화분\n#분갈이 시기\n\n\n\n"
CLOSE = "도움말 닫기"


def clean(*rows: Raw | str) -> tuple[list[CleanRow], Report]:
    report = Report()
    return list(preprocess(enumerate(rows, 1), report)), report


def page(body: str, title: str = "화분은 어떻게 포장하나요?", **more: Any) -> Raw:
    return {"title": title, "content": body, **more}


def test_a_help_page_loses_its_rating_form_and_gives_its_related_titles() -> None:
    body = "화분은\xa0\xa0완충재로\u200b 감쌉니다.\r\n\r\n\r\n\r\n\ufeff흙은 비닐로 덮습니다.\xa0"
    (row,), report = clean(page(body + RATING + RELATED + CLOSE, "★ [화분]\xa0포장\n방법 "))
    assert row.title == "★ [화분] 포장 방법"
    assert row.content == "화분은 완충재로 감쌉니다.\n\n흙은 비닐로 덮습니다."
    assert row.related_titles == ["포장 방법이 궁금해요.", "[화분] 분갈이는 언제 하나요?"]
    assert row.dropped == ["rating form", "close button", "search keyword", "search keyword"]
    assert report.dropped == {"rating form": 1, "close button": 1, "search keyword": 2}
    assert (row.row, report.read, report.bad) == (1, 1, [])


@pytest.mark.parametrize(
    ("tail", "dropped"),
    [
        (RATING + CLOSE, ["rating form", "close button"]),
        (RATING, ["rating form"]),
        ("\n위 도움말이 도움이 되었나요?\n보내기\n" + CLOSE, ["rating form", "close button"]),
        ("", []),
    ],
)
def test_a_page_may_lack_parts_of_the_form(tail: str, dropped: list[str]) -> None:
    (row,), _ = clean(page("물은 주 1회 줍니다." + tail))
    assert (row.content, row.dropped, row.related_titles) == ("물은 주 1회 줍니다.", dropped, [])


def test_text_after_the_form_that_is_no_boilerplate_is_kept() -> None:
    (row,), _ = clean(page("앞글." + RATING + "뒤에 붙은 안내.\n" + RELATED + CLOSE))
    assert row.content == "앞글.\n\n뒤에 붙은 안내."


@pytest.mark.parametrize(
    "text", ["보내기 버튼을 누릅니다.", "별점1점을 받았어요.", "도움말 닫기를 누르면 닫힙니다.", "관련 도움말/키워드"]
)
def test_words_of_the_form_in_a_text_of_their_own_stay(text: str) -> None:
    (row,), _ = clean(page(text))
    assert (row.content, row.dropped) == (text, [])


def test_entities_are_resolved_and_titles_kept_once() -> None:
    (row,), _ = clean(
        page(
            "A &lt; B &amp;amp; C",
            "가격 &gt; 할인&nbsp;설정",
            similar_titles=["할인", " 할인\u200b", "", "세일 &amp; 할인"],
        )
    )
    assert (row.title, row.content) == ("가격 > 할인 설정", "A < B & C")
    assert row.similar_titles == ["할인", "세일 & 할인"]


def test_other_columns_are_cleaned_and_numbers_are_text() -> None:
    (row,), _ = clean(page("안내", id=0, category=" 화분\xa0관리 ", url=" https://a.example/1 ", service_type=None))
    assert (row.id, row.category, row.url, row.service_type) == ("0", "화분 관리", "https://a.example/1", "")


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", " JavaScript:alert(1)", "data:text/html,<script>", "ftp://a.example/1", "//a.example", "1"],
)
def test_a_url_that_is_not_http_is_dropped_and_told(url: str) -> None:
    rows, report = clean(page("하나", url=url), page("둘", url="HTTPS://a.example/2"))
    assert [row.url for row in rows] == ["", "HTTPS://a.example/2"]
    assert rows[0].dropped == ["url that is not http(s)"]
    assert (report.dropped, report.bad) == ({"url that is not http(s)": 1}, [])


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("not JSON: oops", "not JSON: oops"),
        ({"content": "안내"}, "title is missing"),
        ({"title": "제목"}, "content is missing"),
        ({"title": 3, "content": "안내"}, "title is not text"),
        ({"title": "제목", "content": ["안내"]}, "content is not text"),
        ({"title": " \u200b\n", "content": "안내"}, "title is empty"),
        ({"title": "제목", "content": RATING + CLOSE}, "content is empty"),
        ({"title": "가" * (MAX_TITLE_CHARACTERS + 1), "content": "안내"}, "title of 301 characters; at most 300"),
        (
            {"title": "제목", "content": "가" * (MAX_CONTENT_CHARACTERS + 1)},
            "content of 45001 characters; at most 45000",
        ),
        ({"title": "제목", "content": "안내", "id": "a#1"}, "id contains '#' or is longer than 200 characters"),
        ({"title": "제목", "content": "안내", "id": "a" * 201}, "id contains '#' or is longer than 200 characters"),
        ({"title": "제목", "content": "안내", "id": ["a"]}, "id is not text"),
        ({"title": "제목", "content": "안내", "url": {}}, "url is not text"),
        ({"title": "제목", "content": "안내", "similar_titles": "하나"}, "similar_titles is not a list of texts"),
        ({"title": "제목", "content": "안내", "related_titles": [1]}, "related_titles is not a list of texts"),
        ({"title": "제목", "content": "안내", "similar_titles": ["a"] * 201}, "similar_titles has 201; at most 200"),
        (
            {"title": "제목", "content": "안내", "similar_titles": ["a" * 301]},
            "similar_titles has one of 301 characters; at most 300",
        ),
    ],
)
def test_a_bad_row_is_told_with_its_number_and_the_rest_goes_on(row: Raw | str, why: str) -> None:
    rows, report = clean(page("하나"), row, page("둘"))
    assert [one.row for one in rows] == [1, 3]
    assert report.bad == [(2, why)]
    assert report.read == 3


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=()), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)
COLUMNS = st.sampled_from(
    ["id", "title", "content", "similar_titles", "related_titles", "category", "url", "service_type"]
)


@given(st.dictionaries(COLUMNS, JSON, max_size=8))
def test_any_row_is_clean_or_told(row: Raw) -> None:
    rows, report = clean(row)
    assert len(rows) + len(report.bad) == 1
    for one in rows:
        assert CleanRow.model_validate_json(one.model_dump_json()) == one
