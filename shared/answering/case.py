"""One question that is being answered: what its steps share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.answering.gate import Gate
from shared.answering.grounding import Similarity
from shared.answering.notes import Notes
from shared.bot import Bot
from shared.bubbles import numbered
from shared.links import ANYWHERE, Allowed
from shared.llm.base import ChatModel, Usage
from shared.llm.prompts import Passage
from shared.models import Answer, Bubble, Turn
from shared.retrieval.base import Search
from shared.retrieval.text import letters, normalize
from shared.sources.base import Facts, Tools
from shared.spending import Spending


@dataclass(frozen=True)
class Parts:
    """What answering needs: the bot, its sources by id, and language models where they are set.

    Parameters
    ----------
    tools
        How a model chooses among several sources; `None` where one index is simply searched.
    rewriter
        The model that makes follow-ups stand alone, on a short lead: a customer waits for it before the search.
    similarity
        Compares what an answer says with what its sources hold; without it, by n-grams.
    allowed
        Where links may lead and what may be shown.
    """

    bot: Bot
    searches: Mapping[str, Search]
    facts: Mapping[str, Facts] = field(default_factory=dict)
    chat_model: ChatModel | None = None
    rewriter: ChatModel | None = None
    tools: Tools | None = None
    gate: Gate = field(default_factory=Gate)
    spending: Spending | None = None
    similarity: Similarity | None = None
    allowed: Allowed = ANYWHERE


class Case:
    """The question with its history, the answer as far as it is, and the notes for its record.

    Parameters
    ----------
    history
        Earlier turns of the session, oldest first.
    values
        What of the question was masked, by placeholder.
    told
        Contents that answers of the session rest on, by id, also those before the history.
    service_before
        The service that the turn was about which this one takes the place of.
    """

    def __init__(
        self,
        parts: Parts,
        turn: Turn,
        history: Sequence[Turn],
        answer: Answer,
        values: Mapping[str, str],
        told: Sequence[str],
        service_before: str | None,
    ) -> None:
        self.parts, self.turn, self.history, self.answer = parts, turn, history, answer
        self.values, self.told, self.service_before = values, told, service_before
        self.notes, self.usage = Notes(answer), Usage()
        self.question = normalize(turn.user_message)
        self.passages: Sequence[Passage] = ()  # what the model read
        self.is_written = False  # by a model, rather than by an operator
        self.asks_service = False  # the answer is the question which service is meant

    @property
    def service_type(self) -> str | None:
        """The service that the question is about: as it says or names it, else as the conversation last said."""
        asked = letters(self.turn.user_message)
        held = [one for one in self.parts.bot.service_types if letters(one) in asked]
        named = [one for one in held if not any(letters(one) in letters(other) for other in held if other != one)]
        told = [
            self.turn.service_type,
            *named[: len(named) == 1],
            self.service_before,
            *(one.about_service for one in reversed(self.history)),
        ]
        return next((one for one in told if self.parts.bot.serves(one)), None)

    def add(self, bubbles: Sequence[Bubble]) -> None:
        """Bubbles of the answer, the first of which is its text."""
        self.answer.bubbles += numbered(bubbles, len(self.answer.bubbles) + 1)

    def add_text(self) -> None:
        """What was said, as the first bubble."""
        self.add([Bubble(bubble_id="b1", bubble_type="text", description=self.answer.text)])
