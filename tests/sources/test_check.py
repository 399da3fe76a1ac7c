"""What is wrong with a source is told in a line that names the field, before anybody asks it."""

from typing import Any

import pytest
from pydantic import ValidationError

from shared.sources.check import check, check_source
from tests.sources.sources import FIELDS, JOB_ID, KEY, job_search, one_job, secret

WORD = {"type": "string"}


def schema(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def test_a_source_that_can_be_asked_passes() -> None:
    check(job_search("https://a.example", headers={"X-Key": "a {secret:jobs_key}"}), secret("a.example"))
    check(one_job("https://한국.example:8443", allowed_hosts=["[::1]:80", "한국.example:8443"]), {})
    described = {"type": "object", "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "찾기"}
    check_source(job_search("https://a.example", query={}, parameters={**described, "properties": {}}))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"parameters": {}}, "parameters: an object with properties"),
        ({"parameters": {"type": "array", "properties": {}}}, "parameters: an object with properties"),
        ({"parameters": {"type": "objekt"}}, "parameters.type: no JSON Schema: "),
        ({"parameters": {"type": "object", "properties": {"a": {"type": "object"}}}}, "parameters.properties.a.type: "),
        ({"parameters": schema(keyword={"type": "array"})}, "parameters.properties.keyword.items.type: "),
        (
            {"parameters": schema(a={"type": "array", "items": {"type": "array"}})},
            "parameters.properties.a.items.type: ",
        ),
        ({"parameters": schema(keyword=True)}, "parameters.properties.keyword.type: "),
        ({"parameters": schema(keyword={"type": ["string", "null"]})}, "parameters.properties.keyword.type: "),
        ({"parameters": schema(keyword={"$ref": "http://127.0.0.1/a"})}, "parameters.properties.keyword.type: "),
        ({"parameters": schema(keyword={**WORD, "anyOf": []})}, "parameters.properties.keyword.anyOf: no JSON Schema"),
        ({"parameters": schema(keyword={**WORD, "not": {}})}, "parameters.properties.keyword: the keyword 'not'"),
        ({"parameters": schema(keyword={**WORD, "pattern": "("})}, "parameters.properties.keyword.pattern: no JSON"),
        ({"parameters": {**schema(keyword=WORD), "allOf": [{}]}}, "parameters: the keyword 'allOf'"),
        ({"parameters": {**schema(keyword=WORD), "additionalProperties": True}}, "parameters.additionalProperties: "),
        ({"parameters": {**schema(keyword=WORD), "required": ["kw"]}}, "parameters.required: 'kw'"),
        ({"parameters": schema(**{"키워드": WORD})}, "parameters.properties: '키워드'"),
        ({"records": "result["}, "records: no JMESPath: "),
        ({"fields": {**FIELDS, "bad": {"path": "a b", "label": "?"}}}, "fields.bad: no JMESPath: "),
        ({"query": {"keyword": "{kw}"}}, "query.keyword: {kw} is none of the parameters"),
        ({"query": {"keyword": "{secret:jobs_key}"}}, "query.keyword: a secret can stand in a header only"),
        ({"method": "POST", "body": {"a": [{"b": "{kw}"}]}}, "body.a.0.b: {kw} is none of the parameters"),
        ({"headers": {"X-Key": "{keyword}"}}, "headers.X-Key: nothing but {secret:NAME}"),
        ({"url": "https://{keyword}.example/"}, "url: no argument can stand in the host"),
        ({"url": "https://{secret:jobs_key}/"}, "url: no argument can stand in the host"),
        ({"url": "https://user:pw@a.example/"}, "url: no user name and password"),
        ({"url": "https://a.example/x?y={keyword}"}, "url: arguments of the query stand in the field query"),
        ({"url": "https://a.example/{kw}"}, "url: {kw} is none of the parameters"),
        ({"url": "https://a.example/{limit}"}, "url: limit must be a required parameter"),
        ({"url": "https://a.example/{secret:jobs_key}"}, "url: braces that name no argument"),
        ({"url": "https://a.example/x#y"}, "url: no address of a web server, or one with a fragment"),
        ({"url": "https://a.example/../x"}, "url: '..'"),
        ({"url": "https://a.example:99999/"}, "url: no address of a web server"),
        ({"url": "https://a..example/"}, "url: no address of a web server"),
        ({"allowed_hosts": ["a.example:port"]}, "allowed_hosts: no address of a web server"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError) as caught:
        check_source(job_search("https://a.example", **settings))
    assert str(caught.value).startswith(told) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("one", "told"),
    [
        ({**WORD, "enum": []}, "parameters.properties.keyword.enum: "),
        ({**WORD, "enum": ["가", "나", "가"]}, "parameters.properties.keyword.enum: "),
        ({"type": "array", "items": {**WORD, "enum": []}}, "parameters.properties.keyword.items.enum: "),
        ({**WORD, "pattern": "^(a+)+$"}, "parameters.properties.keyword.pattern: it may take too long on 1000 "),
        ({**WORD, "pattern": "^(a+)+$", "maxLength": 40}, "parameters.properties.keyword.pattern: it may take too lo"),
        ({"type": "array", "items": {**WORD, "pattern": "(a|a)*$"}}, "parameters.properties.keyword.items.pattern: "),
    ],
)
def test_what_no_model_or_no_text_can_do_with_is_not_published_and_can_be_asked_where_it_is_stored(
    one: dict[str, Any], told: str
) -> None:
    source = job_search("https://a.example", parameters=schema(keyword=one, limit={"type": "integer"}))
    with pytest.raises(ValueError) as caught:
        check(source, {})
    assert str(caught.value).startswith(told) and "\n" not in str(caught.value)
    check_source(source)


@pytest.mark.parametrize(
    ("url", "hosts", "told"),
    [
        ("https://a.example", [], "headers.X-Key: the secret jobs_key is not in BOT_SECRETS"),
        ("https://a.example", ["b.example"], "headers.X-Key: the secret jobs_key is not for this host"),
        ("https://a.example:8443", ["a.example"], "headers.X-Key: the secret jobs_key is not for this host"),
        ("http://a.example", ["a.example"], "headers.X-Key: the secret jobs_key would be sent unencrypted"),
    ],
)
def test_a_secret_that_would_not_be_sent_is_told(url: str, hosts: list[str], told: str) -> None:
    source = job_search(url, headers={"X-Key": "{secret:jobs_key}"}, allowed_hosts=[])
    with pytest.raises(ValueError) as caught:
        check(source, secret(*hosts) if hosts else {})
    assert str(caught.value).startswith(told) and KEY not in str(caught.value)


@pytest.mark.parametrize(
    "settings",
    [
        {"headers": {"Host": "b.example"}},
        {"headers": {"content-LENGTH": "1"}},
        {"headers": {"X-A": "b\r\nX-C: d"}},
        {"headers": {"X A": "b"}},
        {"headers": {"X-A": "한글"}},
        {"method": "GET", "body": {}},
        {"fields": {**FIELDS, "again": {"path": "a", "label": "공고"}}},
        {"title": "unknown"},
        {"allowed_hosts": ["a.example/b"]},
    ],
)
def test_what_the_model_of_a_source_refuses(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        job_search("https://a.example", **settings)


def test_braces_that_are_no_placeholder_are_only_braces_in_a_body() -> None:
    query = "query($q: String) { jobs(q: $q) { title } }"
    check_source(job_search("https://a.example", method="POST", body={"query": query, "variables": {"q": "{keyword}"}}))
    check_source(one_job("https://a.example", parameters={**JOB_ID, "additionalProperties": False}))
