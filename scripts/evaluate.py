"""How often the right FAQ comes first, and whether questions are answered, clarified or refused as they should be.

    python scripts/evaluate.py data/sample_questions.jsonl [--after QUESTION] [--spaces none] [--rewrite] [--sweep]
        [--json FILE] [--plots FOLDER]
    python scripts/evaluate.py --compare before.json after.json
    python scripts/evaluate.py data/sample_questions.jsonl --baseline FILE [--write-baseline]
    python scripts/evaluate.py --golden BOT [--keep] [--sweep] [--json FILE] [--plots FOLDER] [--baseline FILE …]

Asks the index that is served every question of the files (JSONL: question, category, history, gold). Prints for each
category recall, MRR, nDCG and decisions with 95 % bootstrap intervals. `gold` holds ids of FAQs, any of which is a hit;
where it holds positions in a corpus, `gold_titles` names the FAQs. Exit code 1 when a figure is worse than the baseline
by more than the baseline's interval.

`--golden` asks the golden questions that operators keep of a bot in the console of all that the bot searches;
`--keep` keeps how many are right beside the console's own runs, where its trend shows them.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from scripts.evaluation.baseline import read_baseline, worse, write_baseline
from scripts.evaluation.bootstrap import by_category
from scripts.evaluation.compare import compared, read_result
from scripts.evaluation.engine import Engine, ask_all, served, serving
from scripts.evaluation.metrics import measure
from scripts.evaluation.plots import plot
from scripts.evaluation.questions import SPACES, Question, following, golden_questions, read_questions, typed_with
from scripts.evaluation.report import Report, as_json, tables
from scripts.evaluation.sweep import sweep
from scripts.steps import FAILED, CannotRun, guarded, natural, positive, source_id
from shared import assembly, wiring
from shared.bot import Bot
from shared.golden import GoldenQuestion
from shared.llm.base import ChatModel
from shared.rehearsal import Side

_PACKAGES = {"pytrec_eval": "pytrec-eval-terrier", "matplotlib": "matplotlib"}


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Run it. Returns an exit code."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if chosen.compare:
        print(compared(*map(read_result, chosen.compare)))
        return 0
    _check_chosen(parser, chosen)
    _check_places(chosen)
    _require("pytrec_eval", *["matplotlib"] * bool(chosen.plots))
    allowed = read_baseline(chosen.baseline) if chosen.baseline and not chosen.write_baseline else {}
    report = _golden(chosen) if chosen.golden else _files(chosen)
    print(tables(report))
    if chosen.json:
        chosen.json.parent.mkdir(parents=True, exist_ok=True)
        chosen.json.write_text(json.dumps(as_json(report), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    if chosen.plots:
        print("\n" + "\n".join(map(str, plot(report, chosen.plots))))
    if chosen.write_baseline:
        write_baseline(chosen.baseline, report)
    return _told(list(worse(report.figures, allowed)), chosen.baseline)


def _files(chosen: argparse.Namespace) -> Report:
    """What is asked in files, of one source."""
    questions = read_questions(chosen.questions, chosen.source)
    if chosen.after:
        questions = following(questions, chosen.after)
    if chosen.spaces:
        questions = typed_with(chosen.spaces, questions)
    return evaluate(served(chosen.source, _rewriter() if chosen.rewrite else None), questions, chosen)


def _golden(chosen: argparse.Namespace) -> Report:
    """What operators keep, of all that their bot searches. Raises `CannotRun` when they keep nothing."""
    bot = wiring.get_bot(chosen.golden)
    golden = wiring.get_golden().all(bot.bot_id)
    if not golden:
        raise CannotRun(f"bot {bot.bot_id!r} has no golden questions: operators keep them in the console")
    if chosen.sweep and len(bot.source_ids) > 1:
        raise CannotRun(f"--sweep: bot {bot.bot_id!r} has several sources, whose scores have units of their own")
    report = evaluate(serving(bot), golden_questions(golden), chosen)
    if chosen.keep:
        _keep(bot, golden)
    return report


def _keep(bot: Bot, golden: Sequence[GoldenQuestion]) -> None:
    """Run them as the console does: what the trend shows is counted in one way. Their vectors are remembered."""
    run = wiring.get_evaluations().run(bot.bot_id, bot.version, golden, Side.of(bot, assembly.get_searches(bot)))
    print(f"kept: {run.right} of {run.golden} golden questions are answered rightly\n")


def evaluate(engine: Engine, questions: Sequence[Question], chosen: argparse.Namespace) -> Report:
    """Ask and measure, as the command line says."""
    outcomes = ask_all(engine, questions)
    if any(one.question.answerable for one in outcomes) and all(one.rank is None for one in outcomes):
        print("haedap: no gold FAQ was found for any question: is this index that of these questions?", file=sys.stderr)
    categories = [one.question.category for one in outcomes]
    figures = by_category(measure(outcomes, chosen.depth), categories, chosen.bootstrap, chosen.seed)
    settings = {
        "questions": [path.name for path in chosen.questions],
        "source": chosen.source,
        "golden": chosen.golden,
        "rewrite": chosen.rewrite,
        "after": chosen.after,
        "spaces": chosen.spaces,
        "depth": chosen.depth,
        "bootstrap": chosen.bootstrap,
        "seed": chosen.seed,
    }
    swept = sweep(engine, outcomes, chosen.depth, chosen.bootstrap, chosen.seed) if chosen.sweep else []
    return Report(settings, engine, outcomes, figures, swept)


def _rewriter() -> ChatModel:
    """The model that rewrites follow-ups. Raises `CannotRun` when none is set."""
    rewriter = wiring.get_rewriter()
    if rewriter is None:
        raise CannotRun(
            "--rewrite needs a language model: OPENAI_API_KEY or OPENAI_BASE_URL, and not REWRITE_TIMEOUT_SECONDS=0"
        )
    return rewriter


def _check_chosen(parser: argparse.ArgumentParser, chosen: argparse.Namespace) -> None:
    """Stop with a message about what cannot be chosen together."""
    if bool(chosen.questions) is bool(chosen.golden):
        parser.error("a file of questions is needed, or --golden BOT, or --compare")
    if chosen.golden and (chosen.after or chosen.rewrite or chosen.spaces):
        parser.error("--golden: golden questions are asked alone and as they are: no --after, --rewrite or --spaces")
    if chosen.keep and not chosen.golden:
        parser.error("--keep needs --golden BOT")
    if chosen.write_baseline and not chosen.baseline:
        parser.error("--write-baseline needs --baseline FILE")


def _check_places(chosen: argparse.Namespace) -> None:
    """Raise `CannotRun` when what is found out could not be written, before anything is asked."""
    if chosen.json and chosen.json.is_dir():
        raise CannotRun(f"--json {chosen.json}: a folder; name a file")
    folders = [chosen.json.parent] if chosen.json else []
    folders += [chosen.plots] if chosen.plots else []
    for folder in folders:
        existing = next(one for one in (folder, *folder.parents) if one.exists())
        if not existing.is_dir():
            raise CannotRun(f"{existing}: no folder")
        if not os.access(existing, os.W_OK):
            raise CannotRun(f"{existing}: cannot be written to")


def _require(*modules: str) -> None:
    """Raise `CannotRun` when a package of the development environment is absent, before anything is asked."""
    if absent := " ".join(_PACKAGES[module] for module in modules if find_spec(module) is None):
        raise CannotRun(f"evaluating needs packages that are not installed: python -m pip install {absent}")


def _told(problems: Sequence[str], baseline: Path) -> int:
    for problem in problems:
        print(f"haedap: worse than {baseline}: {problem}", file=sys.stderr)
    return FAILED if problems else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", type=Path, nargs="*")
    parser.add_argument("--golden", metavar="BOT", help="ask this bot's golden questions of all that it searches")
    parser.add_argument("--keep", action="store_true", help="keep how many are right, for the console's trend")
    parser.add_argument("--source", type=source_id, default="default", help="the source that is asked")
    parser.add_argument("--depth", type=positive, default=10, help="ranks that count (default: 10)")
    parser.add_argument("--after", metavar="QUESTION", help="ask each right after this one: what is new stays new")
    parser.add_argument("--spaces", choices=SPACES, help="ask each as typed without any, or with one after each letter")
    parser.add_argument("--rewrite", action="store_true", help="let the language model rewrite follow-ups")
    parser.add_argument("--sweep", action="store_true", help="other title shares and lexical weights, too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything to this file, too")
    parser.add_argument("--plots", type=Path, metavar="FOLDER", help="write PNGs into this folder")
    parser.add_argument("--bootstrap", type=positive, default=1000, metavar="N", help="resamples (default: 1000)")
    parser.add_argument("--seed", type=natural, default=0, help="of the resamples (default: 0)")
    parser.add_argument(
        "--compare", type=Path, nargs=2, metavar=("A", "B"), help="won and lost questions of two --json files"
    )
    parser.add_argument("--baseline", type=Path, metavar="FILE", help="fail when worse than these figures")
    parser.add_argument("--write-baseline", action="store_true", help="write the figures to --baseline instead")
    return parser


if __name__ == "__main__":
    sys.exit(main())
