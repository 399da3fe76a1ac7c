"""Prints how much of the labelled personal data is found, kind by kind, in both halves of the list.

    python scripts/check_personal_data.py [--list FILE]

FILE has a line `{"text": …, "spans": [{"kind": …, "value": …}], "held_out": …}` a text. The patterns were
written to the half that isn't held out.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from shared.personal.kinds import KINDS, find

LIST = Path(__file__).parents[1] / "data" / "checks" / "personal_data.jsonl"


class Figures(NamedTuple):
    """Spans that were found rightly, that were found, and that are there."""

    right: int
    found: int
    labelled: int

    @property
    def precision(self) -> float:
        """The share of right ones among those found; 1 when none was."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """The share of those there that were found; 1 when there is none."""
        return self.right / self.labelled if self.labelled else 1.0


def read(path: Path = LIST) -> list[dict[str, Any]]:
    """The rows of a list: `text`, `spans` of `kind` and `value`, `held_out`."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def measure(rows: Iterable[dict[str, Any]]) -> dict[str, Figures]:
    """Figures by kind. A span is right when its kind and both its ends are."""
    right, found, labelled = Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        ours = Counter((kind, row["text"][start:end]) for start, end, kind in find(row["text"]))
        theirs = Counter((span["kind"], span["value"]) for span in row["spans"])
        for total, spans in ((right, ours & theirs), (found, ours), (labelled, theirs)):
            total.update(kind for kind, _ in spans.elements())
    return {kind: Figures(right[kind], found[kind], labelled[kind]) for kind in KINDS}


def together(figures: Iterable[Figures]) -> Figures:
    """The figures of all kinds."""
    return Figures(*(sum(counts) for counts in zip(*figures, strict=True)))


def main() -> None:
    """Prints both halves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", type=Path, default=LIST)
    rows = read(parser.parse_args().list)
    for held_out in (False, True):
        half = [row for row in rows if row["held_out"] == held_out]
        figures = measure(half)
        print(
            f"{'held out' if held_out else 'seen'}: {len(half)} texts, {sum(not row['spans'] for row in half)} without"
        )
        for kind, one in (*figures.items(), ("all", together(figures.values()))):
            print(f"  precision {one.precision:.3f}  recall {one.recall:.3f}  of {one.labelled:3}  {kind}")


if __name__ == "__main__":
    main()
