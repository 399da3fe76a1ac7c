"""Whether the improvement desk groups questions as a person would, on data/checks/paraphrases.jsonl.

    .venv/bin/python scripts/bench_desk.py            # the half that the cut was chosen on
    .venv/bin/python scripts/bench_desk.py --held-out

Every question is asked of the served index, as a customer's would be. `found` are figures with the contents that were
found; `unknown` are those without the content that each group finds first, as where no content answers any of them.
"""

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from shared import assembly, wiring
from shared.desk_clusters import Place, grouped

_LIST = Path(__file__).parent.parent / "data" / "checks" / "paraphrases.jsonl"
_CANDIDATES = 5  # as the log keeps them


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--size", type=int, default=2_000, help="of the list whose time is taken")
    given = parser.parse_args(arguments)
    rows = [json.loads(line) for line in _LIST.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row["held_out"] == given.held_out]
    labels = np.array([row["group"] for row in rows])
    bot = wiring.get_bot("default")
    search = assembly.get_search(bot, bot.source_ids[0])
    found = [search.find([row["question"]], limit=40) for row in rows]
    vectors = np.stack([one.embedded.vector for one in found if one.embedded])
    contents: list[list[Place]] = [[(one.content.source_id, one.content.faq_id) for one in of.ranked] for of in found]
    firsts = defaultdict[int, Counter[Place]](Counter)
    for label, places in zip(labels.tolist(), contents, strict=True):
        firsts[label].update(places[:1])
    own = {counted.most_common(1)[0][0] for counted in firsts.values() if counted}
    unit = 1 - search.near_title
    print(f"{len(rows)} questions in {len(firsts)} groups; near a title is a distance of {unit:.4f}")
    for name, left_out in (("found", set[Place]()), ("unknown", own)):
        seen = [[place for place in places if place not in left_out][:_CANDIDATES] for places in contents]
        for legs, shared in (("vectors", [[]] * len(seen)), ("vectors and contents", seen)):
            figures = scores(labels, grouped(vectors, shared, unit))
            print(f"{name:8} {legs:21} " + "  ".join(f"{key} {value:.3f}" for key, value in figures.items()))
    _take_time(vectors, unit, given.size)
    return 0


def scores(labels: np.ndarray, groups: Sequence[Sequence[int]]) -> dict[str, float]:
    """Of all pairs: which share of those put together belong together, and the reverse; the adjusted Rand index."""
    given = np.empty(len(labels), np.int64)
    for number, group in enumerate(groups):
        given[list(group)] = number
    pairs = np.triu_indices(len(labels), 1)
    right, put = labels[pairs[0]] == labels[pairs[1]], given[pairs[0]] == given[pairs[1]]
    both, expected = float((right & put).sum()), float(right.sum() * put.sum() / len(right))
    precision, recall = both / max(1, put.sum()), both / max(1, right.sum())
    return {
        "precision": precision,
        "recall": recall,
        "F1": 2 * precision * recall / max(1e-9, precision + recall),
        "ARI": (both - expected) / ((right.sum() + put.sum()) / 2 - expected),
    }


def _take_time(vectors: np.ndarray, unit: float, size: int) -> None:
    rng = np.random.default_rng(1)
    many = vectors[rng.integers(0, len(vectors), size)] + rng.normal(0, 0.01, (size, vectors.shape[1]))
    many = (many / np.linalg.norm(many, axis=1, keepdims=True)).astype(np.float32)
    places = [[("s", str(one)) for one in rng.choice(2_700, 5, replace=False)] for _ in range(size)]
    started = time.process_time()
    grouped(many, places, unit)
    print(f"{size:,} wordings are grouped in {time.process_time() - started:.2f} s of processor")


if __name__ == "__main__":
    sys.exit(main())
