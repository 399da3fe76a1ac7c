"""A source, its store, and runs over the fake Notion into it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from shared.admin_keys import Operator
from shared.audit import Audit
from shared.content_changes import Target as Place
from shared.contents import Contents
from shared.links import Allowed
from shared.models import Content
from shared.notion.drafts import Desk
from shared.notion.memory import Memory
from shared.notion.report import NotionReport
from shared.notion.sync import Order, sync
from shared.notion.target import Kind, Target
from shared.storage.sqlite import SqliteStore
from tests.fakes.notion_server import FakeNotion, paragraph
from tests.notion.reader import Watch, session

BY = Operator("k1", "민지", "editor")
NOW = datetime(2026, 11, 22, tzinfo=UTC)


@dataclass
class Console:
    """One source, its store, and runs over the fake Notion."""

    store: SqliteStore
    server: FakeNotion
    time: list[float]
    watch: Watch = field(default_factory=Watch)

    @property
    def at(self) -> float:
        return self.time[0]

    @at.setter
    def at(self, seconds: float) -> None:
        self.time[0] = seconds

    @property
    def contents(self) -> Contents:
        return Contents(self.store, lambda: self.at)

    def run(self, target_id: str, kind: Kind = "database", dry: bool = False, **asked: Any) -> NotionReport:
        target = Target(kind=kind, id=target_id)
        place = Place("default", ("배달",), Allowed(["img.example.com"]))
        audit, overwrite = Audit(self.store, 365, lambda: self.at), asked.pop("overwrite", False)
        desk = Desk(self.contents, audit, BY, ["default"], place, overwrite, dry)
        seconds = asked.pop("seconds", None)
        self.at += 1
        return sync(
            Order(target, f"https://www.notion.so/{target_id}", **asked),
            lambda each: session(self.server, self.watch, seconds, each=each),
            Memory(self.store, "default", target, dry, lambda: self.at),
            desk,
            clock=lambda: datetime.fromtimestamp(self.at, UTC),
        )

    def drafts(self) -> dict[str, Content | None]:
        return {one.faq_id: one.content for one in self.contents.drafts("default")}

    def published_page(self) -> tuple[str, str]:
        """A database with one page, which was read and serves: their ids."""
        faq = self.server.add_database("도움말")
        page = self.server.add_page("질문", [paragraph("답")], faq)
        self.run(faq)
        self.publish()
        return faq, page

    def publish(self) -> None:
        """Serve all drafts."""
        self.at += 1
        for one in self.contents.drafts("default"):
            if one.content is None:
                self.store.delete("contents", "default", one.faq_id)
            else:
                served = one.content.model_copy(update={"updated_at": datetime.fromtimestamp(self.at, UTC)})
                self.store.put("contents", {"pk": "default", "sk": one.faq_id, **served.model_dump(mode="json")})
            self.contents.discard(one)
        self.at += 1

    def edit(self, faq_id: str, content: str | None) -> None:
        """As somebody does in the console."""
        self.at += 1
        state = self.contents.state("default", faq_id)
        now = (state.draft and state.draft.content) or state.published
        assert now is not None
        changed = None if content is None else now.model_copy(update={"content": content})
        self.contents.save(state, changed, "default", faq_id, "민지")


def figures(report: NotionReport) -> dict[str, Any]:
    """What is not nothing."""
    told = report.model_dump(exclude={"told", "left_out", "addresses", "pages"}, exclude_defaults=True)
    return {name: value for name, value in told.items() if value}


def answers(console: Console) -> list[str]:
    return sorted(one.content for one in console.drafts().values() if one)
