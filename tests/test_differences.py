"""What differs between two versions of a bot, told by path."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.differences import differences


def told(before: Any, after: Any) -> list[tuple[str, Any, Any]]:
    return [(one.path, one.before, one.after) for one in differences(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 2}}, [("a.b", 1, 2)]),
        ({"a": 1}, {}, [("a", 1, None)]),
        ({"a": 1}, {"a": True}, [("a", 1, True)]),
        ({"words": ["x"]}, {"words": ["x", "y"]}, [("words", ["x"], ["x", "y"])]),
        (
            {"sources": [{"source_id": "b", "n": 1}]},
            {"sources": [{"source_id": "a", "n": 0}, {"source_id": "b", "n": 2}]},
            [("sources[b].n", 1, 2), ("sources[a]", None, {"source_id": "a", "n": 0})],
        ),
        (
            {"links": [{"title": "a"}, {"title": "b"}]},
            {"links": [{"title": "b"}, {"title": "a"}]},
            [("links", ["a", "b"], ["b", "a"])],
        ),
        ({"l": [{"title": "a"}] * 2}, {"l": []}, [("l", [{"title": "a"}] * 2, [])]),
    ],
)
def test_a_difference_is_told_where_it_is(before: Any, after: Any, expected: list[tuple[str, Any, Any]]) -> None:
    assert told(before, after) == expected


_JSON = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "title", "a"]), inner),
    max_leaves=10,
)


@given(_JSON)
def test_what_is_the_same_does_not_differ(value: Any) -> None:
    assert told(value, value) == []


@given(_JSON, _JSON)
def test_what_is_not_the_same_differs_somewhere(before: Any, after: Any) -> None:
    assert bool(told(before, after)) or before == after
