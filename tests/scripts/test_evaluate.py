"""`scripts/evaluate.py` as it is run: over an index of the sample FAQ, and where it cannot run."""

import json
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from scripts import evaluate
from scripts.evaluation.engine import ask_all, served
from scripts.evaluation.questions import Question, read_questions, typed_with
from scripts.steps import FAILED, CannotRun
from shared import wiring
from shared.golden import Golden
from shared.indexing.structure import derived_id
from tests.app import ROOT
from tests.fakes.openai_replies import Reply
from tests.fakes.openai_server import FakeOpenAI

QUESTIONS = 6
needs_trec_eval = pytest.mark.skipif(
    not find_spec("pytrec_eval"), reason="pytrec_eval is not installed: it has no wheel for Linux on ARM"
)


def write(path: Path, *lines: dict[str, Any]) -> Path:
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n", encoding="utf-8")
    return path


# Over an index


@pytest.fixture
def questions(corpus: Path, tmp_path: Path) -> Path:
    """Some plain sample questions that the indexed part of the sample FAQ answers, and some that none answers."""
    known = {json.loads(line)["id"] for line in corpus.read_text(encoding="utf-8").splitlines()}
    sample = (ROOT / "data" / "sample_questions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in sample]
    plain = [row for row in rows if row["category"] == "plain" and set(row["gold"]) <= known][:QUESTIONS]
    return write(tmp_path / "some.jsonl", *plain, *[row for row in rows if row["category"] == "offtopic"][:QUESTIONS])


@needs_trec_eval
def test_the_served_index_is_measured_and_meets_its_own_baseline(
    data_dir: Path, questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result, baseline = tmp_path / "out" / "a.json", tmp_path / "baseline.json"
    base = [str(questions), "--bootstrap", "50", "--baseline", str(baseline)]
    assert evaluate.main([*base, "--write-baseline", "--sweep", "--json", str(result)]) == 0
    out = capsys.readouterr().out
    assert "plain" in out and "offtopic" in out and "title:content" in out

    written = json.loads(result.read_text(encoding="utf-8"))
    assert len(written["questions"]) == 2 * QUESTIONS
    assert sum(written["confusion"]["all"].values()) == 2 * QUESTIONS
    assert written["figures"]["plain"]["recall@10"]["value"] > 0.5
    assert evaluate.main(base) == 0
    better = json.loads(baseline.read_text(encoding="utf-8"))
    better["figures"]["plain"]["recall@10"].update(value=1.5, low=1.25)
    baseline.write_text(json.dumps(better), encoding="utf-8")
    capsys.readouterr()
    assert evaluate.main(base) == FAILED
    told = capsys.readouterr().err.splitlines()
    assert f"haedap: worse than {baseline}: plain: recall@10 fell to" in told[-1]

    assert evaluate.main(["--compare", str(result), str(result)]) == 0
    assert "decision: 0 won, 0 lost, 12 neither" in capsys.readouterr().out


def test_a_sweep_starts_from_the_scores_that_are_served(data_dir: Path, questions: Path) -> None:
    engine = served("default")
    for outcome in ask_all(engine, read_questions([questions], "default"), limit=20):
        scores = [engine.combine(one.parts, engine.weights) for one in outcome.candidates]
        assert scores == pytest.approx([one.score for one in outcome.candidates])
        assert scores == pytest.approx(sorted(scores, reverse=True))


@needs_trec_eval
def test_follow_ups_are_rewritten_on_request_and_fall_back(
    data_dir: Path, tmp_path: Path, configure: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(
        tmp_path / "some.jsonl",
        {"question": "정산은 언제 되나요?"},
        *[{"question": "그럼 얼마나 걸리나요?", "history": [{"user": "개인 판매자도 입점할 수 있나요?"}]}] * 2,
    )
    with FakeOpenAI() as llm:
        configure(OPENAI_BASE_URL=llm.base_url)
        llm.enqueue("입점 심사는 얼마나 걸리나요?", Reply(status=401))
        assert evaluate.main([str(path), "--rewrite", "--bootstrap", "10", "--json", str(tmp_path / "a.json")]) == 0
        assert len(llm.requests) == 2
    assert "haedap: some:3: not rewritten: " in capsys.readouterr().err
    one, two = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["questions"][1:]
    assert one["top_score"] != two["top_score"]


def test_rewriting_without_a_model_is_refused(
    data_dir: Path, questions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate.main([str(questions), "--rewrite"]) == FAILED
    assert "--rewrite needs a language model: OPENAI_API_KEY" in capsys.readouterr().err


@needs_trec_eval
def test_questions_about_another_corpus_are_noticed(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "other.jsonl", {"question": "정산은 언제 되나요?", "gold": ["elsewhere"]})
    assert evaluate.main([str(path), "--bootstrap", "10"]) == 0
    assert "no gold FAQ was found for any question" in capsys.readouterr().err


# Golden questions


@pytest.fixture
def golden(data_dir: Path) -> Golden:
    """One that is answered rightly, one that is not, and one that is rightly not answered."""
    kept = wiring.get_golden()
    title = wiring.get_contents().state("default", "join-001").published
    other = wiring.get_contents().state("default", "join-002").published
    assert title and other
    kept.add("default", title.title, ["join-001"])
    kept.add("default", other.title, ["join-003"])
    kept.add("default", "오늘 서울 날씨 알려줘", [])
    return kept


@needs_trec_eval
def test_a_bots_golden_questions_are_measured_like_those_of_a_file(
    golden: Golden, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = tmp_path / "golden.json"
    assert evaluate.main(["--golden", "default", "--bootstrap", "10", "--sweep", "--json", str(result)]) == 0
    out = capsys.readouterr().out
    assert "golden" in out and "unanswerable" in out
    told = json.loads(result.read_text(encoding="utf-8"))
    assert told["figures"]["golden"]["recall@1"]["value"] == 0.5
    assert told["settings"]["golden"] == "default"
    assert [one["id"] for one in told["questions"]] == [one.golden_id for one in golden.all("default")]
    assert wiring.get_evaluations().latest("default") == []


@needs_trec_eval
def test_a_run_is_kept_on_request_beside_the_consoles_own(golden: Golden, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate.main(["--golden", "default", "--bootstrap", "10", "--keep"]) == 0
    assert "kept: 2 of 3 golden questions" in capsys.readouterr().out
    (kept,) = wiring.get_evaluations().latest("default")
    assert (kept.golden, kept.right, kept.bot_version) == (3, 2, wiring.get_bot("default").version)


@needs_trec_eval
@pytest.mark.parametrize(
    ("bot", "problem"), [("default", "bot 'default' has no golden questions"), ("none", "haedap: bot_not_found")]
)
def test_a_bot_without_golden_questions_is_told_of(
    data_dir: Path, capsys: pytest.CaptureFixture[str], bot: str, problem: str
) -> None:
    assert evaluate.main(["--golden", bot]) == FAILED
    assert problem in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["some.jsonl", "--golden", "default"],
        ["--golden", "default", "--after", "정산은 언제 되나요?"],
        ["--golden", "default", "--rewrite"],
        ["--golden", "default", "--spaces", "none"],
        ["some.jsonl", "--keep"],
    ],
)
def test_what_does_not_go_together_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        evaluate.main(arguments)
    assert "--golden" in capsys.readouterr().err


# Question files


def test_questions_are_asked_as_typed_without_spaces_or_with_one_after_each_letter() -> None:
    asked = [Question("q", "배송비 어떻게\t정하나요?", "plain")]
    assert [one.text for one in typed_with("none", asked)] == ["배송비어떻게정하나요?"]
    assert [one.text for one in typed_with("all", asked)] == ["배 송 비 어 떻 게 정 하 나 요 ?"]


def test_a_question_has_an_id_a_category_turns_and_gold(tmp_path: Path) -> None:
    path = write(
        tmp_path / "some.jsonl",
        {"question": "하나?", "gold": [3], "gold_titles": ["정산 &amp; 입금은\n언제?"], "answerable": True},
        {"id": 7, "category": "noisy", "question": "둘?", "gold": ["a", "b"], "note": "?", "history": None},
        {"id": "x", "question": "셋?", "history": [{"user": "앞", "assistant": "답"}], "gold": None},
        {"id": "y", "question": "넷?", "gold": [], "answerable": False},
    )
    one, two, three, four = read_questions([path], "shop")
    assert (one.id, one.category, one.gold) == (
        "some:1",
        "uncategorized",
        frozenset({derived_id("shop", "정산 & 입금은 언제?")}),
    )
    assert (two.id, two.category, two.gold, len(two.history)) == ("7", "noisy", frozenset("ab"), 0)
    assert [(turn.user_message, turn.system_message) for turn in three.history] == [("앞", "답")]
    assert not three.answerable and not four.answerable


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "no questions"),
        (b"\n\n", "no questions"),
        (b'{"question": "?"', "line 1: Invalid JSON"),
        (b"[1]\n", "line 1: Input should be an object"),
        (b'{"category": "plain"}', "line 1: question Field required"),
        (b'{"question": "a", "gold": "join-001"}', "line 1: gold Input should be a valid"),
        (b'{"question": "a", "history": [{"assistant": "b"}]}', "line 1: history 0 user Field required"),
        (b'{"question": "a", "answerable": true, "gold": []}', "line 1: answerable, but without gold"),
        (b'{"question": "a", "answerable": false, "gold": ["b"]}', "line 1: not answerable, but with gold"),
        (b'{"question": "a", "category": "all"}', "line 1: no category may be called 'all'"),
        (b'{"id": "a", "question": "a"}\n\n{"id": "a", "question": "b"}', "line 3: the id 'a' was used before"),
        ("질문".encode("cp949"), "not UTF-8"),
    ],
)
def test_a_file_that_holds_no_questions_is_one_line(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_bytes(content)
    with pytest.raises(CannotRun) as caught:
        read_questions([path], "default")
    assert str(path) in str(caught.value)
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


# Where it cannot run


@needs_trec_eval
def test_what_cannot_be_read_ends_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text("정산은?", encoding="utf-8")
    for arguments in (
        [str(tmp_path / "absent.jsonl")],
        [str(bad)],
        [str(bad), "--baseline", str(tmp_path / "absent.json")],
        ["--compare", str(bad), str(bad)],
    ):
        assert evaluate.main(arguments) == FAILED
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("haedap: ") and str(tmp_path) in line


@needs_trec_eval
def test_what_could_not_be_written_is_refused_before_anything_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def asked(*_: object) -> None:
        raise AssertionError("it was begun")

    monkeypatch.setattr(evaluate, "served", asked)
    path = write(tmp_path / "some.jsonl", {"question": "하나?"})
    for option, where in (("--json", tmp_path), ("--json", path / "a.json"), ("--plots", path)):
        assert evaluate.main([str(path), option, str(where)]) == FAILED
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("haedap: ") and str(tmp_path) in line


def test_absent_packages_are_named_before_anything_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pytrec_eval", None)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    path = write(tmp_path / "some.jsonl", {"question": "하나?"})
    assert evaluate.main([str(path), "--plots", str(tmp_path)]) == FAILED
    assert "python -m pip install pytrec-eval-terrier matplotlib" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["some.jsonl", "--depth", "0"],
        ["some.jsonl", "--bootstrap", "0"],
        ["some.jsonl", "--seed", "-1"],
        ["some.jsonl", "--source", "Ä"],
        ["some.jsonl", "--write-baseline"],
        ["--compare", "one.json"],
    ],
)
def test_a_command_line_that_makes_no_sense_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        evaluate.main(arguments)
    assert caught.value.code == 2
    assert "error: " in capsys.readouterr().err
