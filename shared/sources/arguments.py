"""What a source may be asked with: its JSON Schema, and arguments held against it. No I/O."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from shared.bot import HttpSource, VectorSource
from shared.sources.base import ArgumentsInvalid

MAX_CHARACTERS = 1_000  # of a string: addresses have to hold them
_MAX_PROBLEMS = 3
_NO_TEXT = re.compile(r"[\x00\ud800-\udfff]")  # which JSON can carry, and addresses and databases cannot

_QUESTION: dict[str, Any] = {
    "type": "object",
    "properties": {
        "question": {
            "type": "string",
            "minLength": 1,
            "maxLength": MAX_CHARACTERS,
            "description": "찾을 질문. 앞선 대화를 보지 않아도 뜻이 통하는 한국어 한 문장으로 씁니다.",
        }
    },
    "required": ["question"],
}


def longest(schema: Mapping[str, Any]) -> int:
    """How many characters a string of this schema has at most."""
    return int(min(schema.get("maxLength", MAX_CHARACTERS), MAX_CHARACTERS))


def _pattern(validator: Any, pattern: str, given: Any, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    """The rule `pattern`, but for strings that are too long anyway: it is checked for so many characters."""
    if isinstance(given, str) and len(given) <= longest(schema) and not re.search(pattern, given):
        yield ValidationError("no match")


_Validator = extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]


def schema_of(source: VectorSource | HttpSource) -> dict[str, Any]:
    """The JSON Schema of a source's arguments; those that it does not name are refused."""
    schema = source.parameters if source.kind == "http" else _QUESTION
    return {**schema, "additionalProperties": False}


def validated(source: VectorSource | HttpSource, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments, when the source can be asked with them; whole numbers where they are to be integers.

    Raises
    ------
    ArgumentsInvalid
        It names up to three problems.
    """
    schema, given = schema_of(source), dict(arguments)
    validator = _Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    problems = [_told(error, schema) for error in validator.iter_errors(given)]
    problems += [
        f"{name}: must be text of at most {MAX_CHARACTERS} characters"
        for name in schema["properties"]
        if name in given and not all(map(_is_text, given[name] if isinstance(given[name], list) else [given[name]]))
    ]
    if problems:
        raise ArgumentsInvalid("; ".join(list(dict.fromkeys(problems))[:_MAX_PROBLEMS]))
    return {name: _exact(schema["properties"][name], value) for name, value in given.items()}


def _told(error: ValidationError, schema: Mapping[str, Any]) -> str:
    """The rule and where it was broken; the validator's own message repeats the value."""
    where = ".".join(str(part) for part in error.absolute_path) or "arguments"
    match error.validator:
        case "required":
            return f"required are {', '.join(schema['required'])}"
        case "additionalProperties":
            return f"unknown argument; known are {', '.join(schema['properties']) or 'none'}"
        case "type":
            return f"{where}: must be of type {error.validator_value}"
        case "enum":
            return f"{where}: must be one of {_json(error.validator_value)}"
        case rule:
            return f"{where}: {rule} is {_json(error.validator_value)}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _is_text(value: Any) -> bool:
    return not isinstance(value, str) or (len(value) <= MAX_CHARACTERS and not _NO_TEXT.search(value))


def _exact(schema: Mapping[str, Any], value: Any) -> Any:
    if isinstance(value, list):
        return [_exact(schema.get("items", {}), one) for one in value]
    return int(value) if schema.get("type") == "integer" and isinstance(value, float) else value
