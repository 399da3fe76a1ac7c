"""JSON Schemas of an OpenAPI document in short Markdown: a type in a few words, a shape's fields, what they mean."""

import re
from typing import Any

_SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}\n", re.MULTILINE)  # of a NumPy docstring
_FORMATS = {"date": "day", "date-time": "instant", "binary": "file"}


def anchor(title: str) -> str:
    """What GitHub calls a heading in an address."""
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def title_of(name: str) -> str:
    """A shape's name; of two with the same name in different modules, with the module's."""
    parts = name.split("__")
    return ".".join(parts[-2:])


def type_of(schema: dict[str, Any]) -> str:
    """A type in a few words, with a link to the shape where it is one."""
    if "$ref" in schema:
        title = title_of(schema["$ref"].rsplit("/", 1)[-1])
        return f"[{title}](#{anchor(title)})"
    if kinds := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(type_of(one) for one in kinds if one.get("type") != "null")
    if values := schema.get("enum") or ([schema["const"]] if "const" in schema else None):
        return " or ".join(f"`{one}`" for one in values)
    match schema.get("type"):
        case "array":
            return f"list of {type_of(schema.get('items', {}))}{_range(schema, 'Items')}"
        case "object" if isinstance(schema.get("additionalProperties"), dict):
            return f"map of {type_of(schema['additionalProperties'])}"
        case "object" if "patternProperties" in schema:
            return f"map of {' or '.join(map(type_of, schema['patternProperties'].values()))}"
        case "string":
            return _FORMATS.get(schema.get("format", ""), "text") + _range(schema, "Length")
        case kind:
            return f"{kind or 'anything'}{_range(schema, 'imum')}"


def fields(schema: dict[str, Any], explained: dict[str, str]) -> str:
    """A shape's fields: on one line those that their names explain, each on a line of its own the others."""
    required = schema.get("required", [])
    plain, listed = [], []
    for name, one in schema.get("properties", {}).items():
        told = f"`{name}`{'' if name in required else '?'} {type_of(one)}"
        if meaning := explained.get(name) or one.get("description"):
            listed.append(f"- {told}: {_on_one_line(meaning)}")
        else:
            plain.append(told)
    return "\n".join([*(["- " + " · ".join(plain)] if plain else []), *listed])


def meanings(docstring: str) -> tuple[str, dict[str, str]]:
    """A docstring's text on one line, and what its section `Parameters` says of each name."""
    text, *sections = _SECTION.split(docstring)
    found: dict[str, str] = {}
    for title, body in zip(sections[::2], sections[1::2], strict=True):
        if title == "Parameters":
            for names, meaning in re.findall(r"^(\w[\w, ]*)\n((?:    .*\n?|\n)+)", body, re.MULTILINE):
                found |= dict.fromkeys(names.split(", "), _on_one_line(meaning))
    return _on_one_line(text), found


def _on_one_line(text: str) -> str:
    return re.sub(r"`?\bNone\b`?", "`null`", " ".join(text.split()))


def _range(schema: dict[str, Any], what: str) -> str:
    least, most = (schema.get(f"{end}{what}") for end in ("min", "max"))
    if most is None:
        return ""
    return f" {least:g}–{most:,g}" if least and what != "Items" else f" up to {most:,g}"
