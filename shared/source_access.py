"""Whose a source of contents is: the bots that draw on it, and who may edit it.

A source may belong to several bots. It is edited by who may edit all of them.
"""

from shared import assembly, wiring
from shared.admin_keys import Operator
from shared.bot import Bot
from shared.errors import BotNotFound, NotAllowed, NotIndexed, SourceNotFound

_OTHERS = "이 콘텐츠를 함께 쓰는 다른 챗봇의 편집 권한이 필요합니다."


def known_bot(bot_id: str) -> Bot:
    """As it serves; one that was never published, as it is drafted. Raises `BotNotFound`."""
    try:
        return wiring.get_bot(bot_id)
    except BotNotFound:
        if (draft := wiring.get_bots().draft(bot_id)) is None:
            raise
        return draft


def source_of(bot: Bot, source_id: str | None) -> str:
    """One of a bot's sources of contents; without an id the first. Raises `SourceNotFound`."""
    if source_id is None and bot.source_ids:
        return bot.source_ids[0]
    if source_id not in bot.source_ids:
        raise SourceNotFound
    return source_id


def editable_source(bot_id: str, source_id: str | None, operator: Operator) -> str:
    """A bot's source, which the operator may edit. Raises `NotAllowed` when another bot draws on it, too."""
    found = source_of(known_bot(bot_id), source_id)
    if not operator.sees_all(bots_of(found)):
        raise NotAllowed(_OTHERS)
    return found


def editable_sources(bot: Bot, operator: Operator) -> list[str]:
    """Those of a bot's sources that the operator may edit."""
    if not operator.has("editor"):
        return []
    if operator.bots is None:
        return bot.source_ids
    others = [one for one in wiring.serving_bots() if not operator.sees(one.bot_id)]
    theirs = {source_id for one in others for source_id in one.source_ids}
    return [source_id for source_id in bot.source_ids if source_id not in theirs]


def built_sources(bot: Bot) -> list[str]:
    """Those of a bot's sources that have an index. Raises `NotIndexed` when none has."""
    if not (built := assembly.get_built(bot.source_ids)):
        raise NotIndexed
    return built


def serving(source_id: str) -> list[Bot]:
    """The bots that draw on a source."""
    return [bot for bot in wiring.serving_bots() if source_id in bot.source_ids]


def bots_of(source_id: str) -> list[str]:
    """Their ids."""
    return [bot.bot_id for bot in serving(source_id)]
