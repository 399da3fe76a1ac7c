"""Sources as functions that a language model calls, and what it sends held against their schemas."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bot import VectorSource
from shared.sources.arguments import MAX_CHARACTERS
from shared.sources.base import ArgumentsInvalid
from shared.sources.tools import arguments, tool
from tests.sources.sources import KEYWORD, job_search, one_job

PARAMETERS = {
    "type": "object",
    "properties": {
        "keyword": {"type": "string", "minLength": 1, "maxLength": 40, "description": "찾을 말"},
        "region": {"type": "string", "enum": ["서울", "부산"]},
        "kind": {"const": "job", "type": "string"},
        "limit": {"type": "integer", "minimum": 1, "maximum": 10, "default": 5},
        "rate": {"type": "number"},
        "open": {"type": "boolean"},
        "skills": {"type": "array", "items": {"type": "string", "maxLength": 20, "title": "기술"}, "maxItems": 3},
        "since": {"type": "string", "format": "date"},
        "code": {"type": "string", "pattern": "^[A-Z]{2}$"},
    },
    "required": ["keyword"],
}
SOURCE = job_search("https://a.example", parameters=PARAMETERS)


def test_a_source_is_a_strict_function() -> None:
    made = tool(SOURCE)
    assert (made["name"], made["description"], made["strict"]) == ("jobs", "채용공고를 찾습니다.", True)
    schema = made["parameters"]
    assert schema["additionalProperties"] is False
    assert schema["required"] == list(schema["properties"]) == list(PARAMETERS["properties"])
    assert schema["properties"] == {
        "keyword": {"type": "string", "description": "찾을 말 (minLength: 1, maxLength: 40)"},
        "region": {"type": ["string", "null"], "enum": ["서울", "부산", None]},
        "kind": {"type": ["string", "null"], "enum": ["job", None]},
        "limit": {"type": ["integer", "null"], "description": "(minimum: 1, maximum: 10, default: 5)"},
        "rate": {"type": ["number", "null"]},
        "open": {"type": ["boolean", "null"]},
        "skills": {
            "type": ["array", "null"],
            "items": {"type": "string", "description": "(maxLength: 20)"},
            "description": "(maxItems: 3)",
        },
        "since": {"type": ["string", "null"], "description": '(format: "date")'},
        "code": {"type": ["string", "null"], "description": '(pattern: "^[A-Z]{2}$")'},
    }
    assert SOURCE.parameters == PARAMETERS


def test_an_index_is_asked_with_a_question() -> None:
    made = tool(VectorSource(source_id="help-center"))
    assert made["name"] == "help-center" and re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", made["name"])
    (question,) = made["parameters"]["properties"].values()
    assert question["type"] == "string" and re.search("[가-힣]", question["description"])
    assert made["parameters"]["required"] == ["question"]
    assert arguments(VectorSource(), '{"question": "배송은 언제 오나요?"}') == {"question": "배송은 언제 오나요?"}
    for raw in ('{"question": ""}', "{}", '{"question": null}', '{"question": "a", "limit": 3}'):
        with pytest.raises(ArgumentsInvalid):
            arguments(VectorSource(), raw)


def test_what_strict_mode_made_the_model_send_as_null_was_not_given() -> None:
    sent = dict.fromkeys(PARAMETERS["properties"]) | {"keyword": "개발자", "limit": 3.0}
    given = arguments(SOURCE, json.dumps(sent))
    assert given == {"keyword": "개발자", "limit": 3} and isinstance(given["limit"], int)


def test_no_arguments_at_all_may_be_sent_as_nothing() -> None:
    source = job_search("https://a.example", query={}, parameters={"type": "object", "properties": {}})
    assert arguments(source, "") == arguments(source, " {} ") == {}


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({}, "required are keyword"),
        ({"keyword": None}, "keyword: must be of type string"),
        ({"keyword": 7}, "keyword: must be of type string"),
        ({"keyword": ""}, "keyword: minLength is 1"),
        ({"keyword": "가" * 41}, "keyword: maxLength is 40"),
        ({"keyword": "가", "region": "비밀"}, 'region: must be one of ["서울", "부산"]'),
        ({"keyword": "가", "limit": 11}, "limit: maximum is 10"),
        ({"keyword": "가", "limit": "3"}, "limit: must be of type integer"),
        ({"keyword": "가", "limit": True}, "limit: must be of type integer"),
        ({"keyword": "가", "skills": ["a", 1]}, "skills.1: must be of type string"),
        ({"keyword": "가", "skills": ["a"] * 4}, "skills: maxItems is 3"),
        ({"keyword": "가", "since": "비밀"}, 'since: format is "date"'),
        ({"keyword": "가", "code": "비밀"}, 'code: pattern is "^[A-Z]{2}$"'),
        (
            {"keyword": "가", "비밀": 1, "b": 2},
            "unknown argument; known are keyword, region, kind, limit, rate, open, skills, since, code",
        ),
        ({"keyword": "\x00"}, "keyword: must be text of at most 1000 characters"),
        ({"keyword": "", "limit": 0}, "keyword: minLength is 1; limit: minimum is 1"),
    ],
)
def test_an_invalid_argument_is_told_by_field_and_rule_without_its_value(sent: dict[str, Any], told: str) -> None:
    with pytest.raises(ArgumentsInvalid) as caught:
        arguments(SOURCE, json.dumps(sent))
    assert str(caught.value) == told
    assert caught.value.__context__ is None


def test_at_most_three_problems_are_told() -> None:
    with pytest.raises(ArgumentsInvalid) as caught:
        arguments(SOURCE, '{"keyword": 1, "region": 1, "limit": "a", "rate": "a", "open": 1}')
    assert str(caught.value).count(";") == 2


def test_a_text_is_bounded_also_where_the_schema_does_not_say_so() -> None:
    source = one_job("https://a.example")
    assert arguments(source, json.dumps({"job_id": "a" * MAX_CHARACTERS}))
    with pytest.raises(ArgumentsInvalid):
        arguments(source, json.dumps({"job_id": "a" * (MAX_CHARACTERS + 1)}))


@pytest.mark.parametrize(
    "raw", ["null", "[]", '"a"', "{", "{}}", '{"limit": NaN}', "[" * 9_000, '{"a": 1' + "0" * 9_000 + "}", " " * 20_001]
)
def test_what_is_no_json_object_is_told_so(raw: str) -> None:
    with pytest.raises(ArgumentsInvalid, match=r"^arguments: must be a JSON object$"):
        arguments(job_search("https://a.example", parameters=KEYWORD), raw)


OBJECTS = st.dictionaries(st.sampled_from(["keyword", "limit", "x"]), st.none() | st.text() | st.floats())


@given(st.text() | OBJECTS.map(json.dumps))
def test_whatever_a_model_sends_is_arguments_or_invalid(raw: str) -> None:
    try:
        given = arguments(SOURCE, raw)
    except ArgumentsInvalid as error:
        assert "\n" not in str(error) and str(error).isprintable()
    else:
        assert set(given) <= set(PARAMETERS["properties"]) and isinstance(given["keyword"], str)
