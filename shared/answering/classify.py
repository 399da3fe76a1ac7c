"""What a question is about, among the bot's categories, and which of its links belong to that."""

import json
from collections.abc import Sequence

from shared.bot import Bot, Link
from shared.errors import LlmUnavailable
from shared.links import ANYWHERE, Allowed
from shared.llm.base import ChatModel, Usage
from shared.llm.planning import CLASSIFY, classify_messages
from shared.retrieval.base import Ranked
from shared.retrieval.text import letters

MAX_LINKS = 3
VOTERS = 3  # contents; the fourth is about something else as often as not


def category_of(bot: Bot, question: str, ranked: Sequence[Ranked]) -> str | None:
    """The category that a word of the question names, else that of the best contents, weighed by score; if any.

    A bot that lists no categories has those of its contents.
    """
    named = {one.name: _said(one.words, question) for one in bot.categories}
    if any(named.values()):
        return max(named, key=lambda name: named[name])
    votes: dict[str, float] = {}
    for one in ranked[:VOTERS]:
        category = one.content.category
        if category is not None and (category in named or not named):
            votes[category] = votes.get(category, 0.0) + max(one.score, 0.0)
    return max(votes, key=lambda name: votes[name]) if votes else None


async def ask_category(model: ChatModel, bot: Bot, question: str, usage: Usage) -> str | None:
    """The category that a model gives the question; `None` when it knows none of them.

    Raises
    ------
    LlmUnavailable
        Also when what it says is no category.
    """
    messages, tool = classify_messages(question, bot.categories)
    calls = [call for call in await model.choose(messages, [tool], usage) if call.name == CLASSIFY]
    if not calls:
        return None
    try:
        name = json.loads(calls[0].arguments)["category"]
    except (ValueError, KeyError, TypeError) as error:
        raise LlmUnavailable(detail="the category is no JSON of the function") from error
    if name is not None and name not in [one.name for one in bot.categories]:
        raise LlmUnavailable(detail="the category is none of the bot's")
    return str(name) if name is not None else None


def links_for(bot: Bot, category: str | None, question: str, allowed: Allowed = ANYWHERE) -> list[Link]:
    """Up to three of the bot's links: first those that a word of the question names, then those of its category."""
    links = [link for link in bot.links if allowed.link_problem(link.url) is None]
    named = [link for link in links if _said(link.words, question)]
    kin = [link for link in links if category is not None and link.category == category and link not in named]
    return [*named, *kin][:MAX_LINKS]


def _said(words: Sequence[str], question: str) -> int:
    """How many of the words a question has, whatever the spaces and signs."""
    asked = letters(question)
    return sum(bool(word) and word in asked for word in map(letters, words))
