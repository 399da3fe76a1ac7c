"""Count the days of the history log that changed, for `/v1/admin/bots/{bot_id}/insights`.

    python scripts/rollups.py [--bot BOT …]    # without: every bot

To be run once an hour, as `hourly.py` does; on AWS a schedule calls `functions/rollups.py`, which does the same.
Running it twice, or two of it at once, does no harm. Prints figures, nothing that a customer wrote.
"""

import argparse
import sys

from scripts.steps import guarded
from shared import wiring


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Count. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bot", action="append", help="a bot's id; may be repeated")
    chosen = parser.parse_args(arguments)
    wiring.get_store().prepare()
    bots = [wiring.get_bot(bot_id) for bot_id in chosen.bot] if chosen.bot else wiring.serving_bots()
    for bot in bots:
        counted = wiring.get_rollups().keep_up(bot.bot_id)
        questions = sum(one.rollup.questions for one in counted)
        print(f"{bot.bot_id}: {questions:,} questions of {len(counted):,} days")
    return 0


if __name__ == "__main__":
    sys.exit(main())
