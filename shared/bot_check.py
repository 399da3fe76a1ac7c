"""What a bot's model lets pass and nobody can mean: told when it is published, never when a stored one is read."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from shared.bot import Bot
from shared.links import ANYWHERE, Allowed
from shared.retrieval.text import letters

_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_KNOWN = "{name}"


def problems(bot: Bot, allowed: Allowed = ANYWHERE) -> Iterator[str]:
    """English lines, each of which names the field that must be changed before this bot is published.

    Parameters
    ----------
    allowed
        Where links may lead.
    """
    for name in _alike([one.name for one in bot.categories]):
        yield f"categories: {name!r} reads like one before it"
    for name in _alike(bot.service_types):
        yield f"service_types: {name!r} reads like one before it"
    for code in _repeated(one.code for one in bot.feedback_reasons):
        yield f"feedback_reasons: two have the code {code!r}"
    known = {one.name for one in bot.categories}
    for number, link in enumerate(bot.links):
        if known and link.category is not None and link.category not in known:
            yield f"links.{number}.category: {link.category!r} is none of the categories"
        if (why := allowed.link_problem(link.url)) is not None:
            yield f"links.{number}.url: {why} (LINK_HOSTS)"
    for reply in type(bot.replies).model_fields:
        for language, words in getattr(bot.replies, reply).items():
            for found in _PLACEHOLDER.findall(words):
                if found != _KNOWN:
                    yield f"replies.{reply}.{language}: {found} is not filled in; {_KNOWN} alone is"
    if not any(bot.weights.model_dump().values()):
        yield "weights: one of them at least must be more than 0"


def not_finite(value: Any) -> list[str] | None:
    """Where in JSON the first figure stands that is none, which Python alone reads; no store takes it."""
    if isinstance(value, float) and not math.isfinite(value):
        return []
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = ((str(key), not_finite(one)) for key, one in parts)
    return next(([key, *place] for key, place in found if place is not None), None)


def _alike(names: Sequence[str]) -> list[str]:
    """Those of the same letters as an earlier one: customers, who choose among them, could not tell them apart."""
    read = [letters(name) for name in names]
    return [name for at, name in enumerate(names) if read[at] in read[:at]]


def _repeated(names: Iterable[str]) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]
