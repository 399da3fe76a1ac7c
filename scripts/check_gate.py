"""Prints how well the gate tells what gets a fixed answer from what must pass, kind by kind, in both halves of a list.

    python scripts/check_gate.py [--list FILE]

FILE has a line `{"text": …, "expected": KIND or null, "held_out": …}` a question. The rules were written to the half
that is not held out.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import get_args

from scripts.steps import guarded
from shared.answering.gate import Gate, Kind
from shared.retrieval.text import normalize

LIST = Path(__file__).parents[1] / "data" / "checks" / "gate.jsonl"


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Print the figures. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", type=Path, default=LIST, metavar="FILE")
    lines = parser.parse_args(arguments).list.read_text(encoding="utf-8").splitlines()
    labelled, gate = [json.loads(line) for line in lines], Gate()
    for held_out, half in ((False, "seen"), (True, "held out")):
        told = [
            (one["expected"], gate.check(normalize(one["text"]))) for one in labelled if one["held_out"] is held_out
        ]
        print(f"{half}: {len(told)} questions, {sum(expected is None for expected, _ in told)} of them to pass")
        for kind in get_args(Kind):
            right = sum(expected == found == kind for expected, found in told)
            found, there = (sum(pair[n] == kind for pair in told) for n in (1, 0))
            print(f"  {kind:<10} precision {right / max(found, 1):.3f}  recall {right / max(there, 1):.3f}  of {there}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
