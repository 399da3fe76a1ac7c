"""A run over Notion as the console and the command line begin it, with the drafts in an operator's name."""

from collections.abc import Callable

from shared import wiring
from shared.admin_keys import Operator
from shared.content_changes import Target as Place
from shared.notion.drafts import Desk
from shared.notion.memory import KnownTarget, Memory, close, targets
from shared.notion.pages import Reading
from shared.notion.report import NotionReport
from shared.notion.sync import Order, sync
from shared.notion.target import Target
from shared.settings import get_settings
from shared.source_access import bots_of, serving


def known_targets(source_id: str) -> list[KnownTarget]:
    """What of Notion is read into a source, the one that was read last first."""
    return targets(wiring.get_store(), source_id)


def may_read(operator: Operator, bot_id: str, source_id: str, target: Target) -> bool:
    """Whether an operator may have a database or page read into a bot's source.

    One token reads what all bots' integrations are given. So who does not own all bots names what somebody has opened
    who does, by reading it into the source before, or what `NOTION_TARGETS` has of the bot.
    """
    if operator.owns_all or target.id in map(str, get_settings().notion_targets.get(bot_id, ())):
        return True
    return any(one.open and one.target.id == target.id for one in known_targets(source_id))


def close_target(source_id: str, target_id: str) -> None:
    """The source's editors may not have it read any more. Raises `NotionNotFound`."""
    close(wiring.get_store(), source_id, target_id)


def read_notion(
    order: Order,
    source_id: str,
    operator: Operator,
    *,
    dry_run: bool = False,
    overwrite: bool = False,
    seconds: float | None = None,
    told: Callable[[NotionReport], None] = lambda report: None,
) -> NotionReport:
    """Go on with a run into a source, or begin one.

    Parameters
    ----------
    overwrite
        Whether Notion is right where somebody has edited by hand, too.
    seconds
        How long it may take; the rest is left to the next call. Without it, all is done.
    told
        Called after every page.

    Raises
    ------
    NotionTokenMissing
        And what `sync` raises.
    """
    notion = wiring.get_notion()
    types = tuple(dict.fromkeys(one for bot in serving(source_id) for one in bot.service_types))
    desk = Desk(
        wiring.get_contents(),
        wiring.get_audit(),
        operator,
        bots_of(source_id),
        Place(source_id, types, wiring.get_allowed()),
        overwrite,
        dry_run,
    )

    def opened(each: Callable[[], None]) -> Reading:
        return notion.session(seconds, each)

    memory = Memory(wiring.get_store(), source_id, order.target, dry_run, opens=operator.owns_all)
    return sync(order, opened, memory, desk, told)
