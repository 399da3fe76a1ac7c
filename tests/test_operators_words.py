"""Whatever is wrong in whichever field of an operator's form: it is told in Korean, and so is the field."""

import re
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from shared.bot import Bot, Chat, HttpSource, VectorSource
from shared.bot_editing import read_bot, read_source
from shared.content_editing import ContentEdit, read_edit
from shared.errors import FieldProblem, InvalidFields
from shared.field_names import in_words
from shared.golden import GoldenChange
from shared.links import ANYWHERE
from shared.problems import in_korean

API = {
    "kind": "http",
    "source_id": "orders",
    "name": "주문",
    "description": "주문을 찾습니다.",
    "prompt": "짧게",
    "method": "POST",
    "url": "https://api.example.com/orders/{order}",
    "parameters": {
        "type": "object",
        "properties": {"order": {"type": "string", "pattern": "^[A-Z]+$"}},
        "required": ["order"],
    },
    "query": {"lang": "ko"},
    "body": {"order": "{order}"},
    "headers": {"X-Shop": "gaon"},
    "timeout_seconds": 3,
    "retries": 1,
    "cache_seconds": 0,
    "records": "@",
    "max_records": 5,
    "fields": {"state": {"path": "state", "type": "string", "label": "상태"}},
    "title": "state",
    "link": "state",
    "allowed_hosts": ["api.example.com"],
}
BOT = {
    **Bot(persona="상담원", chat=Chat(model="m", max_tokens=100, input_won=1, output_won=1)).model_dump(mode="json"),
    "sources": [{**VectorSource().model_dump(mode="json"), "prompt": "짧게"}, API],
    "budget": {"tokens": 1, "won": 1},
    "name": "가온",
    "synonyms": [{"words": ["돈"], "terms": "정산"}],
    "banned_words": ["바보"],
    "allowed_words": ["바보상자"],
    "service_types": ["가온배송"],
    "categories": [{"name": "정산", "words": ["돈"]}],
    "links": [{"title": "정산", "url": "https://a.example/", "category": "정산", "words": ["돈"]}],
    "pinned": ["정산은 언제?"],
    "allowed_origins": ["https://a.example"],
}
CONTENT = {
    "title": "정산",
    "content": "내일",
    "tags": ["돈"],
    "similar_titles": ["입금"],
    "accepted_summaries": ["입금"],
    "service_answers": {"가온배송": "내일"},
    "related_ids": ["a"],
    "category": "정산",
    "url": "https://a.example/",
    "media": [{"kind": "image", "url": "https://a.example/1.png", "caption": "그림", "service_type": "가온배송"}],
    "effective_on": "2026-01-01",
    "expires_on": "2026-12-31",
}
GOLDEN = {"question": "정산은?", "faq_ids": ["a"], "note": "메모", "based_on": "1"}
WRONG: Sequence[Any] = (
    *(None, True, -1, 3, 2.5, 1e300, float("nan"), "", " ", "\u200b", "word", "{x}", "(((", "x" * 100_001, "\ud800"),
    *([], ["", 3, "a", "a"], [None] * 2_100, {}, {"nobody": 1}, {"": ""}, {"a b": None}),
)
# What people type, and words that have no other name
KNOWN = re.compile(
    r"https?://[^ ,가-힣]+|xn--"
    r"|‘[^’]*’|'[^']*'"
    r"|\{[^}]*\}|JSON Schema|JMESPath|JSON|https|LINK_HOSTS|BOT_SECRETS|haedap|LLM|API|ID|URL|true|false"
    r"|kind|properties|object|boolean|integer|number|string|required|POST|GET|secret|name|X-Shop|orders?|state|lang"
)


def golden(given: Any) -> None:
    """As the framework reads it, and as it is told then."""
    try:
        GoldenChange.model_validate(given)
    except ValidationError as error:
        told = [FieldProblem("", in_korean(one, in_words(one["loc"]))) for one in error.errors()]
        raise InvalidFields(told) from error


FORMS: dict[str, tuple[dict[str, Any], Callable[[Any], Any], Sequence[type[BaseModel]]]] = {
    "bot": (BOT, lambda given: read_bot(given, "default", {}, ANYWHERE), [Bot, Chat, VectorSource]),
    "source": (API, lambda given: read_source(given, {}), [HttpSource]),
    "content": (CONTENT, lambda given: read_edit(given, "a", "default", None, ["가온배송"], ANYWHERE), [ContentEdit]),
    "golden": (GOLDEN, golden, [GoldenChange]),
}


def places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where anything stands in it."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in parts:
        yield (*above, name)
        yield from places(one, (*above, name))


def changed(whole: Any, place: tuple[Any, ...], put: Any = None, drop: bool = False) -> Any:
    """A copy with something else in one place, or with nothing there."""
    *above, name = place
    copy = deepcopy(whole)
    within = copy
    for one in above:
        within = within[one]
    if drop:
        del within[name]
    else:
        within[name] = put
    return copy


@pytest.mark.parametrize("form", FORMS)
def test_whatever_is_wrong_with_whichever_field_is_told_in_korean(form: str) -> None:
    whole, read, models = FORMS[form]
    read(whole)  # nothing is wrong with it
    for model in models:
        assert any(set(model.model_fields) <= set(one) for one in _objects(whole)), f"{model} has fields without a try"
    told: dict[str, tuple[Any, ...]] = {}
    for place in places(whole):
        if form == "bot" and place[:2] == ("sources", 1) and len(place) > 3:
            continue  # tried as a source of its own
        for given in (changed(whole, place, drop=True), *(changed(whole, place, wrong) for wrong in WRONG)):
            try:
                read(given)
            except InvalidFields as error:
                told |= {one.message: place for one in error.problems}
    assert len(told) > len(whole)
    english = {said: where for said, where in told.items() if re.search("[A-Za-z]{2,}", KNOWN.sub("", said))}
    assert english == {}
    assert [said for said in told if not re.search("[가-힣]", said)] == []


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(one)
