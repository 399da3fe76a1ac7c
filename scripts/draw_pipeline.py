"""Draw the steps of an answer from the code that takes them, as the Mermaid picture in docs/pipeline.md.

    python scripts/draw_pipeline.py            # writes the picture into docs/pipeline.md
    python scripts/draw_pipeline.py --check    # exit code 1 when the picture there is not the code's

What is drawn are the methods of `Answering`, from `events` on, and of those that take its steps, the functions of
`shared/answering` that they call, and the ports that they ask (rounded), each with the first sentence of its docstring.
Branches carry their condition, dotted arrows the failure that leads there, thick ones what runs beside the others.
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
ANSWERING = ROOT / "shared" / "answering"
DOCUMENT = ROOT / "docs" / "pipeline.md"
BEGIN, END = "<!-- drawn by scripts/draw_pipeline.py -->", "<!-- end of the drawing -->"
FIRST = "Answering.events"
FOLLOWED = ("Answering.", "Gathering.", "Lookup.", "Writing.", "Afterwards.")  # what the others call is theirs
PORTS = {"find": "Search", "fetch": "Facts", "choose": "ChatModel", "stream": "ChatModel"}
_PORT_FILES = ("retrieval/base.py", "sources/base.py", "llm/base.py")
_LEFT_OUT = {"in_thread", "_say", "add_text", "add", "lookup", "nearness", "normalize"}
_LONGEST_LABEL = 90


@dataclass
class Step:
    """A function that takes part: what it does, in a sentence, and its code."""

    name: str
    does: str
    body: Sequence[ast.stmt]


@dataclass
class Drawing:
    """Nodes and arrows, in the order of the code."""

    steps: dict[str, Step]
    nodes: list[str] = field(default_factory=list)
    arrows: list[tuple[str, str, str, str]] = field(default_factory=list)  # from, to, kind, label

    def follow(self, name: str) -> None:
        """Draw a step and all that it leads to."""
        if name in self.nodes:
            return
        self.nodes.append(name)
        if not name.startswith(FOLLOWED):
            return
        for called, kind, label in _calls(self.steps[name].body, self.steps):
            if called != name and (name, called, kind, label) not in self.arrows:
                self.arrows.append((name, called, kind, label))
                self.follow(called)

    def mermaid(self) -> str:
        """The picture."""
        lines = ["```mermaid", "flowchart TD"]
        for name in self.nodes:
            opened, closed = ("([", "])") if name.startswith(tuple(PORTS.values())) else ("[", "]")
            label = f'"<b>{_short(name)}</b><br/>{_text(self.steps[name].does)}"'
            lines.append(f"    {_id(name)}{opened}{label}{closed}")
        for start, end, kind, label in self.arrows:
            arrow = {"then": "-->", "fails": "-.->", "beside": "==>"}[kind]
            told = f'|"{_text(label)}"|' if label else ""
            lines.append(f"    {_id(start)} {arrow}{told} {_id(end)}")
        return "\n".join([*lines, "```"])


def read_steps(folder: Path) -> dict[str, Step]:
    """Every function that can be drawn: methods as `Class.name`, functions as `name`."""
    steps = {}
    for path in [*sorted(folder.glob("*.py")), *(folder.parent / name for name in _PORT_FILES)]:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            for one in node.body if isinstance(node, ast.ClassDef) else [node]:
                if not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) or one.name in _LEFT_OUT:
                    continue
                if one.decorator_list or not (does := ast.get_docstring(one)):
                    continue
                owner = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
                steps[f"{owner}{one.name}"] = Step(one.name, _first_sentence(does), one.body)
    return steps


def draw(folder: Path = ANSWERING, first: str = FIRST) -> str:
    """The picture of the pipeline in a folder."""
    drawing = Drawing(read_steps(folder))
    drawing.follow(first)
    return drawing.mermaid()


def _calls(
    body: Sequence[ast.stmt], steps: dict[str, Step], label: str = "", kind: str = "then"
) -> Iterator[tuple[str, str, str]]:
    """The steps that some statements take: which, how (`then`, `fails`, `beside`), and under what condition."""
    for statement in body:
        match statement:
            case ast.If():
                condition = ast.unparse(statement.test)
                yield from _named(statement.test, steps, label, kind)
                yield from _calls(statement.body, steps, condition, kind)
                yield from _calls(statement.orelse, steps, f"not ({condition})" if statement.orelse else "", kind)
            case ast.Try():
                yield from _calls(statement.body, steps, label, kind)
                for handler in statement.handlers:
                    caught = ast.unparse(handler.type) if handler.type else "any failure"
                    yield from _calls(handler.body, steps, caught, "fails")
                yield from _calls([*statement.orelse, *statement.finalbody], steps, label, kind)
            case ast.With() | ast.AsyncWith():
                for item in statement.items:
                    yield from _named(item.context_expr, steps, label, kind)
                yield from _calls(statement.body, steps, label, kind)
            case ast.For() | ast.AsyncFor():
                yield from _named(statement.iter, steps, label, kind)
                yield from _calls(statement.body, steps, label, kind)
            case _:
                yield from _named(statement, steps, label, kind)


def _named(node: ast.AST, steps: dict[str, Step], label: str, kind: str) -> Iterator[tuple[str, str, str]]:
    """The steps that an expression calls, or hands to a thread."""
    calls = [one for one in ast.walk(node) if isinstance(one, ast.Call)]
    at_once = any(ast.unparse(one.func) in ("asyncio.create_task", "asyncio.gather") for one in calls)
    for one in calls:
        handed = one.args[:1] if ast.unparse(one.func) == "in_thread" else []
        for name in filter(None, (_target(called, steps) for called in [one.func, *handed])):
            yield name, "beside" if at_once else kind, label


def _target(called: ast.expr, steps: dict[str, Step]) -> str | None:
    match called:
        case ast.Name(id=name):
            return name if name in steps and not name.startswith("_") else None
        case ast.Attribute(attr=name) if name in PORTS:
            return f"{PORTS[name]}.{name}"
        case ast.Attribute(attr=name):
            owners = [f"{owner}{name}" for owner in (*FOLLOWED, "Gate.") if f"{owner}{name}" in steps]
            return owners[0] if owners else None
        case _:
            return None


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=[.:;])\s", " ".join(text.split("\n\n")[0].split()), maxsplit=1)[0].rstrip(".:;")


def _id(name: str) -> str:
    return name.replace(".", "_")


def _short(name: str) -> str:
    return name.rpartition(".")[2].lstrip("_").replace("_", " ")


def _text(text: str) -> str:
    cut = text if len(text) <= _LONGEST_LABEL else f"{text[: _LONGEST_LABEL - 1]}…"
    return cut.replace('"', "'").replace("`", "").replace("<", "&lt;").replace(">", "&gt;")


def main(arguments: list[str] | None = None) -> int:
    """Write or check the picture. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    check: bool = parser.parse_args(arguments).check
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    drawn = f"{before}{BEGIN}\n\n{draw()}\n\n{END}{after}"
    if check:
        if drawn != text:
            print(f"{DOCUMENT}: the picture is not the code's: run scripts/draw_pipeline.py", file=sys.stderr)
        return int(drawn != text)
    DOCUMENT.write_text(drawn, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
