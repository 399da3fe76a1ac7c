"""Customers' whole journeys against a running haedap: how many a second, and how long each step takes.

    python scripts/bench_load.py [ADDRESS] [--clients 20] [--journeys 200] [--keep] [--any-address]

ADDRESS is http://127.0.0.1:8080 by default. Another machine's is refused without --any-address: this is a load, and it
writes sessions, which it deletes again unless told to keep them. A journey is: a visitor's token, the entry, a
question, its streamed answer, a rating, a follow-up, the list of sessions, the turns, the deletion. All come from one
address: start haedap with RATE_LIMIT_PER_MINUTE_ADDRESS=0, or refusals are counted as the errors that they are.
"""

import argparse
import asyncio
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from scripts.bench import journey
from scripts.steps import FAILED, CannotRun, guarded

_QUESTIONS = Path(__file__).parent.parent / "data" / "sample_questions.jsonl"
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Run it. Returns 1 when a journey failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", nargs="?", default="http://127.0.0.1:8080")
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--journeys", type=int, default=200)
    parser.add_argument("--keep", action="store_true", help="leave the sessions there")
    parser.add_argument("--any-address", action="store_true", help="one that is not this machine's, too")
    chosen = parser.parse_args(arguments)
    if urlsplit(chosen.address).hostname not in _LOOPBACK and not chosen.any_address:
        raise CannotRun(f"{chosen.address}: not this machine; --any-address, if it is yours to load")
    lines = _QUESTIONS.read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    seen, seconds = asyncio.run(
        journey.run(chosen.address, questions, chosen.clients, chosen.journeys, keep=chosen.keep)
    )
    _tell(seen, seconds, chosen.clients)
    return FAILED if seen.errors else 0


def _tell(seen: journey.Seen, seconds: float, clients: int) -> None:
    rate, requests = seen.journeys / seconds, sum(map(len, seen.seconds.values()))
    print(f"{seen.journeys} journeys of {clients} clients at once in {seconds:.1f} s: {rate:.1f} a second,", end=" ")
    print(f"{2 * rate:.1f} answers a second; {requests} steps")
    print(f"{'step':<12}{'count':>7}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}")
    for step in journey.STEPS:
        if times := sorted(seen.seconds.get(step, ())):
            shares = "".join(f"{quantile(times, share) * 1_000:>9.0f}" for share in (0.5, 0.95, 0.99))
            print(f"{step:<12}{len(times):>7}{shares}")
    for (step, what), times_seen in seen.errors.most_common():
        print(f"error: {step}: {what}, {times_seen} times")


def quantile(times: Sequence[float], share: float) -> float:
    """By nearest rank, of sorted times."""
    return times[math.ceil(share * len(times)) - 1]


if __name__ == "__main__":
    sys.exit(main())
