"""Answer or refuse: by the best score and the threshold that was fitted on the index."""

from collections.abc import Sequence

from shared.models import Decision, Source, Suggestion
from shared.retrieval.base import Ranked

MAX_SOURCES = 5
MAX_SUGGESTIONS = 3


def decide(ranked: Sequence[Ranked], threshold: float) -> Decision:
    """`answer` when the best content reaches the threshold, else `refuse`."""
    return "answer" if ranked and ranked[0].score >= threshold else "refuse"


def sources_of(ranked: Sequence[Ranked], cited: Sequence[int] = ()) -> list[Source]:
    """The ranked contents as the customer sees them, numbered from 1; `cited` are such numbers."""
    return [
        Source(
            n=n,
            faq_id=one.content.faq_id,
            title=one.content.title,
            matched_subject=one.matched_subject,
            url=one.content.url,
            score=round(one.score, 4),
            cited=n in cited,
            updated_at=one.content.updated_at,
        )
        for n, one in enumerate(ranked[:MAX_SOURCES], 1)
    ]


def suggest(ranked: Sequence[Ranked], decision: Decision, threshold: float) -> list[Suggestion]:
    """The next best titles whose score reaches the threshold; after a refusal the best is among them."""
    close = [one.content for one in ranked[decision == "answer" :] if one.score >= threshold]
    return [Suggestion(text=content.title, faq_id=content.faq_id) for content in close[:MAX_SUGGESTIONS]]
