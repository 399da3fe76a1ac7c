"""Make, list and revoke the keys that programs call a bot with.

    python scripts/api_keys.py create --name NAME [--bot BOT] [--rate-per-minute N]
    python scripts/api_keys.py list [--bot BOT]
    python scripts/api_keys.py revoke KEY_ID [--bot BOT]

A key is printed once, alone on standard output, when it is made: only its hash is stored. A revoked key stops working
within seconds.
"""

import argparse
import re
import sys

from pydantic import ValidationError

from scripts.steps import CannotRun, guarded
from shared import wiring
from shared.api_keys import RATE_PER_MINUTE, ApiKey
from shared.errors import ApiKeyNotFound, BotNotFound
from shared.retrieval.text import one_line

_BOT_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Do one of the three. Returns an exit code."""
    asked = _parser().parse_args(arguments)
    wiring.get_store().prepare()
    try:
        wiring.get_bot(asked.bot)
    except BotNotFound as error:
        raise CannotRun(f"no bot {asked.bot!r} is published: scripts/publish_bots.py") from error
    match asked.command:
        case "create":
            _create(asked.bot, asked.name, asked.rate_per_minute)
        case "list":
            for key in wiring.get_api_keys().all(asked.bot):
                print(_line(key))
        case "revoke":
            _revoke(asked.bot, asked.key_id)
    return 0


def _create(bot_id: str, name: str, rate_per_minute: int) -> None:
    try:
        key, token = wiring.get_api_keys().create(bot_id, one_line(name), rate_per_minute)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise CannotRun(f"{first['loc'][0]}: {first['msg']}") from error
    print(_line(key), "This key is not shown again:", sep="\n", file=sys.stderr, flush=True)
    print(token.get_secret_value())


def _revoke(bot_id: str, key_id: str) -> None:
    try:
        print(_line(wiring.get_api_keys().revoke(bot_id, key_id)))
    except ApiKeyNotFound as error:
        raise CannotRun(f"bot {bot_id!r} has no key {key_id!r}") from error


def _line(key: ApiKey) -> str:
    rate = f"{key.rate_per_minute}/min" if key.rate_per_minute else "no limit"
    state = f"revoked {key.revoked_at:%Y-%m-%d %H:%M}Z" if key.revoked_at else rate
    return f"{key.key_id}  …{key.ends_with}  {key.created_at:%Y-%m-%d %H:%M}Z  {state}  {key.name}"


def _parser() -> argparse.ArgumentParser:
    bot = argparse.ArgumentParser(add_help=False)
    bot.add_argument("--bot", type=_bot_id, default="default", metavar="BOT", help="its bot_id; without it, default")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    create = commands.add_parser("create", parents=[bot], help="make a key and print it")
    create.add_argument("--name", required=True, help="what it is for, at most 60 characters")
    create.add_argument(
        "--rate-per-minute", type=int, default=RATE_PER_MINUTE, metavar="N", help="questions; 0 is no limit"
    )
    commands.add_parser("list", parents=[bot], help="a bot's keys, the revoked ones too")
    revoke = commands.add_parser("revoke", parents=[bot], help="end a key")
    revoke.add_argument("key_id", metavar="KEY_ID", help="as list shows it")
    return parser


def _bot_id(text: str) -> str:
    if not _BOT_ID.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r}: lower-case letters, digits, '-' and '_', at most 64")
    return text


if __name__ == "__main__":
    sys.exit(main())
