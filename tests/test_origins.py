"""Origins that an operator lists: written as browsers send them, or told in Korean why not."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.bot import Bot
from shared.origins import canonical_origin


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://shop.example", "https://shop.example"),
        ("HTTPS://Shop.Example", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("https://shop.example:8443", "https://shop.example:8443"),
        ("https://xn--bj0bj06e.example", "https://xn--bj0bj06e.example"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
    ],
)
def test_an_origin_is_kept_as_browsers_send_it(written: str, sent: str) -> None:
    assert canonical_origin(written) == sent


@pytest.mark.parametrize(
    "written",
    [
        "",
        "*",
        "null",
        "shop.example",
        "//shop.example",
        "https://",
        "https://*.shop.example",
        "https://shop.example/",
        "https://shop.example/cart",
        "https://shop.example?a",
        "https://shop.example#a",
        "https://user@shop.example",
        "https://shop.example:",
        "https://shop.example:0",
        "https://shop.example:99999",
        "https://shop.example:4a",
        "https://shop.example.",
        "https://.shop.example",
        "https://-shop.example",
        "https://꽃집.example",
        "https://ſhop.example",
        "https://shop.example;script-src *",
        "https://shop.example https://other.example",
        "https://shop.example\n",
        "https://[::1]:3000",
        "http://shop.example",
        "http://localhost.example",
        "http://127.0.0.1.example",
        "ftp://shop.example",
        "file://",
    ],
)
def test_anything_else_is_refused_in_korean(written: str) -> None:
    with pytest.raises(ValueError, match=r"[가-힣]"):
        canonical_origin(written)


@given(st.text(alphabet="htps:/.-0123456789localexmA;* '\"\r\n가"))
def test_what_passes_can_stand_in_a_header_and_passes_again(text: str) -> None:
    try:
        origin = canonical_origin(f"https://{text}")
    except ValueError:
        return
    assert re.fullmatch(r"https://[a-z0-9.-]+(:\d+)?", origin)
    assert canonical_origin(origin) == origin


def test_a_bot_lists_none_by_itself_and_says_which_one_is_wrong() -> None:
    assert Bot().allowed_origins == []
    with pytest.raises(ValidationError) as caught:
        Bot.model_validate({"allowed_origins": ["https://shop.example", "http://shop.example"]})
    (problem,) = caught.value.errors()
    assert problem["loc"] == ("allowed_origins", 1)
    assert "https 주소를 적어 주세요" in problem["msg"]
