"""Which secrets a function of the stack can come to read: what it names, and all that is named by that, to the end."""

import ast
from functools import cache
from typing import NamedTuple

from tests.app import ROOT

READERS = {
    "secret_key": "SECRET_KEY",
    "admin_api_key": "ADMIN_API_KEY",
    "openai_api_key": "OPENAI_API_KEY",
    "chroma_token": "CHROMA_TOKEN",
    "notion_token": "NOTION_TOKEN",
    "bot_secrets": "BOT_SECRETS",
    "otlp_headers": "OTEL_EXPORTER_OTLP_HEADERS",
}


class _Name(NamedTuple):
    """A name at the top of a module."""

    module: str
    name: str


def read_by(function: str) -> set[str]:
    """The secrets that code of `functions/<function>` reaches: `settings.openai_api_key` in whatever it may call."""
    module = f"functions.{function}"
    seen, waiting = set[_Name](), [_Name(module, name) for name in _defined(module)]
    while waiting:
        one = waiting.pop()
        if one not in seen and one.module.startswith(("functions.", "shared.")) and one.module != "shared.settings":
            seen.add(one)
            waiting += _named_by(one)[0]
    return {READERS[attribute] for one in seen for attribute in _named_by(one)[1]}


@cache
def _named_by(one: _Name) -> tuple[frozenset[_Name], frozenset[str]]:
    """What stands in a definition: other names, and secrets that are taken from the settings."""
    node = _defined(one.module).get(one.name)
    if node is None:
        return frozenset(), frozenset()
    named, secrets = set[_Name](), set[str]()
    imported = _imported(one.module) | _imports(node)
    for part in ast.walk(node):
        match part:
            case ast.Attribute(value=ast.Name(id=of), attr=name) if of in imported and not imported[of].name:
                named.add(_Name(imported[of].module, name))
            case ast.Attribute(value=ast.Name(id="settings") | ast.Call(func=ast.Name(id="get_settings")), attr=name):
                secrets |= {name} & READERS.keys()
            case ast.Name(id=name) | ast.Constant(value=str(name)):  # a type that is imported for checkers alone
                named.add(imported.get(name, _Name(one.module, name)))
    return frozenset(named), frozenset(secrets)


@cache
def _is_module(name: str) -> bool:
    return name.startswith(("functions.", "shared.")) and ROOT.joinpath(*name.split(".")).with_suffix(".py").is_file()


@cache
def _tree(module: str) -> ast.Module:
    path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
    return ast.parse(path.read_text(encoding="utf-8") if path.is_file() else "")


@cache
def _defined(module: str) -> dict[str, ast.stmt]:
    """What stands at the top of a module, by name."""
    found: dict[str, ast.stmt] = {}
    for number, node in enumerate(_tree(module).body):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found[name] = node
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                found[name] = node
            case _ if not isinstance(node, ast.Import | ast.ImportFrom | ast.If):
                found[f"line {number}"] = node
    return found


@cache
def _imported(module: str) -> dict[str, _Name]:
    return {
        name: one
        for node in _tree(module).body
        if isinstance(node, ast.ImportFrom)
        for name, one in _names(node).items()
    }


def _imports(node: ast.AST) -> dict[str, _Name]:
    found = [_names(part) for part in ast.walk(node) if isinstance(part, ast.ImportFrom)]
    return {name: one for names in found for name, one in names.items()}


def _names(node: ast.ImportFrom) -> dict[str, _Name]:
    """What an import binds; a module stands as a name of nothing in itself."""
    found = {}
    for one in node.names:
        whole = f"{node.module}.{one.name}"
        found[one.asname or one.name] = _Name(whole, "") if _is_module(whole) else _Name(str(node.module), one.name)
    return found
