"""What follows the text of an answer: notices, links, sources, suggestions."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

from shared.answering.bridge import in_thread
from shared.answering.case import Case
from shared.answering.classify import links_for
from shared.answering.decision import led_by, suggest
from shared.answering.evidence import Evidence
from shared.answering.gathering import Gathering
from shared.answering.generation import cited_numbers
from shared.answering.grounding import Doubt, doubts
from shared.bubbles import (
    following,
    for_other_services,
    link_list,
    media_bubbles,
    notice,
    service_choice,
    services_to_choose,
)
from shared.markdown import as_text
from shared.models import Suggestion, Turn, UnsupportedClaim, rests_on
from shared.sse import BubbleAdded, Event, Sources, Suggestions

NOTE_FROM_FAQ = "지금은 답변을 새로 쓰기 어려워, 등록된 내용을 그대로 보여 드렸어요."
NOTE_AWAY = "지금은 확인할 수 없는 정보가 있어, 확인할 수 있는 내용으로 안내해 드렸어요."
NOTE_UNSUPPORTED = "확인이 필요해요: 답변 가운데 {what} 부분은 도움말에서 확인하지 못했어요."
_WITHOUT_MODEL = {"llm_unavailable", "plan_unavailable", "budget_spent"}


class Afterwards:
    """Looks back on an answer that was said."""

    def __init__(self, case: Case, gathering: Gathering) -> None:
        self._case, self._gathering = case, gathering

    async def what_follows(
        self, evidence: Evidence, category: "asyncio.Task[str | None]"
    ) -> AsyncGenerator[Event, None]:
        """What follows the text: notices, links, sources, suggestions."""
        answer = self._case.answer
        answered = answer.decision == "answer"
        if answer.decision != "refuse":
            answer.sources = evidence.sources(self._cited(evidence) if answered else ())
        doubtful, answer.suggestions = await in_thread(self._looked_back, evidence)  # a thread for both
        self._tell(doubtful)
        if answered and _WITHOUT_MODEL & set(answer.degraded):
            self._case.add([notice(NOTE_FROM_FAQ)])
        if answer.decision != "refuse" and any(one.outcome == "unavailable" for one in answer.record.calls):
            self._case.add([notice(NOTE_AWAY)])
        await self._gathering.take(category)
        bot, service = self._case.parts.bot, self._case.service_type
        links = []
        if answered:
            links = links_for(bot, answer.record.category, self._case.question, self._case.parts.allowed)
        if links:
            self._case.add([link_list(links)])
        lead = led_by(evidence.found, rests_on(answer))
        if lead and answered and service in lead.content.service_answers:
            answer.bubbles[0].service_type = service
        self._case.add(for_other_services(bot, lead.content, service) if lead and answered else [])
        if lead and answered and (services := services_to_choose(bot, lead.content, service)):
            self._case.add([service_choice(bot, lead.content, services)])  # the model wrote of all of them
        self._case.add(media_bubbles(lead.content, service) if lead and answered else [])
        self._case.add(following(bot, answer.decision, None, answer.suggestions, service))
        for bubble in answer.bubbles[1:]:
            yield BubbleAdded(bubble=bubble)
        if answer.sources:
            yield Sources(sources=answer.sources)
        if answer.suggestions:
            yield Suggestions(questions=answer.suggestions)

    def _looked_back(self, evidence: Evidence) -> tuple[Sequence[Doubt], list[Suggestion]]:
        """What of a written answer its sources do not hold, and what may be asked next."""
        found: Sequence[Doubt] = ()
        if self._case.answer.decision == "answer" and self._case.is_written:
            with self._case.notes.timed("check"):
                texts = [f"{one.title}\n{one.text}" for one in self._case.passages]
                found = doubts(self._case.answer.text, texts, self._case.question, self._case.parts.similarity)
        if self._case.asks_service:  # what was asked is not understood yet
            return found, []
        with self._case.notes.timed("suggest"):
            return found, self._suggestions(evidence)

    def _tell(self, found: Sequence[Doubt]) -> None:
        """Record what was said without ground, and say which figures and names that are."""
        self._case.answer.record.unsupported = [
            UnsupportedClaim(sentence=one.sentence, reason=one.reason, what=one.what) for one in found
        ]
        named = list(dict.fromkeys(one.what for one in found if one.reason != "unlike"))
        if named:
            self._case.add(
                [notice(NOTE_UNSUPPORTED.format(what=", ".join(f"'{as_text(what)}'" for what in named[:3])))]
            )

    def _suggestions(self, evidence: Evidence) -> list[Suggestion]:
        """What may be asked next, and is answered."""
        found = evidence.found
        if not evidence.facts and self._case.answer.decision is not None:
            found = replace(found, decision=self._case.answer.decision)
        drawn_from = rests_on(self._case.answer)
        lead = led_by(found, drawn_from) if found.decision == "answer" else None
        search = self._case.parts.searches.get(lead.content.source_id) if lead else None
        return suggest(
            found,
            search.contents(lead.related) if search and lead and lead.related else [],
            self._case.service_type,
            asked=[turn.user_message for turn in self._case.history],
            told={*self._case.told, *(one.faq_id for one in drawn_from), *_told_in(self._case.history)},
        )

    def _cited(self, evidence: Evidence) -> Sequence[int]:
        if self._case.is_written:
            return cited_numbers(self._case.answer.text, evidence.shown)
        return range(1, len(evidence.facts) + 1 + (evidence.found.decision == "answer"))


def _told_in(history: Sequence[Turn]) -> set[str]:
    return {source.faq_id for turn in history for source in rests_on(turn)}
