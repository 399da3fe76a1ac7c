"""Count the questions that were asked most in the last 14 days, and keep them for a day: popular ones, by the contents
that answer them, for customers; frequent ones, by their words, for the gate that contents pass to be published.

    python scripts/popular.py [--bot BOT …]    # without: every bot

To be run once an hour, as `hourly.py` does; on AWS a schedule calls `functions/popular.py`, which does the same. Prints
what was counted: titles of contents and figures, nothing that a customer wrote.
"""

import argparse
import sys

from scripts.steps import guarded
from shared import wiring
from shared.popular import unmatched_pins
from shared.popular_count import Counted, recount


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Count. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bot", action="append", help="a bot's id; may be repeated")
    chosen = parser.parse_args(arguments)
    store = wiring.get_store()
    store.prepare()
    bots = [wiring.get_bot(bot_id) for bot_id in chosen.bot] if chosen.bot else wiring.serving_bots()
    for bot in bots:
        _tell(bot.bot_id, recount(store, bot))
        for text in unmatched_pins(store, bot):
            print(f"  pinned: no content is called {text!r}", file=sys.stderr)
    return 0


def _tell(bot_id: str, counted: Counted) -> None:
    asked_again = f"; {counted.frequent:,} frequent ones kept" if counted.frequent else ""
    print(f"{bot_id}: {counted.questions:,} questions of {counted.contents:,} contents{asked_again}")
    for category, questions in sorted(counted.lists.items(), key=lambda one: one[0] or ""):
        if category is not None:
            print(f"  {category}")
            for one in questions:
                print(f"    {one.count:>7,}  {one.text}")


if __name__ == "__main__":
    sys.exit(main())
