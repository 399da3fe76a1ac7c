"""Watching an answer come about: what was searched, asked of APIs and sent to models, for operators.

The ports are watched, not the pipeline: it runs as it does for customers.
"""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from shared.answering.case import Parts
from shared.llm.base import ChatModel, Message, Tool, ToolCall, Usage
from shared.llm.planning import CLASSIFY
from shared.models import Content
from shared.retrieval.base import Found, Search
from shared.sources.base import Facts, Record, Taken


@dataclass(frozen=True)
class Prompted:
    """What a model was sent, and for which step."""

    step: Literal["plan", "rewrite", "category", "write"]
    model: str
    messages: Sequence[Message]


@dataclass
class Watched:
    """All that was seen, in the order in which it ended (searches, records) or began (prompts)."""

    searches: list[tuple[str, Found]] = field(default_factory=list)
    records: list[tuple[str, Sequence[Record]]] = field(default_factory=list)
    prompts: list[Prompted] = field(default_factory=list)


def watch(parts: Parts) -> tuple[Parts, Watched]:
    """The same parts, watched, and what will be seen."""
    seen = Watched()
    model, rewriter = parts.chat_model, parts.rewriter
    watched = replace(
        parts,
        searches={source_id: _Search(source_id, search, seen) for source_id, search in parts.searches.items()},
        facts={source_id: _Facts(source_id, facts, seen) for source_id, facts in parts.facts.items()},
        chat_model=_Model(model, "write", seen) if model else None,
        rewriter=_Model(rewriter, "rewrite", seen) if rewriter else None,
    )
    return watched, seen


class _Search:
    def __init__(self, source_id: str, search: Search, seen: Watched) -> None:
        self._source_id, self._search, self._seen = source_id, search, seen

    def find(
        self, asked: Sequence[str], *, limit: int, leave_out: Collection[str] = (), before: str | None = None
    ) -> Found:
        found = self._search.find(asked, limit=limit, leave_out=leave_out, before=before)
        self._seen.searches.append((self._source_id, found))
        return found

    def warm_up(self) -> None:
        self._search.warm_up()

    def contents(self, faq_ids: Sequence[str]) -> Sequence[Content]:
        return self._search.contents(faq_ids)


class _Facts:
    def __init__(self, source_id: str, facts: Facts, seen: Watched) -> None:
        self._source_id, self._facts, self._seen = source_id, facts, seen

    async def fetch(self, arguments: Mapping[str, Any], taken: Taken | None = None) -> Sequence[Record]:
        records = await self._facts.fetch(arguments, taken)
        self._seen.records.append((self._source_id, records))
        return records


class _Model:
    def __init__(self, model: ChatModel, writes: Literal["write", "rewrite"], seen: Watched) -> None:
        self._model, self._writes, self._seen = model, writes, seen

    @property
    def name(self) -> str:
        return self._model.name

    async def stream(self, messages: Sequence[Message], usage: Usage | None = None) -> AsyncGenerator[str, None]:
        self._seen.prompts.append(Prompted(self._writes, self.name, list(messages)))
        async with aclosing(self._model.stream(messages, usage)) as pieces:
            async for piece in pieces:
                yield piece

    async def choose(
        self, messages: Sequence[Message], tools: Sequence[Tool], usage: Usage | None = None
    ) -> Sequence[ToolCall]:
        step: Literal["category", "plan"] = "category" if [one.name for one in tools] == [CLASSIFY] else "plan"
        self._seen.prompts.append(Prompted(step, self.name, list(messages)))
        return await self._model.choose(messages, tools, usage)
