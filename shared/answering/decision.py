"""What of the found contents the customer sees: sources, and questions that can be answered next."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from shared.models import Content, Source, Suggestion
from shared.retrieval.base import Found, Ranked
from shared.retrieval.ngrams import ngrams
from shared.retrieval.search import is_title, subjects_of

MAX_SOURCES = 5
MAX_SUGGESTIONS = 3
_LEAST_ROOM = 0.01  # above a threshold that next to nothing reaches
ALIKE = 0.6  # share of common n-grams from which on two titles ask the same


def sources_of(found: Found, cited: Sequence[int] = (), first: int = 1) -> list[Source]:
    """The ranked contents as the customer sees them, numbered from `first`; `cited` are such numbers."""
    return [
        Source(
            n=n,
            source_id=one.content.source_id,
            faq_id=one.content.faq_id,
            title=one.content.title,
            matched_subject=one.matched_subject,
            url=one.content.url,
            score=round(one.score, 4),
            cited=n in cited,
            updated_at=one.content.updated_at,
        )
        for n, one in enumerate(found.ranked[:MAX_SOURCES], first)
    ]


def margin_of(found: Found) -> float | None:
    """How far a search's confidence lies above the least that answers (0), on the way to certainty (1); negative below.

    `None` where confidence decided nothing: the question is off topic, or a content's title.
    """
    if found.decision == "refuse" or found.measured is None:
        return None
    if not found.ranked or is_title(found.asked, found.ranked[0].content):
        return None
    room = max(1 - found.measured.answer_from, _LEAST_ROOM)
    return round((found.confidence - found.measured.answer_from) / room, 4)


def led_by(found: Found, sources: Sequence[Source]) -> Ranked | None:
    """The first of the found contents that is among these sources."""
    ids = {(one.source_id, one.faq_id) for one in sources}
    return next((one for one in found.ranked if (one.content.source_id, one.content.faq_id) in ids), None)


def suggest(
    found: Found,
    related: Sequence[Content],
    service_type: str | None,
    *,
    asked: Collection[str] = (),
    told: Collection[str] = (),
) -> list[Suggestion]:
    """Up to three questions that the FAQ answers, best first, each with a title near enough to what was asked.

    After an answer what the operator related to it, then its neighbours; to who is asked back or refused what was
    found. Who is asked back has something to choose: the first at least, however far. Never one that was asked or
    answered in this session, that is for another service type only, or that asks the same as an earlier one.

    Parameters
    ----------
    related
        Contents that the answer's own names as related, as far as they come near (`Ranked.related`).
    asked
        What the customer typed in this session before.
    told
        Ids of the contents that answers of this session rest on, this one included.
    """
    near = [one.content for one in found.ranked if one.near and one.content.faq_id not in told]
    if found.decision == "answer":
        seen = [one.content.title for one in found.ranked if one.content.faq_id in told]
        wanted = [*(one for one in related if one.faq_id not in told), *near]
        return list(_different(wanted, seen, asked, service_type))
    suggested = list(_different(near, [], asked, service_type))
    if not suggested and found.decision == "clarify":
        far = [one.content for one in found.ranked if one.content.faq_id not in told]
        return list(_different(far, [], asked, service_type))[:1]
    return suggested


def _different(
    wanted: Iterable[Content], seen: list[str], asked: Collection[str], service_type: str | None
) -> Iterator[Suggestion]:
    given, titles = 0, set[str]()
    for content in wanted:
        text = subjects_of(content)[0]
        for_others = bool(service_type and content.service_answers) and service_type not in content.service_answers
        if given == MAX_SUGGESTIONS or for_others or any(is_title(one, content) for one in asked):
            continue
        told_apart = content.title in titles and text not in seen  # by their tags alone, which `text` holds
        if not told_apart and any(_alike(text, other) for other in seen):
            continue
        seen.append(text)
        titles.add(content.title)
        given += 1
        yield Suggestion(text=text, faq_id=content.faq_id, source_id=content.source_id)


def _alike(one: str, other: str) -> bool:
    a, b = set(ngrams(one)), set(ngrams(other))
    return len(a & b) >= ALIKE * len(a | b) if a and b else one == other
