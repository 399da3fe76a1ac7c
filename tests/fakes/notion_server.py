"""A server on 127.0.0.1 that speaks the part of Notion's API (version 2025-09-03) that haedap reads.

>>> with FakeNotion() as notion:
...     faq = notion.add_database("도움말")
...     page = notion.add_page("배송은 언제 오나요?", [paragraph("내일 옵니다.")], faq)

It checks the token and the version, gives lists a few at a time, and knows the trash, what is not shared, and what may
not be read. Fed answers come first, in order.
"""

import json
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid5

Json: TypeAlias = dict[str, Any]

TOKEN = "ntn_0123456789abcdefghijklmnopqrstuvwxyz"  # made up
VERSION = "2025-09-03"
LONG_AGO = "2026-11-01T09:00:00.000Z"
_NAMESPACE = UUID(int=7)


@dataclass(frozen=True)
class Fed:
    """What the server says instead of answering."""

    status: int
    code: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None


def rich(text: str, href: str | None = None, **annotations: bool) -> Json:
    """One piece of rich text."""
    return {
        "type": "text",
        "text": {"content": text, "link": {"url": href} if href else None},
        "annotations": annotations,
        "plain_text": text,
        "href": href,
    }


def block(kind: str, *texts: str | Json, children: Sequence[Json] = (), **data: Any) -> Json:
    """A block; `children` become its own blocks."""
    pieces = [rich(one) if isinstance(one, str) else one for one in texts]
    return {"type": kind, kind: {"rich_text": pieces, **data} if pieces else data, "blocks": list(children)}


def paragraph(*texts: str | Json, children: Sequence[Json] = ()) -> Json:
    return block("paragraph", *texts, children=children)


def table(*rows: Sequence[str], header: bool = True) -> Json:
    cells = [block("table_row", cells=[[rich(cell)] for cell in row]) for row in rows]
    return block("table", children=cells, table_width=len(rows[0]), has_column_header=header)


def select(name: str | None) -> Json:
    return {"type": "select", "select": {"name": name} if name else None}


def multi_select(*names: str) -> Json:
    return {"type": "multi_select", "multi_select": [{"name": one} for one in names]}


def text_property(text: str) -> Json:
    return {"type": "rich_text", "rich_text": [rich(text)] if text else []}


def date_property(start: str | None, end: str | None = None) -> Json:
    return {"type": "date", "date": {"start": start, "end": end} if start else None}


class FakeNotion:
    """The server, in a thread of its own.

    Parameters
    ----------
    page_size
        How much it gives at once, at most.
    query_limit
        How many pages one query gives in all.
    """

    def __init__(self, page_size: int = 100, query_limit: int = 10_000) -> None:
        self.page_size, self.query_limit = page_size, query_limit
        self.pages: dict[str, Json] = {}
        self.blocks: dict[str, list[Json]] = {}
        self.databases: dict[str, Json] = {}
        self.rows: dict[str, list[str]] = {}  # of data sources
        self.unshared: set[str] = set()
        self.refused: set[str] = set()  # pages and blocks in which something is that the API does not tell
        self.fed: deque[Fed] = deque()
        self.received: list[tuple[str, str]] = []
        self._made = 0
        notion = self

        class Handler(BaseHTTPRequestHandler):
            def _take(self) -> None:
                notion._answer(self)

            do_GET = do_POST = _take  # noqa: N815  # the base class's names

            def log_message(self, format: str, *arguments: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def enqueue(self, *answers: Fed) -> None:
        """Feed answers to the next requests."""
        self.fed.extend(answers)

    def asked(self, part: str) -> int:
        """How many requests had this in their path so far."""
        return sum(part in path for _, path in self.received)

    def add_database(self, title: str, sources: int = 1, parent: str | None = None) -> str:
        """A database with so many data sources; its id."""
        database_id = self._id()
        ids = [self._id() for _ in range(sources)]
        self.rows |= {one: [] for one in ids}
        listed = [{"id": one, "name": f"{title} {n}"} for n, one in enumerate(ids)]
        self.databases[database_id] = {
            "object": "database",
            "id": database_id,
            "title": [rich(title)],
            "data_sources": listed,
            "in_trash": False,
        }
        if parent is not None:
            child = {"id": database_id, "type": "child_database", "child_database": {"title": title}}
            self.blocks[parent].append({"object": "block", **child, "has_children": True})
        return database_id

    def add_page(
        self, title: str, blocks: Sequence[Json] = (), parent: str | None = None, source: int = 0, **properties: Json
    ) -> str:
        """A page of a database, below another page, or at the top; its id."""
        page_id = self._id()
        named: Json = {"이름": {"id": "title", "type": "title", "title": [rich(title)]}, **properties}
        self.pages[page_id] = {
            "object": "page",
            "id": page_id,
            "created_time": f"2026-10-01T00:{self._made // 60 % 60:02d}:{self._made % 60:02d}.000Z",
            "last_edited_time": LONG_AGO,
            "in_trash": False,
            "archived": False,
            "url": f"https://www.notion.so/{UUID(page_id).hex}",
            "public_url": None,
            "properties": named,
        }
        self.blocks[page_id] = self._stored(blocks)
        if parent in self.databases:
            self.rows[self.databases[parent]["data_sources"][source]["id"]].append(page_id)
        elif parent is not None:
            child = {"id": page_id, "type": "child_page", "child_page": {"title": title}}
            self.blocks[parent].append({"object": "block", **child, "has_children": bool(blocks)})
        return page_id

    def edit(self, page_id: str, blocks: Sequence[Json], at: str = "2026-11-02T09:00:00.000Z") -> None:
        """Other blocks in a page, but those of pages below it."""
        below = [one for one in self.blocks[page_id] if one["type"] in ("child_page", "child_database")]
        self.blocks[page_id] = [*self._stored(blocks), *below]
        self.pages[page_id]["last_edited_time"] = at

    def trash(self, page_id: str) -> None:
        """Put a page into the trash: its parents do not list it any more."""
        self.pages[page_id] |= {"in_trash": True, "archived": True}
        for blocks in self.blocks.values():
            blocks[:] = [one for one in blocks if one["id"] != page_id]

    def _id(self) -> str:
        self._made += 1
        return str(uuid5(_NAMESPACE, str(self._made)))

    def _stored(self, blocks: Sequence[Json]) -> list[Json]:
        stored = []
        for one in blocks:
            own = {"object": "block", "id": self._id(), "in_trash": False, **one}
            children = own.pop("blocks", [])
            own.setdefault("has_children", bool(children))
            self.blocks[str(own["id"])] = self._stored(children)
            if own["type"] == "unsupported":
                self.refused.add(str(own["id"]))
            stored.append(own)
        return stored

    def __enter__(self) -> "FakeNotion":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers.get("Content-Length", 0))) or b"{}")
        self.received.append((handler.command, handler.path))
        if self.fed:
            fed = self.fed.popleft()
            said = _error(fed.status, fed.code)[1] if fed.body is None else fed.body
            self._say(handler, fed.status, said, fed.headers)
        elif handler.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._say(handler, *_error(401, "unauthorized"))
        elif handler.headers.get("Notion-Version") != VERSION:
            self._say(handler, *_error(400, "missing_version"))
        else:
            parts = urlsplit(handler.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()} | body
            status, answer = self._usual(handler.command, parts.path.removeprefix("/v1/").split("/"), asked)
            self._say(handler, status, answer)

    def _usual(self, method: str, path: list[str], asked: Json) -> tuple[int, bytes]:
        if any(one in self.unshared for one in path):
            return _error(404, "object_not_found")
        match method, path:
            case "GET", ["blocks", one, "children"] if one in self.refused:
                return _error(400, "validation_error")
            case "GET", ["pages", one] if one in self.pages:
                return 200, _json(self.pages[one])
            case "GET", ["pages", one, "properties", name] if one in self.pages:
                return self._relation(one, name, asked)
            case "GET", ["databases", one] if one in self.databases:
                return 200, _json(self.databases[one])
            case "POST", ["data_sources", one, "query"] if one in self.rows:
                return self._query(one, asked)
            case "GET", ["blocks", one, "children"] if one in self.blocks:
                return self._list(self.blocks[one], asked)
            case _:
                return _error(404, "object_not_found")

    def _relation(self, page_id: str, name: str, asked: Json) -> tuple[int, bytes]:
        found = next(one for one in self.pages[page_id]["properties"].values() if one.get("id") == name)
        return self._list([{"type": "relation", "relation": one} for one in found["all"]], asked)

    def _query(self, source_id: str, asked: Json) -> tuple[int, bytes]:
        rows = [self.pages[one] for one in self.rows[source_id] if not self.pages[one]["in_trash"]]
        since = asked.get("filter", {}).get("created_time", {}).get("on_or_after", "")
        rows = sorted((one for one in rows if one["created_time"] >= since), key=lambda one: str(one["created_time"]))
        cut = len(rows) > self.query_limit
        incomplete = {"type": "incomplete", "incomplete_reason": "query_result_limit_reached"}
        return self._list(rows[: self.query_limit], asked, {"request_status": incomplete} if cut else {})

    def _list(self, items: Sequence[Json], asked: Json, more: Json | None = None) -> tuple[int, bytes]:
        cursor = str(asked.get("start_cursor", "from-0"))
        if not cursor.startswith("from-") or int(cursor[5:]) > len(items):
            return _error(400, "validation_error")
        start = int(cursor[5:])
        end = start + min(self.page_size, int(asked.get("page_size", 100)))
        following = f"from-{end}" if end < len(items) else None
        listed = {"object": "list", "results": items[start:end], "next_cursor": following}
        return 200, _json({**listed, "has_more": following is not None, **(more or {})})

    @staticmethod
    def _say(handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        handler.send_response_only(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode()


def _error(status: int, code: str) -> tuple[int, bytes]:
    return status, _json({"object": "error", "status": status, "code": code, "message": f"no: {TOKEN}"})
