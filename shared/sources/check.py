"""What the model of a source cannot see of itself: whether its schema, expressions and templates hold. No I/O."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from shared.bot import HttpSource
from shared.sources.addresses import parse
from shared.sources.arguments import longest
from shared.sources.base import Secret
from shared.sources.extraction import Extraction
from shared.sources.patterns import check_pattern
from shared.sources.templates import ARGUMENT, SECRET, URL_PARTS, withheld

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_SCALARS = {"string", "integer", "number", "boolean"}
_OF_ALL = {"type", "description", "title", "default", "examples", "enum", "const", "$comment"}
_OF_SCALARS = {
    *("minLength", "maxLength", "pattern", "format"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
_OF_LISTS = {"items", "minItems", "maxItems", "uniqueItems"}
_OF_OBJECT = {"type", "properties", "required", "additionalProperties", "description", "title", "$schema", "$comment"}


def check(source: HttpSource, secrets: Mapping[str, Secret]) -> None:
    """Whether a source can be published: asked in this deployment, with arguments that are soon checked.

    Raises
    ------
    ValueError
        One English line that names the field.
    """
    check_source(source)
    for name, one in source.parameters["properties"].items():
        _check_values(f"parameters.properties.{name}", one)
    url = parse(_base(source))
    for header, value in source.headers.items():
        for name in SECRET.findall(value):
            if (problem := withheld(source, url, name, secrets)) is not None:
                raise ValueError(f"headers.{header}: {problem}")


def check_source(source: HttpSource) -> None:
    """Whether a source that is stored can be asked, its secrets aside. Raises `ValueError`, as `check` does."""
    _check_schema(source.parameters)
    _check_url(source)
    Extraction(source)
    known = set(source.parameters["properties"])
    for where, text in _templates(source):
        _check_template(where, text, known)
    for header, value in source.headers.items():
        if set("{}") & set(SECRET.sub("", value)):
            raise ValueError(f"headers.{header}: nothing but {{secret:NAME}} can stand in braces here")
    for host in source.allowed_hosts:
        _check_address("allowed_hosts", f"https://{host}")


def _check_schema(schema: Mapping[str, Any]) -> None:
    problem = ""
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        problem = ".".join(["parameters", *map(str, error.absolute_path)]) + f": no JSON Schema: {error.message[:200]}"
    except RecursionError:
        problem = "parameters: too deep"
    if problem:
        raise ValueError(" ".join(problem.split()))
    properties = schema.get("properties")
    if schema.get("type") != "object" or properties is None:
        raise ValueError("parameters: an object with properties is expected")
    _check_keywords("parameters", schema, _OF_OBJECT)
    if schema.get("additionalProperties", False) is not False:
        raise ValueError("parameters.additionalProperties: other arguments are always refused")
    if unknown := sorted(set(schema.get("required", [])) - set(properties)):
        raise ValueError(f"parameters.required: {unknown[0]!r} is none of the properties")
    for name, one in properties.items():
        if not _NAME.fullmatch(name):
            raise ValueError(f"parameters.properties: {name!r}: letters, digits and '_' only, at most 64")
        _check_property(f"parameters.properties.{name}", one)


def _check_property(where: str, schema: Any) -> None:
    kind = schema.get("type") if isinstance(schema, dict) else None
    if kind == "array":
        _check_keywords(where, schema, _OF_ALL | _OF_LISTS)
        items = schema.get("items")
        _check_scalar(f"{where}.items", items if isinstance(items, dict) else {})
    else:
        _check_scalar(where, schema if isinstance(schema, dict) else {})


def _check_scalar(where: str, schema: Mapping[str, Any]) -> None:
    if not isinstance(schema.get("type"), str) or schema["type"] not in _SCALARS:
        raise ValueError(f"{where}.type: one of {', '.join(sorted(_SCALARS))} is expected")
    _check_keywords(where, schema, _OF_ALL | _OF_SCALARS)


def _check_values(where: str, schema: Mapping[str, Any]) -> None:
    """What is sound JSON Schema, and yet no model's server or no text's length can do with it."""
    values = [json.dumps(value, sort_keys=True) for value in schema.get("enum", [None])]
    if not values or len(set(values)) < len(values):
        raise ValueError(f"{where}.enum: at least one value, and none of them twice, is expected")
    if "items" in schema:
        _check_values(f"{where}.items", schema["items"])
    problem = ""
    try:
        check_pattern(schema.get("pattern", ""), longest(schema))
    except ValueError as error:
        problem = str(error)
    if problem:
        raise ValueError(f"{where}.pattern: {problem}")


def _check_keywords(where: str, schema: Mapping[str, Any], known: set[str]) -> None:
    if unknown := sorted(set(schema) - known):
        raise ValueError(f"{where}: the keyword {unknown[0]!r} is not supported here")


def _check_url(source: HttpSource) -> None:
    parts = URL_PARTS.fullmatch(source.url)
    if parts is None:
        raise ValueError("url: no address of a web server, or one with a fragment")
    if set("{}") & set(parts["start"]):
        raise ValueError("url: no argument can stand in the host")
    if "@" in parts["start"]:
        raise ValueError("url: no user name and password; put them into a header, as a secret")
    if set("{}") & set(parts["query"] or ""):
        raise ValueError("url: arguments of the query stand in the field query")
    if set("{}") & set(ARGUMENT.sub("", parts["path"])):
        raise ValueError("url: braces that name no argument")
    if ".." in parts["path"].split("/"):
        raise ValueError("url: '..' in its path")
    _check_template("url", parts["path"], set(source.parameters["properties"]))
    if optional := set(ARGUMENT.findall(parts["path"])) - set(source.parameters.get("required", [])):
        raise ValueError(f"url: {min(optional)} must be a required parameter")
    _check_address("url", _base(source))


def _base(source: HttpSource) -> str:
    parts = URL_PARTS.fullmatch(source.url)
    return parts["start"] if parts else ""


def _check_address(where: str, address: str) -> None:
    problem = ""
    try:
        parse(address)
    except ValueError as error:
        problem = str(error)
    if problem:
        raise ValueError(f"{where}: {problem}")


def _templates(source: HttpSource) -> Iterator[tuple[str, str]]:
    for key, template in source.query.items():
        yield f"query.{key}", template
    yield from _strings("body", source.body)


def _strings(where: str, value: Any) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield where, value
        case dict():
            for key, one in value.items():
                yield from _strings(f"{where}.{key}", one)
        case list():
            for number, one in enumerate(value):
                yield from _strings(f"{where}.{number}", one)


def _check_template(where: str, template: str, known: set[str]) -> None:
    if SECRET.search(template):
        raise ValueError(f"{where}: a secret can stand in a header only")
    if unknown := [name for name in ARGUMENT.findall(template) if name not in known]:
        raise ValueError(f"{where}: {{{unknown[0]}}} is none of the parameters")
