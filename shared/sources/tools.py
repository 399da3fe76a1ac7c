"""Sources as a language model sees them: functions that it may call. No I/O."""

import json
from collections.abc import Mapping
from typing import Any

from shared.bot import HttpSource, VectorSource
from shared.sources.arguments import schema_of, validated
from shared.sources.base import ArgumentsInvalid

_MAX_RAW_CHARACTERS = 20_000
# What every server's strict mode takes; the other rules are told in words, and checked here
_STRICT = {"type", "description", "enum", "items"}
_TOLD = {
    *("minLength", "maxLength", "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("multipleOf", "minItems", "maxItems", "uniqueItems", "default"),
}


def tool(source: VectorSource | HttpSource) -> dict[str, Any]:
    """A function in OpenAI's strict form, named as the source's id.

    Every argument is required there; those that are not may be null. Rules that strict mode does not know are told in
    an argument's description.
    """
    schema = schema_of(source)
    required = set(schema.get("required", []))
    return {
        "name": source.source_id,
        "description": source.description,
        "parameters": {
            "type": "object",
            "properties": {name: _strict(one, name in required) for name, one in schema["properties"].items()},
            "required": list(schema["properties"]),
            "additionalProperties": False,
        },
        "strict": True,
    }


def arguments(source: VectorSource | HttpSource, raw: str) -> dict[str, Any]:
    """What a model sent with a call of a source's function; nulls of optional arguments are not given ones.

    Raises
    ------
    ArgumentsInvalid
        When it is no JSON object, or the source cannot be asked with it.
    """
    given = _parsed(raw)
    if given is None:
        raise ArgumentsInvalid("arguments: must be a JSON object")
    schema = schema_of(source)
    optional = set(schema["properties"]) - set(schema.get("required", []))
    return validated(source, {name: one for name, one in given.items() if one is not None or name not in optional})


def _strict(schema: Mapping[str, Any], required: bool) -> dict[str, Any]:
    shown = {key: value for key, value in schema.items() if key in _STRICT}
    if "const" in schema:
        shown["enum"] = [schema["const"]]
    if "items" in shown:
        shown["items"] = _strict(shown["items"], True)
    rules = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in schema.items() if key in _TOLD]
    if rules:
        shown["description"] = f"{shown.get('description', '')} ({', '.join(rules)})".strip()
    if not required:
        shown["type"] = [shown["type"], "null"]
        if "enum" in shown:
            shown["enum"] = [*shown["enum"], None]
    return shown


def _parsed(raw: str) -> dict[str, Any] | None:
    """The object; some models send nothing at all for one that is empty."""
    if len(raw) > _MAX_RAW_CHARACTERS:
        return None
    try:
        given = json.loads(raw.strip() or "{}", parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return given if isinstance(given, dict) else None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
