"""Patterns of a source's schema: those that may take long are refused, those that people write are not."""

import re
import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shared.sources.arguments import validated
from shared.sources.base import ArgumentsInvalid
from shared.sources.patterns import MAX_CHARACTERS, check_pattern
from tests.sources.sources import job_search


@pytest.mark.parametrize(
    ("pattern", "longest"),
    [
        (r"^(a+)+$", 1000),
        (r"^(a+)+$", 40),
        (r"^(a*)*$", 40),
        (r"^(?:a?){40}$", 40),
        (r"^(a|a)*$", 40),
        (r"^(a|ab|b)+$", 40),
        (r"^((ab?)c)*$", 40),
        (r"^" + "a?" * 40 + "a" * 40, 80),
        (r"^" + "(a|a)" * 30 + "b", 40),
        (r"^.*a.*b.*c$", 1000),
        (r".*a.*b", 1000),
        (r"^x|.*a.*b", 1000),
        (r"^(((a{99}){99}){99})$", 40),
        (r"^(a)\1$", 40),
        (r"^(?=a)", 40),
        (r"^(?i:a)", 40),
        (r"a" * (MAX_CHARACTERS + 1), 40),
    ],
)
def test_a_pattern_that_may_take_long_is_refused(pattern: str, longest: int) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        check_pattern(pattern, longest)


@pytest.mark.parametrize(
    ("pattern", "longest"),
    [
        (r"", 1000),
        (r"^[0-9]+$", 1000),
        (r"[0-9]+", 1000),
        (r"^[A-Z]{2}[0-9]{9}KR$", 1000),
        (r"^\d{4}-\d{2}-\d{2}$", 1000),
        (r"^01[016-9]-?[0-9]{3,4}-?[0-9]{4}$", 1000),
        (r"^[0-9]{3}(-[0-9]{4}){2}$", 1000),
        (r"^(?:서울|부산|[가-힣]{2,4}시)$", 1000),
        (r"^https?://.+$", 1000),
        (r"^[\w.+-]+@[\w-]+\.[a-z]{2,}$", 100),
        (r"^([0-9]{4},)*[0-9]{4}$", 1000),
        (r"^[]a\]()*+|-]+\)$", 1000),
        (r"^\S.*?\S$", 1000),
    ],
)
def test_a_pattern_that_people_write_passes(pattern: str, longest: int) -> None:
    check_pattern(pattern, longest)


PIECES = st.sampled_from([*"ab^$.|", "a*", "b+", "a?", "(?:a|b)", "(ab)", "(a*", "(?:b", ")", ")*", "){2,3}", "[ab]+"])


@settings(deadline=None)  # the test has one of its own
@given(st.lists(PIECES, max_size=8).map("".join))
def test_a_pattern_that_passes_is_soon_done(pattern: str) -> None:
    try:
        re.compile(pattern)
        check_pattern(pattern, 200)
    except (re.error, ValueError):
        assume(False)
    begun = time.process_time()
    re.search(pattern, "a" * 199 + "c")
    re.search(pattern, "ab" * 99 + "c")
    assert time.process_time() - begun < 2  # 0.1 s; an exponential one never ends


def test_a_string_that_is_too_long_is_not_held_against_the_pattern() -> None:
    schema = {"type": "object", "properties": {"keyword": {"type": "string", "pattern": "^(a+)+$", "maxLength": 20}}}
    source = job_search("https://a.example", parameters=schema, query={})
    for text in ("a" * 60 + "!", "a" * 1_200 + "!"):
        with pytest.raises(ArgumentsInvalid, match=r"^keyword: maxLength is 20"):
            validated(source, {"keyword": text})
    with pytest.raises(ArgumentsInvalid, match=r"^keyword: pattern is "):
        validated(source, {"keyword": "b"})
    assert validated(source, {"keyword": "aaa"}) == {"keyword": "aaa"}
