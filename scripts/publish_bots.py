"""Publish bots, each from a JSON file; their thresholds are fitted on the sources that they search.

    python scripts/publish_bots.py data/bots/default.json [FILE …]

A file holds one bot; docs/bots.md lists its fields. All files are checked before the first bot is published. A source
that has no index yet is told: build it with scripts/vectorize.py --source. So is a pinned question that no content has
as its title.
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

from pydantic import ValidationError

from scripts.steps import CannotRun, guarded
from shared import assembly, wiring
from shared.admin_keys import Operator
from shared.bot import Bot
from shared.bot_check import not_finite, problems
from shared.bot_editing import recorded_edit
from shared.popular import unmatched_pins
from shared.settings import get_settings
from shared.sources.check import check as check_source
from shared.storage.base import InvalidItem


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Publish them. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    bots = [read_bot(path) for path in parser.parse_args(arguments).files]
    if twice := [bot_id for bot_id, times in Counter(bot.bot_id for bot in bots).items() if times > 1]:
        raise CannotRun(f"two files hold the bot {twice[0]!r}")
    wiring.get_store().prepare()
    for bot in bots:
        publish_bot(bot, "scripts/publish_bots.py")
    return 0


def publish_bot(bot: Bot, script: str) -> None:
    """Publish one, and tell its version. Versions and the record of changes name the script."""
    from shared.indexing.publish import publish

    bots, by = wiring.get_bots(), Operator("scripts", script, "owner")
    edit = recorded_edit(bots.published(bot.bot_id), bot)
    with wiring.get_audit().change(by, "bot.publish", [bot.bot_id], **edit) as change:
        published, unbuilt = publish(
            bot,
            assembly.get_profile(bot),
            bots=bots,
            store=wiring.get_store(),
            engines=wiring.get_engines(),
            by=by.name,
        )
        change.subject = published.version
    print(f"{published.bot_id}: {published.version}", file=sys.stderr)
    for source_id in unbuilt:
        print(f"  source {source_id} has no index yet: scripts/vectorize.py PATH --source {source_id}", file=sys.stderr)
    for text in unmatched_pins(wiring.get_store(), published):
        print(f"  pinned: no content is called {text!r}", file=sys.stderr)


def read_bot(path: Path) -> Bot:
    """The bot in a file. Raises `CannotRun` when it cannot be published."""
    from shared.indexing.publish import check

    bot = _parsed(path)
    try:
        check(bot)
    except InvalidItem as error:
        raise CannotRun(f"{path}: {error}") from error
    if (problem := next(problems(bot, wiring.get_allowed()), None)) is not None:
        raise CannotRun(f"{path}: {problem}")
    for number, source in enumerate(bot.sources):
        if source.kind == "http":
            try:
                check_source(source, get_settings().bot_secrets)
            except ValueError as error:
                raise CannotRun(f"{path}: sources.{number}.{error}") from error
    return bot


def _parsed(path: Path) -> Bot:
    try:
        given = json.loads(path.read_text(encoding="utf-8-sig"))
        if (place := not_finite(given)) is not None:
            raise CannotRun(f"{path}: {'.'.join(place)}: NaN and Infinity are no numbers of JSON")
        return Bot.model_validate(given, extra="forbid")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise CannotRun(f"{path}: {where}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise CannotRun(f"{path}: no JSON: {error}") from error


if __name__ == "__main__":
    sys.exit(main())
