"""The versions of a bot: what was published, what is drafted, and back to an older one.

    python scripts/bot_versions.py list BOT
    python scripts/bot_versions.py show BOT VERSION        # or `draft`; its JSON, as publish_bots.py reads it
    python scripts/bot_versions.py restore BOT VERSION     # publishes it again, as a new version
    python scripts/bot_versions.py draft FILE              # keeps it beside what serves
    python scripts/bot_versions.py publish-draft BOT

Published versions never change: who restores one publishes a copy, and every turn names the version that answered it.
"""

import argparse
import json
import sys
from pathlib import Path

from scripts.publish_bots import publish_bot, read_bot
from scripts.steps import CannotRun, guarded
from shared import wiring
from shared.bot import Bot
from shared.storage.keys import DRAFT

_SCRIPT = "scripts/bot_versions.py"


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Run a command. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, names in (("list", ["bot"]), ("show", ["bot", "version"]), ("restore", ["bot", "version"])):
        command = commands.add_parser(name)
        for argument in names:
            command.add_argument(argument)
    commands.add_parser("draft").add_argument("file", type=Path)
    commands.add_parser("publish-draft").add_argument("bot")
    chosen = parser.parse_args(arguments)
    wiring.get_store().prepare()
    bots = wiring.get_bots()
    match chosen.command:
        case "list":
            for version in bots.versions(chosen.bot):
                print(version.version)
            if bots.draft(chosen.bot):
                print(DRAFT)
        case "show":
            print(
                json.dumps(_version(chosen.bot, chosen.version).model_dump(mode="json"), ensure_ascii=False, indent=2)
            )
        case "restore":
            publish_bot(_version(chosen.bot, chosen.version), _SCRIPT)
        case "draft":
            bot = read_bot(chosen.file)
            bots.save_draft(bot)
            print(f"{bot.bot_id}: {DRAFT}", file=sys.stderr)
        case "publish-draft":
            publish_bot(_version(chosen.bot, DRAFT), _SCRIPT)
    return 0


def _version(bot_id: str, version: str) -> Bot:
    bots = wiring.get_bots()
    bot = bots.draft(bot_id) if version == DRAFT else bots.version(bot_id, version)
    if bot is None:
        raise CannotRun(f"the bot {bot_id!r} has no version {version!r}: scripts/bot_versions.py list {bot_id}")
    return bot


if __name__ == "__main__":
    sys.exit(main())
