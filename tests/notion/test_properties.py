"""Properties of Notion's pages, and addresses of what is read."""

from typing import Any

import pytest

from shared.errors import InvalidInput
from shared.notion.properties import PropertyNames, fields_of_page, title_of
from shared.notion.target import Kind, target_of
from tests.fakes.notion_server import Json, date_property, multi_select, rich, select, text_property

ID = "01234567-89ab-cdef-0123-456789abcdef"
HEX = ID.replace("-", "")
VIEW = "ffffffffffffffffffffffffffffffff"


def fields(
    properties: dict[str, Json] | None = None, names: PropertyNames | None = None, public_url: str | None = None
) -> Json:
    return fields_of_page((names or PropertyNames()).of(properties or {}), "답", public_url)


@pytest.mark.parametrize("name", ["카테고리", "분류", "Category", "카테 고리"])
def test_a_category_is_found_by_its_usual_names(name: str) -> None:
    assert fields({name: select("배송")})["category"] == "배송"


def test_what_a_page_does_not_have_is_not_told_and_what_is_empty_is() -> None:
    assert fields() == {"content": "답"}
    told = fields({"카테고리": select(None), "태그": multi_select(), "종료일": date_property(None)})
    assert told == {"content": "답", "category": None, "tags": [], "expires_on": None}


def test_a_name_of_ones_own_is_the_only_one_that_counts() -> None:
    names = PropertyNames(category="Group")
    assert fields({"Group": select("가"), "카테고리": select("나")}, names)["category"] == "가"
    assert "category" not in fields({"카테고리": select("나")}, names)


def test_tags_are_parted_by_commas_and_similar_titles_by_lines_alone() -> None:
    told = fields({"태그": text_property("환불, 교환"), "유사 질문": text_property("반품, 되나요?\n돌려받기")})
    assert (told["tags"], told["similar_titles"]) == (["환불", "교환"], ["반품, 되나요?", "돌려받기"])


def test_a_page_of_some_services_answers_for_these_alone() -> None:
    told = fields({"서비스 유형": multi_select("배달", "포장")})
    assert told["service_answers"] == {"배달": "답", "포장": "답"}
    assert told["content"] == "**배달**\n\n답\n\n**포장**\n\n답"
    assert fields({"서비스 유형": multi_select()}) == {"content": "답", "service_answers": {}}


def test_days_are_seouls() -> None:
    told = fields({"시작일": date_property("2026-11-21T20:00:00.000Z"), "종료일": date_property("2026-12-01")})
    assert (told["effective_on"], told["expires_on"]) == ("2026-11-22", "2026-12-01")


def test_a_period_has_both_days_or_only_a_first_one() -> None:
    told = fields({"기간": date_property("2026-11-22", "2026-12-01")})
    assert (told["effective_on"], told["expires_on"]) == ("2026-11-22", "2026-12-01")
    assert fields({"기간": date_property("2026-11-22")})["expires_on"] is None


@pytest.mark.parametrize(
    ("prop", "said"),
    [
        ({"type": "status", "status": {"name": "배송"}}, "배송"),
        ({"type": "formula", "formula": {"type": "string", "string": "배송"}}, "배송"),
        ({"type": "rollup", "rollup": {"type": "array", "array": [select("배송")]}}, "배송"),
        ({"type": "rich_text", "rich_text": [rich("배송")]}, "배송"),
        ({"type": "people", "people": [{"name": "민지"}]}, None),
        ({"type": "formula", "formula": {"type": "unsupported", "unsupported": {}}}, None),
    ],
)
def test_a_category_may_stand_in_several_kinds_of_properties(prop: Json, said: str | None) -> None:
    assert fields({"카테고리": prop})["category"] == said


def test_a_published_page_leads_to_itself_where_no_property_is_a_link() -> None:
    assert fields(public_url="https://gaon.notion.site/a")["url"] == "https://gaon.notion.site/a"
    told = fields({"링크": {"type": "url", "url": None}}, public_url="https://gaon.notion.site/a")
    assert told["url"] is None


@pytest.mark.parametrize("page", [{}, {"properties": None}, {"properties": {"이름": {"type": "title", "title": []}}}])
def test_a_page_may_have_no_title(page: Any) -> None:
    assert title_of(page) == ""


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("page", HEX),
        ("page", ID.upper()),
        ("database", f"https://www.notion.so/gaon/{HEX}?v={VIEW}"),
        ("page", f"https://www.notion.so/gaon/FAQ-{HEX}?pvs=4"),
        ("page", f"https://app.notion.com/p/{HEX}"),
        ("page", f"https://www.notion.so/gaon/{VIEW}?v={VIEW}&p={HEX}&pm=s"),
        ("page", f"https://gaon.notion.site/{ID}"),
    ],
)
def test_an_address_names_what_is_read(kind: Kind, address: str) -> None:
    assert target_of(kind, address).id == ID


@pytest.mark.parametrize(
    "address",
    [
        "",
        "도움말",
        "https://www.notion.so/gaon",
        f"https://evil.example/{HEX}",
        f"https://notion.so.evil.example/{HEX}",
        "https://[/",
    ],
)
def test_what_is_no_address_of_notions_is_refused(address: str) -> None:
    with pytest.raises(InvalidInput):
        target_of("page", address)
