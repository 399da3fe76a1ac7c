"""A new content that answers some customers' questions, as a draft to be reviewed. Nothing is kept of it.

Its titles are the questions. Its text is the bot's language model's, drawn from the nearest contents alone and checked
against them; without a model, or when it has nothing to say, it is for a person to write.
"""

import logging
from collections.abc import Sequence
from contextlib import aclosing

from pydantic import Field

from shared.answering.bridge import in_thread
from shared.answering.case import Parts
from shared.answering.grounding import doubts
from shared.answering.notes import Notes
from shared.errors import LlmUnavailable
from shared.links import moderated_text
from shared.llm.base import ChatModel, Usage
from shared.llm.prompts import MAX_CONTENTS, NO_ANSWER, Passage, draft_messages
from shared.models import Answer, Content, Model
from shared.retrieval.base import Search
from shared.retrieval.text import letters, normalize, one_line

log = logging.getLogger(__name__)

MOST_CHARACTERS = 4_000  # of a text that a model writes; more is no answer
_ASKED = 3  # questions whose nearest contents are read
REVIEW = "[검토 전 초안] 게시하기 전에 내용을 확인하고 이 줄을 지워 주세요."
_TO_WRITE = "답변을 작성해 주세요."


class NearSource(Model):
    """A content that the text may be drawn from, cited as `[n]`."""

    n: int
    faq_id: str
    title: str


class SuggestedContent(Model):
    """The fields of a new content's draft.

    Parameters
    ----------
    model
        Which wrote the text; nothing when none did, and `why_not` tells why.
    doubtful
        Sentences of it that the contents do not bear out.
    """

    title: str
    similar_titles: list[str]
    content: str
    model: str | None = None
    why_not: str | None = None
    sources: list[NearSource] = []  # noqa: RUF012
    doubtful: list[str] = []  # noqa: RUF012
    input_tokens: int = 0
    output_tokens: int = 0
    cost_won: float | None = Field(None, description="Nothing when the bot does not say what its model costs")


async def suggest(parts: Parts, search: Search, questions: Sequence[str]) -> SuggestedContent:
    """The draft of a content for these questions, the first of which is its title. Counted for the bot's budget.

    Raises
    ------
    EmbeddingUnavailable, IndexUnavailable, StoreUnavailable
    """
    titles = list({letters(one): one_line(normalize(one)) for one in reversed(questions)}.values())[::-1]
    made = SuggestedContent(title=titles[0], similar_titles=titles[1:], content=_to_review(_TO_WRITE))
    model = parts.chat_model
    if model is None:
        made.why_not = "챗봇에 연결된 LLM이 없습니다."
        return made
    if parts.spending is not None and await in_thread(parts.spending.is_spent, parts.bot):
        made.why_not = "챗봇의 오늘 예산을 모두 썼습니다."
        return made
    near = await in_thread(_nearest, search, questions)
    made.sources = [NearSource(n=n, faq_id=one.faq_id, title=one.title) for n, one in enumerate(near, 1)]
    await _write(made, parts, model, questions, [Passage(one.title, one.content) for one in near])
    return made


async def _write(
    made: SuggestedContent, parts: Parts, model: ChatModel, questions: Sequence[str], passages: Sequence[Passage]
) -> None:
    """Let the model write the text, and count what it took, however it ends."""
    usage, record = Usage(), Answer()
    try:
        text = await _written(model, parts, questions, passages, usage)
    except LlmUnavailable as error:
        log.warning("no draft from the language model: %s", error.reason)
        made.why_not = "LLM이 응답하지 않았습니다."
    else:
        if text is None:
            made.why_not = "가까운 콘텐츠에 근거로 쓸 내용이 없습니다."
        else:
            made.model, made.content = model.name, _to_review(text)
            sources = [f"{one.title}\n{one.text}" for one in passages]
            found = await in_thread(doubts, text, sources, " ".join(questions), parts.similarity)
            made.doubtful = list(dict.fromkeys(one.sentence for one in found))
    finally:
        await Notes(record).account(parts.bot, parts.spending, usage, model)
        taken = record.record
        made.input_tokens, made.output_tokens, made.cost_won = taken.input_tokens, taken.output_tokens, taken.cost_won


async def _written(
    model: ChatModel, parts: Parts, questions: Sequence[str], passages: Sequence[Passage], usage: Usage
) -> str | None:
    text = ""
    async with aclosing(model.stream(draft_messages(parts.bot, questions, passages), usage)) as pieces:
        async for piece in pieces:
            text += piece
            if len(text) > MOST_CHARACTERS:
                break
    text = moderated_text(text[:MOST_CHARACTERS], parts.allowed, []).strip()
    return None if not text or NO_ANSWER in text else text


def _nearest(search: Search, questions: Sequence[str]) -> list[Content]:
    """The contents that come nearest to the first questions, the first of each before the second of any."""
    ranked = [search.find([normalize(one)], limit=MAX_CONTENTS).ranked for one in questions[:_ASKED]]
    deep = max(map(len, ranked), default=0)
    ordered = [found[depth].content for depth in range(deep) for found in ranked if depth < len(found)]
    return list({one.faq_id: one for one in ordered}.values())[:MAX_CONTENTS]


def _to_review(text: str) -> str:
    return f"{REVIEW}\n\n{text}"
