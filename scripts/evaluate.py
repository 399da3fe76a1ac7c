"""How often the right FAQ comes first, and whether questions are answered or refused as they should be.

    python scripts/evaluate.py data/sample_questions.jsonl [--title-weights 1.0 0.8 0.6 0.5] [--json FILE]

Asks the index that is served every question of a file (JSONL: question, category, history, gold). Prints for each
category and title weight recall at 1 and at 3 and, for the default weight, which the threshold is fitted for, the share
that is answered. `gold` holds ids of FAQs; where it holds positions in a corpus, `gold_titles` names the FAQs.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from scripts.steps import guarded
from shared import wiring
from shared.answering.context import reading
from shared.indexing.readers import UnreadableCorpus
from shared.indexing.structure import derived_id
from shared.models import Turn, TurnStatus
from shared.retrieval.search import TITLE_WEIGHT
from shared.retrieval.text import one_line, unescape
from shared.storage.keys import created_at, new_chat_id

_DEPTH = 3


@dataclass
class Score:
    """Sums over the questions of one category."""

    questions: int = 0
    answerable: int = 0
    first: int = 0
    among_three: int = 0
    answered: int = 0

    def line(self, fitted: bool) -> str:
        """The figures as shares: recall where there is something to find, answers where the threshold is fitted."""
        shares: list[float | None] = [None, None]
        if self.answerable:
            shares = [self.first / self.answerable, self.among_three / self.answerable]
        shares.append(self.answered / self.questions if fitted else None)
        return f"{self.questions:5}" + "".join(f"{'-' if share is None else f'{share:.2f}':>8}" for share in shares)


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Run it. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", type=Path, nargs="+")
    parser.add_argument("--title-weights", type=float, nargs="+", default=[TITLE_WEIGHT])
    parser.add_argument("--json", type=Path, help="write the sums to this file too")
    chosen = parser.parse_args(arguments)
    questions = [question for path in chosen.questions for question in _read(path)]
    results = {weight: _evaluate(questions, weight) for weight in chosen.title_weights}
    for weight, scores in results.items():
        print(f"title weight {weight:g}\n  {'category':16}    n     r@1     r@3  answered")
        for category, score in scores.items():
            print(f"  {category:16}{score.line(fitted=weight == TITLE_WEIGHT)}")
    if chosen.json:
        sums = {weight: {name: asdict(score) for name, score in scores.items()} for weight, scores in results.items()}
        chosen.json.write_text(json.dumps(sums, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return 0


def _read(path: Path) -> Iterable[dict[str, Any]]:
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)
    except (OSError, json.JSONDecodeError) as error:
        raise UnreadableCorpus(f"{path}: {error}") from error


def _evaluate(questions: Sequence[dict[str, Any]], weight: float) -> dict[str, Score]:
    search = wiring.get_search("default", weight)
    scores: dict[str, Score] = defaultdict(Score)
    for question in tqdm(questions, desc=f"title weight {weight:g}", unit="question", file=sys.stderr):
        ranked = search.search(reading(question["question"], _history(question)), _DEPTH)
        found = [one.content.faq_id for one in ranked]
        gold = _gold(question)
        for score in (scores[question["category"]], scores["all"]):
            score.questions += 1
            score.answerable += bool(gold)
            score.first += bool(gold & set(found[:1]))
            score.among_three += bool(gold & set(found))
            score.answered += bool(ranked) and ranked[0].score >= search.answer_threshold
    return {**{name: score for name, score in scores.items() if name != "all"}, "all": scores["all"]}


def _gold(question: dict[str, Any]) -> set[str]:
    if "gold_titles" in question:
        return {derived_id("default", one_line(unescape(title))) for title in question["gold_titles"]}
    return set(map(str, question.get("gold", [])))


def _history(question: dict[str, Any]) -> list[Turn]:
    turns = []
    for one in question.get("history") or []:
        chat_id = new_chat_id()
        turns.append(
            Turn(
                session_id="evaluate",
                chat_id=chat_id,
                user_message=one["user"],
                system_message=one["assistant"],
                status=TurnStatus.DONE,
                created_at=created_at(chat_id),
            )
        )
    return turns


if __name__ == "__main__":
    sys.exit(main())
