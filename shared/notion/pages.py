"""Reading one of Notion's pages: its properties and all its blocks, as a content's fields."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from shared.notion.blocks import CHILDREN, is_trashed, render
from shared.notion.errors import NotionForbidden, NotionNotFound
from shared.notion.properties import PropertyNames, fields_of_page, related_ids, title_of

Json: TypeAlias = dict[str, Any]

MAX_DEPTH = 12  # of blocks in one another; Notion's own pages stay far below
_SAYS = re.compile(r"[^\W_]")  # a divider, or a table of empty cells, does not
_UNTOLD = {"child_page", "child_database", "unsupported"}  # the last says that it has blocks, and Notion refuses them


class Reading(Protocol):
    """What of Notion can be read: `shared.notion.api.Session`, and what its methods raise."""

    def database(self, database_id: str) -> Json:
        """See `Session.database`."""

    def page(self, page_id: str) -> Json:
        """See `Session.page`."""

    def rows(self, data_source_id: str, cursor: str | None, created_from: str | None) -> Json:
        """See `Session.rows`."""

    def children(self, block_id: str, cursor: str | None) -> Json:
        """See `Session.children`."""

    def property_items(self, page_id: str, property_id: str, cursor: str | None) -> Json:
        """See `Session.property_items`."""


@dataclass
class PageRead:
    """A page as a content.

    Parameters
    ----------
    fields
        Of `shared.content_editing.ContentEdit`; nothing for a page without any text.
    left_out
        Kinds of blocks that have left nothing in the text, and how many.
    pages, databases
        What is below the page, by id.
    """

    title: str
    fields: Json = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    pages: list[str] = field(default_factory=list)
    databases: list[str] = field(default_factory=list)


def faq_id_of(page_id: str) -> str:
    """The id of the content that a page becomes. It is the page's for life, wherever it is moved and however called."""
    return f"notion-{UUID(page_id).hex}"


def read_page(notion: Reading, page: Json, names: PropertyNames) -> PageRead:
    """A page, with all its blocks. It raises what `notion` does."""
    page_id = str(page["id"])
    rendered = render(_blocks(notion, page_id, MAX_DEPTH))
    read = PageRead(title_of(page), {}, rendered.left_out, rendered.pages, rendered.databases)
    if _SAYS.search(rendered.text):
        properties = page.get("properties")
        named = names.of(properties if isinstance(properties, dict) else {})
        read.fields = {"title": read.title, **fields_of_page(named, rendered.text, page.get("public_url"))}
        if "related" in named:
            read.fields["related_ids"] = [faq_id_of(one) for one in _related(notion, page_id, named["related"])]
    return read


def _related(notion: Reading, page_id: str, prop: Json) -> list[str]:
    """All pages of a relation: a page tells 25 of them."""
    if not prop.get("has_more"):
        return related_ids(prop)
    found: list[str] = []
    cursor: str | None = None
    while True:
        part = notion.property_items(page_id, str(prop.get("id")), cursor)
        found += [str(one["relation"]["id"]) for one in part.get("results") or [] if one.get("type") == "relation"]
        cursor = part.get("next_cursor")
        if not part.get("has_more") or not cursor:
            return found


def _blocks(notion: Reading, parent: str, depth: int) -> list[Json]:
    """The blocks in a block or a page, each with its own."""
    found: list[Json] = []
    cursor: str | None = None
    while True:
        part = notion.children(parent, cursor)
        found += [{**one, CHILDREN: _below(notion, one, depth)} for one in part.get("results") or []]
        cursor = part.get("next_cursor")
        if not part.get("has_more") or not cursor:
            return found


def _below(notion: Reading, block: Json, depth: int) -> list[Json]:
    kind = block.get("type")
    if not block.get("has_children") or kind in _UNTOLD or is_trashed(block) or not depth:
        return []
    synced = block.get("synced_block") if kind == "synced_block" else None
    source = synced.get("synced_from") if isinstance(synced, dict) else None
    elsewhere = source.get("block_id") if isinstance(source, dict) else None
    try:
        return _blocks(notion, str(elsewhere or block["id"]), depth - 1)
    except NotionForbidden:
        if not elsewhere:
            raise
        return []
    except NotionNotFound:  # not shared, of a kind that the API refuses, or just deleted: told as left out
        return []
