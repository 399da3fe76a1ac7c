"""What a question's sources gave: contents that were found, and records of a company's own APIs."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from shared.answering.decision import sources_of
from shared.answering.excerpt import excerpt
from shared.bot import HttpSource
from shared.llm.prompts import MAX_CONTENT_CHARACTERS, MAX_CONTENTS, MAX_PASSAGES, Passage
from shared.markdown import as_text
from shared.models import Decision, Source
from shared.retrieval.base import Found, Ranked
from shared.sources.base import Record

_DECISIONS: tuple[Decision, ...] = ("refuse", "clarify", "answer")  # the further, the nearer to an answer


@dataclass(frozen=True)
class Fact:
    """A record, and whose it is."""

    source: HttpSource
    record: Record

    @property
    def fact_id(self) -> str:
        """The same for the same record, as long as nothing of it changes."""
        said = "\n".join([self.record.title, self.record.link or "", self.record.as_text()])
        digest = hashlib.sha256(said.encode()).hexdigest()
        return f"{self.source.source_id}-{digest[:16]}"


@dataclass(frozen=True)
class Evidence:
    """All of it.

    Parameters
    ----------
    found
        What the indexes gave, as one; nothing is ranked when none was searched.
    facts
        Records, as far as `chosen` had room for them.
    """

    found: Found
    facts: Sequence[Fact] = ()

    @property
    def decision(self) -> Decision:
        """What to do with it: records were asked for by name, so they answer."""
        return "answer" if self.facts else self.found.decision

    @property
    def shown(self) -> int:
        """How many passages a model reads."""
        return len(self.facts) + min(len(self.found.ranked), MAX_CONTENTS)

    def passages(self, service_type: str | None) -> list[Passage]:
        """What a model reads as `[1]`, `[2]`, …: records first, then the best contents."""
        contents = [one.content for one in self.found.ranked[:MAX_CONTENTS]]
        return [Passage(fact.record.title, fact.record.as_text()) for fact in self.facts] + [
            Passage(one.title, excerpt(one.answer_for(service_type), self.found.asked, MAX_CONTENT_CHARACTERS))
            for one in contents
        ]

    def sources(self, cited: Sequence[int] = ()) -> list[Source]:
        """The same as the customer sees them, by the same numbers, and one content more."""
        records = [
            Source(
                n=n,
                kind="record",
                source_id=fact.source.source_id,
                faq_id=fact.fact_id,
                title=fact.record.title,
                matched_subject=fact.source.name,
                url=fact.record.link,
                score=1.0,
                cited=n in cited,
            )
            for n, fact in enumerate(self.facts, 1)
        ]
        return records + sources_of(self.found, cited, len(records) + 1)

    def from_facts(self) -> Iterator[str]:
        """The records as an answer without a model would bring them, in pieces."""
        for n, fact in enumerate(self.facts, 1):
            lines = "\n".join(f"- {as_text(f'{label}: {value}')}" for label, value in fact.record.fields.items())
            yield f"**{as_text(fact.record.title)}** [{n}]\n\n{lines}\n\n"


def chosen(batches: Sequence[Sequence[Fact]], contents: int) -> list[Fact]:
    """As many records as a model reads beside so many contents, in the order in which they came.

    Each call has its share, the later ones first: what was asked for last is what the ones before were asked for.

    Parameters
    ----------
    batches
        The records of each call, best first. The same record counts once.
    """
    room = MAX_PASSAGES - min(contents, MAX_CONTENTS)
    deepest = max(map(len, batches), default=0)
    places = [(depth, -at) for depth in range(deepest) for at in range(len(batches)) if depth < len(batches[at])]
    taken: dict[str, tuple[int, int]] = {}
    for depth, at in sorted(places):
        fact = batches[-at][depth]
        if len(taken) < room:
            taken.setdefault(fact.fact_id, (-at, depth))
    return [batches[at][depth] for at, depth in sorted(taken.values())]


def both(one: Found, other: Found) -> Found:
    """What two searches of the same index found, as for a question of two subjects: in turns, each content once."""
    first, second = sorted((one, other), key=nearness, reverse=True)
    in_turns = [found for pair in zip_longest(first.ranked, second.ranked) for found in pair if found is not None]
    ranked: dict[str, Ranked] = {}
    for found in in_turns:
        ranked.setdefault(found.content.faq_id, found)
    degraded = list(dict.fromkeys([*first.degraded, *second.degraded]))
    return replace(first, ranked=list(ranked.values()), degraded=degraded)


def merged(founds: Mapping[str, Found], question: str) -> Found:
    """What several indexes found, as one: the nearest to an answer decides, and its first content leads.

    The others follow by score, which is in units of each index's own spread; those near enough to be suggested first.

    Parameters
    ----------
    founds
        By source.
    """
    if not founds:
        return Found([], "refuse", question, 0.0)
    ordered = sorted(founds.values(), key=nearness, reverse=True)
    first = ordered[0]
    if len(ordered) == 1:
        return first
    near = [one for found in ordered for one in found.ranked if one.near]
    far = [one for found in ordered for one in found.ranked if not one.near]
    ranked = sorted(near, key=lambda one: -one.score) + sorted(far, key=lambda one: -one.score)
    lead = first.ranked[:1]
    return Found(
        ranked=[*lead, *(one for one in ranked if one not in lead)],
        decision=first.decision,
        asked=first.asked,
        confidence=first.confidence,
        degraded=list(dict.fromkeys(reason for found in ordered for reason in found.degraded)),
        measured=first.measured,
        embedded=first.embedded,
    )


def nearness(found: Found) -> tuple[int, float]:
    """How near a search is to an answer: by its decision, then by its confidence."""
    return _DECISIONS.index(found.decision), found.confidence
