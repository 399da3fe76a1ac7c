"""What is known of earlier runs: the pages that were read, how far a run has come, what was read last. No secrets.

In the table `contents`, a partition for each database or page that is read into a source, with an item for each of its
pages; and one that lists these. A dry run keeps its own beside them, for an hour, and changes none of the others.
"""

# ruff: noqa: RUF012 (pydantic copies defaults; the linter does not see through `Model`)

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import Field
from ulid import ULID

from shared.models import Model
from shared.notion.errors import NotionNotFound, NotionSyncRunning
from shared.notion.properties import PropertyNames
from shared.notion.report import NotionReport
from shared.notion.target import Target
from shared.storage import keys
from shared.storage.base import MAX_MANY, Clock, ConditionFailed, Item, Store, now

HELD_SECONDS = 45  # that a run which was killed keeps others out; one that is alive renews it
_RENEWED_SECONDS = 10
_DRY_SECONDS = 3_600
_RUN_SECONDS = 86_400  # that a run which was cut short can be gone on with; then one begins anew
_PAGE = 200


class KnownPage(Model):
    """A page as it was read last.

    Parameters
    ----------
    edited_at
        Notion's `last_edited_time` then, which is rounded down to the minute.
    settled
        Whether that minute had passed, so that a later edit has another time.
    wrote
        Digest of the fields that the run left in the content; none where it left none.
    fields
        Their names.
    read_as
        Digest of the names of properties that it was read with.
    pages, databases
        What is below it, by id.
    run
        The run that has seen it last.
    """

    page_id: str
    edited_at: str = ""
    settled: bool = False
    wrote: str | None = None
    fields: list[str] = []
    read_as: str = ""
    pages: list[str] = []
    databases: list[str] = []
    run: str = ""


class Node(Model):
    """Something that a run still has to read.

    Parameters
    ----------
    cursor
        Where the next hundred pages of a data source begin.
    created_from
        Where its present query does.
    """

    kind: Literal["page", "database", "data_source"]
    id: str
    cursor: str | None = None
    created_from: str | None = None


class Run(Model):
    """A run that is under way, or was cut short."""

    run_id: str = Field(default_factory=lambda: str(ULID()))
    mark: str = Field("", description="Digest of what it was asked for: another one begins anew")
    started_at: float = 0
    waiting: list[Node] = []
    report: NotionReport = NotionReport()


class KnownTarget(Model):
    """A database or page that was read into a source before.

    Parameters
    ----------
    open
        Whether it was read by who may name any, so that the source's editors may have it read again.
    """

    target: Target
    address: str = ""
    names: PropertyNames = PropertyNames()
    started_at: datetime | None = None
    finished_at: datetime | None = None
    unfinished: bool = False
    open: bool = False


class Memory:
    """What is known of one target of a source. Verbs raise `StoreUnavailable`.

    Parameters
    ----------
    dry
        Keep what this run does apart, and for an hour only.
    opens
        Whether the source's editors may have the target read from now on.
    """

    def __init__(
        self,
        store: Store,
        source_id: str,
        target: Target,
        dry: bool = False,
        clock: Clock = now,
        *,
        opens: bool = False,
    ) -> None:
        self._opens = opens
        self._store, self._source_id, self._target, self._dry, self._clock = store, source_id, target, dry, clock
        self._list = keys.notion_pk(source_id, dry=dry)
        self._pages = keys.notion_pages_pk(source_id, target.id)
        self._seen = keys.notion_pages_pk(source_id, target.id, dry=dry)
        self._holder = ""
        self._renewed = 0.0

    def begin(self, mark: str, address: str, names: PropertyNames) -> Run:
        """Hold the target, and go on with the run that was cut short if it was asked for the same, else begin one.

        Raises
        ------
        NotionSyncRunning
            When another run holds it.
        """
        item = self._store.get("contents", self._list, self._target.id)
        at, holder = self._clock(), str(ULID())
        if item is not None and item.get("held_until", 0) > at:
            raise NotionSyncRunning
        run = self._resumed(item, mark, at) or Run(mark=mark, started_at=at, report=NotionReport(dry_run=self._dry))
        head = {
            "target": self._target.model_dump(mode="json"),
            "address": address,
            "names": names.model_dump(mode="json", exclude_none=True),
            "started_at": run.started_at,
            "finished_at": item.get("finished_at") if item else None,
            **self._held(run, holder),
            **({"open": True} if self._opens else {}),
        }
        try:
            if item is None:
                body = {"pk": self._list, "sk": self._target.id, **head}
                self._store.put("contents", body, if_absent=True, expires_at=self._ends())
            else:
                was = {"holder": item.get("holder")}
                self._store.update("contents", self._list, self._target.id, head, if_=was, expires_at=self._ends())
        except ConditionFailed as error:
            raise NotionSyncRunning from error
        self._holder, self._renewed = holder, at
        return run

    def save(self, run: Run) -> None:
        """Keep how far the run has come. Raises `NotionSyncRunning` when another one has taken over."""
        self._change(self._held(run, self._holder))

    def renew(self) -> None:
        """Go on holding the target: called often, it asks the store seldom. Raises as `save` does."""
        if self._clock() - self._renewed > _RENEWED_SECONDS:
            self._change({"held_until": self._clock() + HELD_SECONDS})

    def leave(self, run: Run | None, *, finished: bool = False) -> None:
        """Let go of the target. A run that is given is gone on with by the next."""
        head: dict[str, Any] = {"run": run.model_dump(mode="json") if run else None, "held_until": 0}
        self._change({**head, "finished_at": self._clock()} if finished else head)

    def known(self, page_ids: Sequence[str]) -> dict[str, KnownPage]:
        """Those of some pages that were read before."""
        return {one.page_id: one for one in map(_known, self._read(self._pages, page_ids))}

    def seen(self, page_ids: Sequence[str], run: Run) -> set[str]:
        """Those of some pages that this run has done already."""
        return {str(item["sk"]) for item in self._read(self._seen, page_ids) if item.get("run") == run.run_id}

    def put(self, pages: Iterable[KnownPage]) -> None:
        """Remember pages as they are now."""
        ends = self._ends()
        self._store.batch_put(
            "contents",
            [
                {
                    "pk": self._seen,
                    "sk": one.page_id,
                    **one.model_dump(mode="json"),
                    **({"expires_at": ends} if ends else {}),
                }
                for one in pages
            ],
        )

    def vanished(self, run: Run) -> Iterator[KnownPage]:
        """The pages that were read before and that this run has not met."""
        for items in self._partition(self._pages):
            seen = self.seen([str(one["sk"]) for one in items], run) if self._dry else set()
            for one in map(_known, items):
                if one.run != run.run_id and one.page_id not in seen:
                    yield one

    def forget(self, page: KnownPage) -> None:
        """A page is gone; a dry run leaves it."""
        if not self._dry:
            self._store.delete("contents", self._pages, page.page_id)

    def elsewhere(self, page_id: str) -> bool:
        """Whether another database or page that is read into the same source holds it, too."""
        others = (one.target.id for one in targets(self._store, self._source_id) if one.target.id != self._target.id)
        return any(
            self._store.get("contents", keys.notion_pages_pk(self._source_id, one), page_id) is not None
            for one in others
        )

    def _resumed(self, item: Item | None, mark: str, at: float) -> Run | None:
        if item is None or not item.get("run"):
            return None
        run = Run.model_validate(item["run"])
        return run if run.mark == mark and at - run.started_at < _RUN_SECONDS else None

    def _held(self, run: Run, holder: str) -> dict[str, Any]:
        return {"run": run.model_dump(mode="json"), "holder": holder, "held_until": self._clock() + HELD_SECONDS}

    def _change(self, changes: dict[str, Any]) -> None:
        try:
            self._store.update("contents", self._list, self._target.id, changes, if_={"holder": self._holder})
        except ConditionFailed as error:
            raise NotionSyncRunning from error
        self._renewed = self._clock()

    def _ends(self) -> int | None:
        return int(self._clock()) + _DRY_SECONDS if self._dry else None

    def _read(self, pk: str, page_ids: Sequence[str]) -> Iterator[Item]:
        for at in range(0, len(page_ids), MAX_MANY):
            yield from self._store.get_many("contents", pk, page_ids[at : at + MAX_MANY]).values()

    def _partition(self, pk: str) -> Iterator[list[Item]]:
        after = None
        while True:
            page = self._store.query("contents", pk, after=after, limit=_PAGE)
            yield page.items
            if page.cursor is None:
                return
            after = page.cursor


def targets(store: Store, source_id: str) -> list[KnownTarget]:
    """What is read into a source, the one that was read last first."""
    items = sorted(
        store.query("contents", keys.notion_pk(source_id), limit=_PAGE).items,
        key=lambda item: float(item.get("started_at") or 0),
        reverse=True,
    )
    return [
        KnownTarget(
            target=Target.model_validate(item["target"]),
            address=item.get("address") or "",
            names=PropertyNames.model_validate(item.get("names") or {}),
            started_at=_at(item.get("started_at")),
            finished_at=_at(item.get("finished_at")),
            unfinished=bool(item.get("run")),
            open=bool(item.get("open")),
        )
        for item in items
    ]


def close(store: Store, source_id: str, target_id: str) -> None:
    """A source's editors may not have a target read any more. Raises `NotionNotFound` when it was not open."""
    try:
        store.update("contents", keys.notion_pk(source_id), target_id, {"open": False}, if_={"open": True})
    except ConditionFailed as error:
        raise NotionNotFound("이 소스에 열려 있는 Notion 문서가 아닙니다.") from error


def _at(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _known(item: Item) -> KnownPage:
    return KnownPage.model_validate(item)
