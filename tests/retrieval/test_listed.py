"""Texts in Markdown keep the lists in their lists, and are as regular as others otherwise."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.retrieval.listed import normalize_listed
from shared.retrieval.text import normalize
from tests.retrieval.test_text import TEXTS

LINES = st.lists(
    st.tuples(
        st.sampled_from(["", " ", "  ", "   ", "    ", "\t", "      "]), st.sampled_from(["- ", "1. ", "10) ", ""])
    )
    .map("".join)
    .flatmap(lambda start: st.sampled_from(["가", "", "나 다", "- 라"]).map(lambda text: start + text)),
    max_size=12,
).map("\n".join)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("1. 로그인\n   - 카드\n   - 계좌\n2. 확인", "1. 로그인\n   - 카드\n   - 계좌\n2. 확인"),
        ("- 가\n\t- 나\n\t\t- 다", "- 가\n  - 나\n    - 다"),
        ("- 가\n - 나", "- 가\n- 나"),
        ("* 가\r\n    + 나\n\n\n      이어서", "* 가\n  + 나\n\n    이어서"),
        ("- 가\n이어서\n  - 나", "- 가\n이어서\n  - 나"),
        ("- 가\n\n끝\n    - 나", "- 가\n\n끝\n- 나"),
        ("    문단입니다.\n  둘째 줄", "문단입니다.\n둘째 줄"),
        ("  - 처음부터 들여 쓴 것\n  - 둘째", "- 처음부터 들여 쓴 것\n- 둘째"),
        ("-빼기\n  2.5배", "-빼기\n2.5배"),
    ],
)
def test_lists_stay_nested_and_nothing_else_is_indented(text: str, kept: str) -> None:
    assert normalize_listed(text) == kept


@given(st.one_of(TEXTS, LINES))
@example("- 가\n" + "\n".join(f"{'  ' * n}- {n}" for n in range(30)))
def test_it_is_idempotent_and_differs_by_indentation_alone(text: str) -> None:
    once = normalize_listed(text)
    assert normalize_listed(once) == once
    assert normalize(once) == normalize(text)
    assert not re.search(r"(?<=\S)  |[\t\xa0]| \n|\n{3}", once)
