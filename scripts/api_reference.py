"""Write the API reference, docs/api.md, from the composed application's OpenAPI document and its errors.

python scripts/api_reference.py            # writes it
python scripts/api_reference.py --check    # exit code 1 when what is there is not the code's
"""

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from functions.local import app
from scripts.shapes import anchor, fields, meanings, title_of, type_of
from shared import admin_http, callers
from shared.errors import AppError
from shared.indexing import edits, lease
from shared.notion import errors as notion_errors
from shared.notion import sync
from shared.retrieval import artefacts

REFERENCE = Path(__file__).parent.parent / "docs" / "api.md"
_WITH_ERRORS = (edits, lease, notion_errors, sync, artefacts)  # loaded, so that the table of errors is whole
_METHODS = ("get", "post", "put", "patch", "delete")
_HEAD = """# API reference

Written by `scripts/api_reference.py` from the application's own OpenAPI document, which a running haedap serves at
`/openapi.json`; `/docs` there shows the same to try. What the calls are for: [programs](programs.md),
[taps](bubbles.md), [feedback](feedback.md), [operators](admin.md), [history and figures](insights.md),
[the desk](desk.md), [Notion](notion.md).

Bodies are JSON in UTF-8, names in snake_case; instants are UTC (ISO 8601), days are those of Seoul. `?` marks what may
be left out, and in answers what may be missing or `null`. Where customers and programs call, `?bot=` chooses a bot;
without it, `default`, or the key's own.

| who calls | shows |
|---|---|
| a visitor | the cookie `haedap_visitor`, which the first POST sets, or `Authorization: Bearer hv_…` |
| a program | `Authorization: Bearer hk_…`, a bot's key ([how to make one](programs.md)) |
| a viewer, an editor, an owner | `Authorization: Bearer ha_…`, an operator's key ([roles](admin.md#roles)) |
"""
_ERRORS = """## Errors

Every error is an [ErrorBody](#errorbody), under `/openai/` an [OpenAIErrorBody](#openaierrorbody), where 422 is 400.
Any call may answer 405, 413, 422, 429 with `Retry-After`, 500 and 503; one that takes a key 401 without a right one;
operators' calls 403 where the role does not reach, and 404 for a bot that is not the operator's.

| status | code | when |
|---|---|---|
"""
_OTHER_ERRORS = {
    (405, "method_not_allowed"): "The address takes no such method.",
    (500, "internal_error"): "A bug. The log has it, under the response's `X-Request-Id`.",
}
_BY_TAG = {
    "streaming": "whoever has the streaming id",
    "feedback": "whom the answer was given to: a visitor, or a program",
}
_CALLERS = {
    get_args(known)[1].dependency: who
    for known, who in (
        (callers.Owner, "a visitor"),
        (callers.Asker, "a visitor or a program"),
        (callers.ApiKey, "a program"),
        (admin_http.Viewer, "a viewer"),
        (admin_http.BotViewer, "a viewer of the bot"),
        (admin_http.Editor, "an editor"),
        (admin_http.BotEditor, "an editor of the bot"),
        (admin_http.Owner, "an owner"),
        (admin_http.BotOwner, "an owner of the bot"),
    )
}


def reference() -> str:
    """The whole page: calls by tag in the application's order, the shapes of what they take and give, the errors."""
    document = app.openapi()
    callers = dict(_callers())
    tags: dict[str, dict[str, list[tuple[str, str, dict[str, Any]]]]] = {}
    for path, item in document["paths"].items():
        for method, operation in ((name, item[name]) for name in _METHODS if name in item):
            # A GET and a POST of one function are one call, told once
            function = f"{path} {operation.get('summary')} {operation.get('description')}"
            of_tag = tags.setdefault(operation["tags"][0], {})
            of_tag.setdefault(function, []).append((method, path, operation))
    lines = [_HEAD]
    # Not the tag alone, for there are shapes of these names
    titles = {tag: f"Calls: {tag.replace(': ', ', ')}" for tag in tags}
    lines += [f"- [{title}](#{anchor(title)})" for title in (*titles.values(), "Shapes", "Errors")] + [""]
    for tag, calls in tags.items():
        lines += [f"## {titles[tag]}", ""]
        for alike in calls.values():
            lines += _call(tag, alike, callers)
    lines += ["## Shapes", ""]
    for name, schema in sorted(document["components"]["schemas"].items(), key=lambda one: anchor(title_of(one[0]))):
        lines += _shape(name, schema)
    return "\n".join(lines) + "\n" + _ERRORS + "\n".join(_errors()) + "\n"


def _callers() -> Iterator[tuple[tuple[str, str], str]]:
    for router in app.state.routers:
        for route in router.routes:
            if isinstance(route, APIRoute) and route.include_in_schema:
                told = [who for one in _all(route.dependant) if (who := _CALLERS.get(one.call)) is not None]
                for method in route.methods or ():
                    yield (method.lower(), re.sub(r":\w+}", "}", route.path)), told[0] if told else ""


def _all(dependant: Dependant) -> Iterator[Dependant]:
    for one in dependant.dependencies:
        yield one
        yield from _all(one)


def _call(tag: str, alike: list[tuple[str, str, dict[str, Any]]], callers: dict[tuple[str, str], str]) -> Iterator[str]:
    method, path, operation = alike[0]
    yield f"### `{', '.join(one.upper() for one, _, _ in sorted(alike))} {path}`\n"
    yield f"{meanings(operation.get('description', ''))[0]}\n"
    yield f"- **Who:** {callers[method, path] or _BY_TAG.get(tag, 'anybody')}"
    for place, label in (("path", "In the path"), ("query", "Query"), ("header", "Headers")):
        given = [one for one in operation.get("parameters", []) if one["in"] == place]
        told = [_parameter(one) for one in given if one["name"] != "bot" and one["schema"].get("title") != "Bot Id"]
        if told:
            yield f"- **{label}:** {'; '.join(told)}"
    if "requestBody" in operation:
        yield f"- **Body:** {_content(operation['requestBody'])}"
    answers = [f"{status} {_content(one)}" for status, one in operation["responses"].items() if status.isdigit()]
    yield f"- **Answers:** {', '.join(answers)}\n".replace(" \n", "\n")


def _parameter(one: dict[str, Any]) -> str:
    schema = one["schema"]
    left_out = "" if one.get("required") else "?"
    default = f", {schema['default']} without it" if schema.get("default") not in (None, "") else ""
    meaning = f" ({text})" if (text := one.get("description")) else ""
    return f"`{one['name']}`{left_out} {type_of(schema)}{default}{meaning}"


def _content(body: dict[str, Any]) -> str:
    told = []
    for kind, content in body.get("content", {}).items():
        schema = content.get("schema")
        told.append(type_of(schema) if kind == "application/json" and schema else f"`{kind}`")
    return " or ".join(told) + ("?" if told and body.get("required") is False else "")


def _shape(name: str, schema: dict[str, Any]) -> Iterator[str]:
    text, explained = meanings(schema.get("description", ""))
    yield f"### {title_of(name)}\n"
    yield f"{text}\n"
    yield f"{fields(schema, explained) or type_of(schema)}\n"


def _errors() -> list[str]:
    found = dict(_OTHER_ERRORS)
    for kind in _kinds(AppError):
        if kind.__module__.startswith(("shared.", "functions.")):
            found.setdefault((kind.status, kind.code), (kind.__doc__ or "").splitlines()[0])
    return [f"| {status} | `{code}` | {found[status, code]} |" for status, code in sorted(found)]


def _kinds(kind: type[AppError]) -> Iterator[type[AppError]]:
    yield kind
    for one in sorted(kind.__subclasses__(), key=lambda one: (one.__module__, one.__qualname__)):
        yield from _kinds(one)


def main(arguments: list[str] | None = None) -> int:
    """Run it. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    chosen = parser.parse_args(arguments)
    made = reference()
    if not chosen.check:
        REFERENCE.write_text(made, encoding="utf-8")
        return 0
    if REFERENCE.exists() and REFERENCE.read_text(encoding="utf-8") == made:
        return 0
    print(f"{REFERENCE.name} is not the code's: run scripts/api_reference.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
