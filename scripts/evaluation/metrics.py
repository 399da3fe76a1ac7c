"""What each question says about retrieval and about the decision: one value a question, NaN where it says nothing.

Ranking is measured by trec_eval (Buckley; https://github.com/usnistgov/trec_eval) through pytrec_eval (Van Gysel and
de Rijke, SIGIR 2018). A question's gold FAQs are alternatives, so that `recall@k` is the share of questions with one of
them among the first k: trec_eval's `success_k`. In `ndcg@k` each of them gains 1.
"""

from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from scripts.evaluation.engine import Outcome
from scripts.evaluation.questions import OVERALL
from shared.models import Decision

Columns: TypeAlias = dict[str, npt.NDArray[np.float64]]  # figure → `(questions,)`

DECISIONS: tuple[Decision, ...] = get_args(Decision)
REACHED = 3  # a clarifying question offers this many FAQs


def ranking(rankings: Sequence[Sequence[str]], golds: Sequence[frozenset[str]], depth: int) -> Columns:
    """Recall at 1, 3 and `depth`, reciprocal rank and nDCG at `depth`; NaN for questions without gold.

    Parameters
    ----------
    rankings
        For each question the ids of contents, best first. What comes after `depth` is left out.
    """
    import pytrec_eval  # for developers only: comparing and --help do without it

    cutoffs = sorted({k for k in (1, 3, depth) if k <= depth})
    measures = {f"recall@{k}": f"success_{k}" for k in cutoffs}
    measures |= {f"mrr@{depth}": "recip_rank", f"ndcg@{depth}": f"ndcg_cut_{depth}"}
    qrels = {str(n): dict.fromkeys(gold, 1) for n, gold in enumerate(golds) if gold}
    # By place, not by score: trec_eval would order equal scores in its own way
    run = {n: {one: float(-place) for place, one in enumerate(rankings[int(n)][:depth])} for n in qrels}
    asked = {"recip_rank", f"ndcg_cut.{depth}", "success." + ",".join(map(str, cutoffs))}
    measured = pytrec_eval.RelevanceEvaluator(qrels, asked).evaluate(run) if qrels else {}
    columns = {figure: np.full(len(golds), np.nan) for figure in measures}
    for n, values in measured.items():
        for figure, measure in measures.items():
            columns[figure][int(n)] = values[measure]
    return columns


def deciding(outcomes: Sequence[Outcome]) -> Columns:
    """Whether each question was answered, clarified, refused, and rightly so.

    `right_when_answered`: of the answerable questions that were answered, those whose first content is gold.
    `reached`: of the answerable questions, those answered or clarified with gold among the first three.
    `wrongly_answered`: of all, those answered although the first content is not gold; nothing is gold to an
    unanswerable one.
    """
    decisions = np.array([one.decision for one in outcomes])
    answerable = np.array([one.question.answerable for one in outcomes])
    ranks = np.array([one.rank or np.inf for one in outcomes])
    answered = decisions == "answer"
    reached = np.isin(decisions, ["answer", "clarify"]) & (ranks <= REACHED)
    return {
        "answered": answered.astype(float),
        "clarified": (decisions == "clarify").astype(float),
        "refused": np.isin(decisions, ["refuse", "fixed"]).astype(float),
        "right_when_answered": np.where(answered & answerable, ranks == 1, np.nan),
        "wrongly_answered": (answered & (ranks > 1)).astype(float),
        "reached": np.where(answerable, reached, np.nan),
    }


def measure(outcomes: Sequence[Outcome], depth: int) -> Columns:
    """All figures, one value a question."""
    rankings, golds = [one.ids for one in outcomes], [one.question.gold for one in outcomes]
    return {**ranking(rankings, golds, depth), **deciding(outcomes)}


def confusion(outcomes: Sequence[Outcome]) -> dict[str, dict[Decision, int]]:
    """How many questions of each category came to each decision."""
    counts: dict[str, Counter[Decision]] = {OVERALL: Counter()}
    for one in outcomes:
        counts.setdefault(one.question.category, Counter())[one.decision] += 1
        counts[OVERALL][one.decision] += 1
    return {category: {decision: count[decision] for decision in DECISIONS} for category, count in counts.items()}
