"""Reading a database, or a page and all below it, into a source: what has changed since the last run, and what is gone.

A run goes through what is to be read node by node and keeps in the store how far it has come, after every few pages;
one that was cut short, or has no time left, is gone on with by the next. Every page that is met is marked with the run;
pages that were known and have no mark at its end are gone. Notion tells of a page when it was edited, to the minute:
one that was edited in the minute when it was read is read once more.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from shared.content_changes import Incoming
from shared.errors import AppError, FieldProblem
from shared.notion.blocks import is_trashed
from shared.notion.drafts import Desk, Fetched, draft, remove
from shared.notion.errors import BadCursor, NotionNotFound, NotionRefused, NotionUnavailable, OutOfTime
from shared.notion.memory import KnownPage, Memory, Node, Run
from shared.notion.pages import PageRead, Reading, faq_id_of, read_page
from shared.notion.properties import PropertyNames, title_of
from shared.notion.report import NotionReport
from shared.notion.target import Target

Json: TypeAlias = dict[str, Any]

_SETTLED = timedelta(minutes=2)  # a minute, and that clocks differ
_AT_ONCE = 10  # pages that are drafted together
_MAX_WAITING = 1_000  # nodes: they are kept in one item of the store
_TOO_LONG = "블록이 많아 한 번에 읽을 수 없습니다. scripts/notion_sync.py로 가져와 주세요."
_NOT_GIVEN = "Notion에서 읽을 수 없습니다. 지웠거나, 연동과 공유하지 않은 문서입니다."
_NO_TITLE = "제목이 없습니다."


class TooMuchBelow(AppError):
    """A page has more pages below it than a run can keep in mind."""

    status, code = 422, "notion_too_large"
    default_message = "아래에 페이지가 너무 많습니다. 더 아래의 페이지나 데이터베이스를 골라 주세요."


@dataclass(frozen=True)
class Order:
    """What is to be read.

    Parameters
    ----------
    address
        The target as the operator has named it.
    full
        Read pages, too, that were not edited since.
    """

    target: Target
    address: str = ""
    names: PropertyNames = field(default_factory=PropertyNames)
    full: bool = False


def sync(
    order: Order,
    open_notion: Callable[[Callable[[], None]], Reading],
    memory: Memory,
    desk: Desk,
    told: Callable[[NotionReport], None] = lambda report: None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> NotionReport:
    """Go on with a run, or begin one, and go as far as there is time.

    Parameters
    ----------
    open_notion
        Gives what is read from; it calls what it is given before every request.
    told
        Called after every page.

    Raises
    ------
    NotionSyncRunning, TooMuchBelow, StoreUnavailable
        And what reading raises. What was done until then stays; the next run goes on from there.
    """
    run = memory.begin(_mark(order, desk), order.address, order.names)
    report, kept, finished = run.report, True, False
    report.more, report.retry_after_seconds = True, None
    try:
        _Work(order, open_notion(memory.renew), memory, desk, run, told, clock).go()
        report.more, kept, finished = False, False, True
    except OutOfTime as error:
        report.retry_after_seconds = error.retry_after_seconds
    except (NotionNotFound, TooMuchBelow):  # it would be no better when gone on with
        kept = False
        raise
    finally:
        memory.leave(run if kept else None, finished=finished)
    return report


class _Work:
    """One call's part of a run."""

    def __init__(
        self,
        order: Order,
        notion: Reading,
        memory: Memory,
        desk: Desk,
        run: Run,
        told: Callable[[NotionReport], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._order, self._notion, self._memory, self._desk = order, notion, memory, desk
        self._run, self._told, self._clock = run, told, clock
        self._report = run.report
        self._read_as = _digest(order.names.model_dump(exclude_none=True))
        self._is_first = True  # thing that this call does

    def go(self) -> None:
        """Until nothing waits any more, and what is gone was told."""
        target = self._order.target
        if not self._run.waiting and not self._report.pages:
            self._run.waiting = [Node(kind=target.kind, id=target.id)]
        while self._run.waiting:
            node = self._run.waiting[0]
            match node.kind:
                case "page":
                    self._page(node)
                case "database":
                    self._database(node)
                case _:
                    self._data_source(node)
            if len(self._run.waiting) > _MAX_WAITING:
                raise TooMuchBelow
            self._is_first = False
            self._memory.save(self._run)
        for page in self._memory.vanished(self._run):
            self._memory.renew()
            if self._memory.elsewhere(page.page_id) or remove(page, self._desk, self._report):
                self._memory.forget(page)

    def _page(self, node: Node) -> None:
        """A page of a tree; those below it come next."""
        if not self._memory.seen([node.id], self._run):
            try:
                page = self._notion.page(node.id)
            except NotionNotFound as error:
                self._unread(node, error)
            else:
                if not is_trashed(page):
                    self._pages([page])
                elif self._is_root(node):
                    raise NotionNotFound
        self._run.waiting.remove(node)

    def _database(self, node: Node) -> None:
        """A database is a list of data sources."""
        try:
            database = self._notion.database(node.id)
        except NotionNotFound as error:
            self._unread(node, error)
            database = {}
        if is_trashed(database):
            if self._is_root(node):
                raise NotionNotFound
            database = {}
        sources = [str(one["id"]) for one in database.get("data_sources") or []]
        self._run.waiting[:1] = [Node(kind="data_source", id=one) for one in sources]

    def _data_source(self, node: Node) -> None:
        """The next hundred pages of a data source."""
        try:
            part = self._notion.rows(node.id, node.cursor, node.created_from)
        except NotionNotFound as error:
            if self._order.target.kind == "database":
                raise
            self._unread(node, error)
            self._run.waiting.remove(node)
            return
        except BadCursor:  # it was left too long ago: those that are done are passed over
            node.cursor = node.created_from = None
            return
        rows = [one for one in part.get("results") or [] if one.get("object") == "page"]
        self._pages([one for one in rows if not is_trashed(one)])
        cursor = part.get("next_cursor")
        if part.get("has_more") and cursor:
            node.cursor = str(cursor)
        elif (part.get("request_status") or {}).get("type") == "incomplete":  # ten thousand were given
            last = str(rows[-1].get("created_time")) if rows else None
            if last is None or last == node.created_from:
                raise NotionUnavailable(detail="a data source gives no more of its pages, and is not at its end")
            node.cursor, node.created_from = None, last
        else:
            self._run.waiting.remove(node)

    def _pages(self, pages: Sequence[Json]) -> None:
        """Pages with their properties, those of one answer of Notion's."""
        ids = [str(one["id"]) for one in pages]
        seen = self._memory.seen(ids, self._run)
        known = self._memory.known(ids)
        fetched: list[Fetched] = []
        marked: list[KnownPage] = []
        try:
            for page in (one for one in pages if str(one["id"]) not in seen):
                self._one(page, known.get(str(page["id"])), fetched, marked)
                if len(fetched) + len(marked) >= _AT_ONCE:
                    self._flush(fetched, marked, known)
        finally:  # what was read is not read again
            self._flush(fetched, marked, known)

    def _one(self, page: Json, known: KnownPage | None, fetched: list[Fetched], marked: list[KnownPage]) -> None:
        edited_at, at = str(page.get("last_edited_time")), self._clock()
        now = KnownPage(page_id=str(page["id"]), edited_at=edited_at, settled=_is_settled(edited_at, at))
        now.run, now.read_as = self._run.run_id, self._read_as
        if known is not None and self._is_same(known, now):
            marked.append(known.model_copy(update={"run": self._run.run_id}))
            self._report.unchanged += 1
            self._below(known.pages, known.databases)
        elif (read := self._read(page, known, marked)) is not None:
            now.pages, now.databases = read.pages, read.databases
            self._below(read.pages, read.databases)
            self._report.count_left_out(read.left_out)
            if read.fields:
                problems = [] if read.title else [FieldProblem("title", _NO_TITLE)]
                fetched.append(Fetched(now, Incoming(read.fields, faq_id_of(now.page_id), problems=problems)))
            elif known is not None and known.wrote is not None and not remove(known, self._desk, self._report):
                marked.append(known.model_copy(update={"run": self._run.run_id, "settled": False}))
            else:
                marked.append(now)
                if not (read.pages or read.databases):
                    self._report.tell("empty", read.title)
        self._is_first = False
        self._report.pages += 1
        self._told(self._report)

    def _is_same(self, known: KnownPage, now: KnownPage) -> bool:
        """Whether there is nothing to be read that was not read before."""
        same = known.edited_at == now.edited_at and known.read_as == now.read_as
        return same and known.settled and not self._order.full

    def _read(self, page: Json, known: KnownPage | None, marked: list[KnownPage]) -> PageRead | None:
        """A page with its blocks; nothing for one that cannot be read."""
        title = title_of(page)
        kept = known or KnownPage(page_id=str(page["id"]))
        try:
            read = read_page(self._notion, page, self._order.names)
        except NotionNotFound as error:
            if known is not None and not isinstance(error, NotionRefused):
                return None  # as one that is gone
            self._report.tell("unreadable", title, why=_NOT_GIVEN)
        except OutOfTime as error:
            if not self._is_first or error.retry_after_seconds is not None:
                raise
            self._report.tell("unreadable", title, why=_TOO_LONG)
        else:
            if self._order.target.kind == "database":  # its pages alone: those below them are told as left out
                read.left_out["child_page"] += len(read.pages)
                read.left_out["child_database"] += len(read.databases)
                read.left_out, read.pages, read.databases = +read.left_out, [], []
            return read
        marked.append(kept.model_copy(update={"run": self._run.run_id, "settled": False}))
        return None

    def _flush(self, fetched: list[Fetched], marked: list[KnownPage], known: dict[str, KnownPage]) -> None:
        done = draft(fetched, known, self._desk, self._report) if fetched else []
        self._memory.save(self._run)  # what is below these pages, before they are marked as done
        self._memory.put([*marked, *done])
        fetched.clear()
        marked.clear()

    def _below(self, pages: Sequence[str], databases: Sequence[str]) -> None:
        found = [Node(kind="page", id=one) for one in pages] + [Node(kind="database", id=one) for one in databases]
        self._run.waiting[1:1] = found

    def _unread(self, node: Node, error: NotionNotFound) -> None:
        """Below the target something may be gone or not be shared; the target itself has to be there."""
        if self._is_root(node):
            raise error
        self._report.tell("unreadable", "", why=_NOT_GIVEN)

    def _is_root(self, node: Node) -> bool:
        return node.id == self._order.target.id


def _mark(order: Order, desk: Desk) -> str:
    asked = [order.names.model_dump(exclude_none=True), order.full, desk.overwrite, desk.dry_run]
    return _digest(asked)


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]


def _is_settled(edited_at: str, at: datetime) -> bool:
    try:
        return at - datetime.fromisoformat(edited_at) >= _SETTLED
    except (ValueError, TypeError):  # no time, or one without an offset
        return False
