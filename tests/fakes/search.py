"""A search that finds what it was told, so that answering can be tested without an index."""

from collections.abc import Collection, Sequence

from shared.models import Content, Decision
from shared.retrieval.base import Found, Ranked


def found(asked: str, title: str, decision: Decision, confidence: float = 0.5, met: float = 0.9) -> Found:
    """One content, whose id is its title."""
    content = Content(faq_id=title, source_id="fake", title=title, content=f"{title}의 내용입니다.")
    return Found([Ranked(content, 1.0, {"title": met}, title)], decision, asked, confidence)


class FakeSearch:
    """`Search`: what is found for a meaning is said beforehand, the first known one of those asked is taken."""

    def __init__(self, *known: Found) -> None:
        self._known = {one.asked: one for one in known}
        self.asked: list[list[str]] = []

    def find(
        self, asked: Sequence[str], *, limit: int, leave_out: Collection[str] = (), before: str | None = None
    ) -> Found:
        self.asked.append(list(asked))
        return self._known[next((one for one in asked if one in self._known), asked[0])]

    def warm_up(self) -> None:
        """Nothing to load."""

    def contents(self, faq_ids: Sequence[str]) -> Sequence[Content]:
        known = {one.content.faq_id: one.content for found in self._known.values() for one in found.ranked}
        return [known[one] for one in faq_ids if one in known]
