"""What a run of reading Notion has done, or would do: figures, and what an operator should look at."""

# ruff: noqa: RUF012 (pydantic copies defaults; the linter does not see through `Model`)

from collections import Counter
from collections.abc import Sequence
from typing import Literal, TypeAlias

from shared.models import Model

MAX_TOLD = 40  # of each outcome: all of them, and what waits to be read, have room in one item of the store
UNTITLED = "(제목 없음)"
_LONGEST = 100  # characters of a title or a reason

Outcome: TypeAlias = Literal["create", "update", "remove", "conflict", "invalid", "empty", "unreadable"]


class Told(Model):
    """One page, what becomes of it, and why where that is not told by itself."""

    outcome: Outcome
    title: str
    faq_id: str | None = None
    why: str = ""


class NotionReport(Model):
    """A whole run, from its first call to now.

    Parameters
    ----------
    unchanged
        Pages that are as they were when they were read last, or that read the same.
    invalid, empty, unreadable
        Pages that can be no content, that have no text, that Notion does not give.
    told
        Those that became anything, up to forty of each outcome.
    left_out
        Kinds of blocks that have no text in Markdown, and how many.
    addresses
        Links and media that are not allowed, in Korean; up to forty.
    more
        The run is not at its end: call again.
    """

    dry_run: bool = False
    pages: int = 0
    created: int = 0
    updated: int = 0
    removed: int = 0
    unchanged: int = 0
    conflicts: int = 0
    invalid: int = 0
    empty: int = 0
    unreadable: int = 0
    told: list[Told] = []
    left_out: dict[str, int] = {}
    addresses: list[str] = []
    more: bool = False
    retry_after_seconds: int | None = None

    def tell(self, outcome: Outcome, title: str, faq_id: str | None = None, why: str = "") -> None:
        """Count one page, and name it while there is room."""
        name = _FIGURES[outcome]
        setattr(self, name, getattr(self, name) + 1)
        if sum(one.outcome == outcome for one in self.told) < MAX_TOLD:
            self.told.append(
                Told(outcome=outcome, title=title[:_LONGEST] or UNTITLED, faq_id=faq_id, why=why[:_LONGEST])
            )

    def count_left_out(self, kinds: Counter[str]) -> None:
        """Add the blocks of a page that have no text."""
        self.left_out = dict(Counter(self.left_out) + kinds)

    def tell_addresses(self, addresses: Sequence[str]) -> None:
        """Name links and media that were left out, while there is room."""
        shown = (one if len(one) <= _LONGEST else f"{one[:_LONGEST]}…" for one in addresses)
        self.addresses = [*self.addresses, *shown][:MAX_TOLD]


_FIGURES: dict[Outcome, str] = {
    "create": "created",
    "update": "updated",
    "remove": "removed",
    "conflict": "conflicts",
    "invalid": "invalid",
    "empty": "empty",
    "unreadable": "unreadable",
}
