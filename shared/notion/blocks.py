"""Notion's blocks as Markdown, and what of them has no text. Pure functions over what `shared.notion.pages` has read.

A block is as the API tells it, with its own blocks, where it has any, as a list under `CHILDREN`.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from shared.notion.rich_text import code, is_followed, link, markdown, plain, typed

Json: TypeAlias = dict[str, Any]

CHILDREN = "haedap:children"  # a name that no block has
_LISTS = {"bulleted_list_item", "numbered_list_item", "to_do"}
_TRANSPARENT = {"column_list", "column", "synced_block", "tab"}  # nothing but what is in them
_SILENT = {"breadcrumb", "table_of_contents"}  # made from what is there: nothing is lost
_MEDIA = {"image", "video", "file", "pdf", "audio"}
_LINKS = {"bookmark", "embed", "link_preview"}
_HEADING = re.compile(r"heading_([1-6])")
_LINE_START = re.compile(r"(?m)^(?=#{1,6}(?:\s|$)|>|=+\s*$|-{2,}\s*$)")  # headings, quotes, underlines of headings


@dataclass
class Rendered:
    """Markdown of a page's blocks.

    Parameters
    ----------
    left_out
        How many blocks of each kind have left nothing in the text.
    pages, databases
        The ids of those that are below this page.
    """

    text: str = ""
    left_out: Counter[str] = field(default_factory=Counter)
    pages: list[str] = field(default_factory=list)
    databases: list[str] = field(default_factory=list)


def render(blocks: Sequence[Json]) -> Rendered:
    """All blocks of a page."""
    rendered = Rendered()
    rendered.text = _all(blocks, rendered)
    return rendered


def is_trashed(thing: Json) -> bool:
    """Whether a page or a block is in Notion's trash."""
    return any(thing.get(name) is True for name in ("archived", "in_trash", "is_archived"))


def _all(blocks: Sequence[Json], into: Rendered) -> str:
    said, before, number = "", "", 0
    for block in blocks:
        if is_trashed(block):
            continue
        kind = str(block.get("type"))
        number = number + 1 if kind == "numbered_list_item" else 0
        text = _one(kind, block, number, into)
        if not text:
            continue
        together = before == kind and kind in _LISTS
        said += ("\n" if together else "\n\n") * bool(said) + text
        before = kind
    return said


def _one(kind: str, block: Json, number: int, into: Rendered) -> str:
    """One block and all in it; nothing for one that has no text."""
    data = block.get(kind)
    data = data if isinstance(data, dict) else {}
    if kind in ("child_page", "child_database"):
        (into.pages if kind == "child_page" else into.databases).append(str(block.get("id")))
        return ""
    if kind == "table":
        return _table(data, _children(block))
    below = _all(_children(block), into)
    is_cut = block.get("has_children") and not _children(block)  # not shared, refused, or nested too deep
    if is_cut:
        into.left_out[kind] += 1
    if kind in _TRANSPARENT or kind in _SILENT:
        return below
    if (found := _HEADING.fullmatch(kind)) is not None:
        title = markdown(data.get("rich_text")).replace("\n", " ").strip()
        return _apart(f"{'#' * int(found[1])} {title}" if title else "", below)
    if (write := _WRITERS.get(kind)) is not None:
        return write(data, below, number)
    text = _linked(kind, data)
    if not text and not is_cut:
        into.left_out[kind] += 1
    return _apart(text or markdown(data.get("caption")).strip(), below)


def _paragraph(data: Json, below: str, _: int) -> str:
    return _apart(_LINE_START.sub(r"\\", markdown(data.get("rich_text")).strip()), below)


def _bullet(data: Json, below: str, _: int) -> str:
    return _item("- ", data, below)


def _numbered(data: Json, below: str, number: int) -> str:
    return _item(f"{number}. ", data, below)


def _to_do(data: Json, below: str, _: int) -> str:
    return _item("- [x] " if data.get("checked") else "- [ ] ", data, below)


def _toggle(data: Json, below: str, _: int) -> str:
    title = typed(plain(data.get("rich_text")).replace("\n", " ").strip())
    return _apart(f"**{title}**" if title else "", below)


def _quote(data: Json, below: str, _: int) -> str:
    return _quoted(_apart(markdown(data.get("rich_text")).strip(), below))


def _callout(data: Json, below: str, _: int) -> str:
    icon = data.get("icon")
    emoji = icon.get("emoji") if isinstance(icon, dict) else None
    text = markdown(data.get("rich_text")).strip()
    return _quoted(_apart(f"{emoji} {text}".strip() if isinstance(emoji, str) else text, below))


def _code(data: Json, below: str, _: int) -> str:
    text = plain(data.get("rich_text"))
    language = str(data.get("language") or "")
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    told = "" if language == "plain text" else language.replace("`", "").replace(" ", "-")
    said = f"{fence}{told}\n{text}\n{fence}" if text.strip() else ""
    return _apart(_apart(said, markdown(data.get("caption")).strip()), below)


def _equation(data: Json, below: str, _: int) -> str:
    expression = str(data.get("expression") or "").strip()
    return _apart(code(expression) if expression else "", below)


def _divider(data: Json, below: str, _: int) -> str:
    return _apart("---", below)


_WRITERS: dict[str, Callable[[Json, str, int], str]] = {
    "paragraph": _paragraph,
    "bulleted_list_item": _bullet,
    "numbered_list_item": _numbered,
    "to_do": _to_do,
    "toggle": _toggle,
    "quote": _quote,
    "callout": _callout,
    "code": _code,
    "equation": _equation,
    "divider": _divider,
}


def _linked(kind: str, data: Json) -> str:
    """An image that stands elsewhere, or a link. What was uploaded to Notion has an address that ends."""
    caption = plain(data.get("caption")).strip().replace("\n", " ")
    if kind in _MEDIA:
        external = data.get("external")
        address = external.get("url") if isinstance(external, dict) else None
    else:
        address = data.get("url") if kind in _LINKS else None
    if not isinstance(address, str) or not is_followed(address):
        return ""
    label = caption or ("" if kind == "image" else str(data.get("name") or address))
    said = link(typed(label, label=True), address)
    return f"!{said}" if kind == "image" else said


def _table(data: Json, rows: Sequence[Json]) -> str:
    """A table of Markdown has a header; one that Notion shows without has an empty one."""
    cells = [
        [markdown(cell).replace("\n", " ").replace("|", "\\|").strip() for cell in row["table_row"].get("cells") or []]
        for row in rows
        if isinstance(row.get("table_row"), dict) and not is_trashed(row)
    ]
    width = max(map(len, cells), default=0)
    if not width:
        return ""
    head, body = (cells[0], cells[1:]) if data.get("has_column_header") else ([], cells)
    lines = [head, ["---"] * width, *body]
    return "\n".join("| " + " | ".join(line + [""] * (width - len(line))) + " |" for line in lines)


def _item(marker: str, data: Json, below: str) -> str:
    text = markdown(data.get("rich_text")).strip()
    if not text and not below:
        return ""
    indent = " " * (2 if marker.startswith("-") else len(marker))
    return marker + f"{text}\n{below}".strip().replace("\n", f"\n{indent}")


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n")) if text else ""


def _apart(text: str, below: str) -> str:
    return "\n\n".join(filter(None, (text, below)))


def _children(block: Json) -> Sequence[Json]:
    children = block.get(CHILDREN)
    return children if isinstance(children, list) else []
