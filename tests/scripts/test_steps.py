"""Preprocess, structure, vectorize: alone, one after the other, and all at once."""

import json
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts import preprocess, steps, structure, vectorize
from scripts.steps import BAD_ROWS, FAILED
from shared import assembly, wiring
from shared.indexing import lease
from shared.indexing.build import stored_contents
from shared.indexing.readers import read
from shared.models import Content
from shared.retrieval import manifest
from shared.retrieval.chroma import embedded_client
from shared.retrieval.openings import opening_of
from shared.settings import get_settings
from tests.fakes.embedder import FakeEmbedder

ROOT = Path(__file__).parent.parent.parent
CORPUS = ROOT.parent / "shared" / "data" / "final_result.pkl"
CSV = """id,title,content,similar_titles,related_titles,category
a,[화분] 분갈이는 언제 하나요?,봄에 합니다.,분갈이 시기|흙 갈기,물은 얼마나 주나요?,화분 관리
b,물은 얼마나 주나요?,주 1회 줍니다.,,,화분 관리
c,,제목이 없습니다.,,,
d,분갈이 흙은 어디서 사나요?,화원에서 삽니다.,,없는 질문,
"""
WRITTEN = {"faq_id", "source_id", "title", "tags", "similar_titles", "content", "service_answers", "related_ids"}
WRITTEN |= {"category", "category_inferred", "url", "summary_titles", "media", "effective_on", "expires_on"}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "corpus.csv"
    path.write_text(CSV, encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def data_dir(cheap_engines: Path) -> Path:
    return cheap_engines


def first(question: str, source: str = "default") -> Content:
    """The best content for a question."""
    search = assembly.get_search(wiring.get_bot("default"), source)
    return search.find([question], limit=1).ranked[0].content


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


# Step by step


def test_what_may_not_be_linked_or_shown_is_told_and_left_out_and_the_rest_is_indexed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "media.csv"
    path.write_text(
        "id,title,content,url,media\n"
        "a,물은 얼마나 주나요?,[달력](http://a.example)대로 줍니다.,,https://cdn.example/a.png|https://b.example/b.png\n"
        "b,흙은 어디서 사나요?,화원에서 삽니다.,https://a.example/,https://cdn.example/none\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("MEDIA_HOSTS", "cdn.example")
    get_settings.cache_clear()
    assert vectorize.main([str(path)]) == 0
    told = capsys.readouterr().err
    assert "content a: link 'http://a.example' dropped: not https" in told
    assert "content a: image 'https://b.example/b.png' dropped: host not allowed" in told
    assert "row 3: media 'https://cdn.example/none'" in told
    served = {one["faq_id"]: one for one in lines(data_dir / "steps" / "3-indexed.jsonl")}
    assert served["a"]["content"] == "달력대로 줍니다."
    assert [one["url"] for one in served["a"]["media"]] == ["https://cdn.example/a.png"]
    assert (served["b"]["url"], served["b"]["media"]) == ("https://a.example/", [])


def test_each_step_reads_what_the_one_before_it_wrote(
    corpus: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert preprocess.main([str(corpus)]) == BAD_ROWS
    told = capsys.readouterr().err
    assert "4 rows read, 3 written" in told
    assert "row 4 left out: title is empty" in told
    assert [row["row"] for row in lines(data_dir / "steps" / "1-preprocessed.jsonl")] == [2, 3, 5]

    assert structure.main([]) == 0
    assert "1 related titles name no content, e.g. row 5: 없는 질문" in capsys.readouterr().err
    contents = lines(data_dir / "steps" / "2-contents.jsonl")
    assert set(contents[0]) - {"updated_at"} == WRITTEN
    assert (contents[0]["title"], contents[0]["tags"], contents[0]["related_ids"]) == (
        "분갈이는 언제 하나요?",
        ["화분"],
        ["b"],
    )

    assert vectorize.main([]) == 0
    indexed = {one["faq_id"]: one for one in lines(data_dir / "steps" / "3-indexed.jsonl")}
    assert (indexed["a"]["category"], indexed["a"]["category_inferred"]) == ("화분 관리", False)
    assert (indexed["d"]["category"], indexed["d"]["category_inferred"]) == ("화분 관리", True)
    assert first("흙 갈기").faq_id == "a"


def test_a_step_writes_where_it_is_told_and_nothing_is_left_of_a_failed_one(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "rows.jsonl"
    assert preprocess.main([str(corpus), "-o", str(out)]) == BAD_ROWS
    before = out.read_bytes()
    (tmp_path / "late.jsonl").write_bytes('{"title": "하나", "content": "둘"}\n'.encode() + b"\xb0\xa1" * 9_000)
    assert preprocess.main([str(tmp_path / "late.jsonl"), "-o", str(out)]) == FAILED
    assert out.read_bytes() == before
    assert [path.name for path in out.parent.iterdir()] == ["rows.jsonl"]


def test_a_line_that_a_person_broke_is_told_and_the_rest_goes_on(
    corpus: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    preprocess.main([str(corpus)])
    rows = data_dir / "steps" / "1-preprocessed.jsonl"
    first, second, third = rows.read_text(encoding="utf-8").splitlines()
    rows.write_text("\n".join([first, second[:-10], "", third.replace('"title"', '"titel"')]), encoding="utf-8-sig")
    capsys.readouterr()
    assert structure.main([]) == BAD_ROWS
    told = capsys.readouterr().err
    assert "structure: 1 contents written" in told
    assert "line of 1-preprocessed.jsonl 2 left out: Invalid JSON" in told
    assert "line of 1-preprocessed.jsonl 4 left out: title Field required" in told

    contents = data_dir / "steps" / "2-contents.jsonl"
    good = contents.read_text(encoding="utf-8").strip()
    other = good.replace('"faq_id":"a"', '"faq_id":"a2"')
    edited = [
        good,
        good,
        good.replace('"faq_id":"a"', '"faq_id":"a#2"'),
        other.replace("봄에 합니다.", " "),
        other.replace("봄에", "가" * 200_000),
        "{}",
        other,
    ]
    contents.write_text("\n".join(edited), encoding="utf-8")
    assert vectorize.main([]) == BAD_ROWS
    told = capsys.readouterr().err
    for number, why in (
        (2, "faq_id a a second time"),
        (3, "contains '#'"),
        (4, "is empty"),
        (5, "larger"),
        (6, "required"),
    ):
        assert any(f"2-contents.jsonl {number} left out: " in line and why in line for line in told.splitlines()), told
    assert {one.faq_id for one in stored_contents(wiring.get_store(), "default")} == {"a", "a2"}


BROKEN = {
    "NUL in the id": ('"a"', '"a\\u0000b"'),
    "half a surrogate pair": ('"a"', '"\\ud800"'),
    "a number for the id": ('"a"', "7"),
    "a list": ("{", "[{"),
    "too deep": ("{", '{"x":' + "[" * 5_000),
    "a category that is no text": ('"category":', '"category":{},"c":'),
    "titles that are no list": ('"similar_titles":', '"similar_titles":"하나","s":'),
}


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("rest", ["alone", "beside a good one"])
def test_a_step_file_that_a_person_broke_is_told_in_a_line_and_never_half_indexed(
    corpus: Path, data_dir: Path, broken: str, rest: str, capsys: pytest.CaptureFixture[str]
) -> None:
    vectorize.main([str(corpus)])
    served = manifest.current(wiring.get_store(), "default")
    for step, name in ((structure.main, "1-preprocessed.jsonl"), (vectorize.main, "2-contents.jsonl")):
        file = data_dir / "steps" / name
        line, other, *_ = file.read_text(encoding="utf-8").splitlines()
        file.write_text("\n".join([line.replace(*BROKEN[broken], 1), other][: 1 + (rest != "alone")]), encoding="utf-8")
        capsys.readouterr()
        code = step([])
        told = capsys.readouterr().err.splitlines()
        assert code == (FAILED if (rest, step) == ("alone", vectorize.main) else BAD_ROWS), told
        assert sum(" left out: " in line for line in told) == 1, told
        if step is structure.main:
            file = data_dir / "steps" / "2-contents.jsonl"
            contents = lines(file)
            assert [one["faq_id"] for one in contents] == (["b"] if rest != "alone" else [])
            structure.run(write_good(corpus, data_dir), file, "default")
    if rest == "alone":
        assert manifest.current(wiring.get_store(), "default") == served
    else:
        assert [one.faq_id for one in stored_contents(wiring.get_store(), "default")] == ["b"]


def write_good(corpus: Path, data_dir: Path) -> Path:
    """Step 1 once more: the file that it wrote."""
    preprocess.main([str(corpus)])
    return data_dir / "steps" / "1-preprocessed.jsonl"


@pytest.mark.parametrize(
    ("step", "arguments", "told"),
    [
        (preprocess.main, ["absent.csv"], "haedap: absent.csv: no such file"),
        (structure.main, [], "1-preprocessed.jsonl: no such file; run the step before it first"),
        (vectorize.main, [], "2-contents.jsonl: no such file; run the step before it first"),
        (vectorize.main, ["absent.pkl"], "haedap: absent.pkl: no such file"),
        (preprocess.main, ["corpus.csv", "-o", "/proc/none/x.jsonl"], "No such file or directory"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_1(
    corpus: Path,
    step: Callable[[list[str]], int],
    arguments: list[str],
    told: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert step(arguments) == FAILED
    said = capsys.readouterr().err.strip()
    assert told in said
    assert len(said.splitlines()) == 1


def test_steps_run_alone_from_any_folder(corpus: Path, tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "scripts" / arguments[0]), *arguments[1:]]
        return subprocess.run(command, cwd=tmp_path, env={**os.environ}, capture_output=True, text=True, timeout=300)

    assert run("preprocess.py", str(corpus), "-o", "rows.jsonl").returncode == BAD_ROWS
    ran = run("structure.py", "rows.jsonl", "-o", "contents.jsonl", "--source", "garden")
    assert ran.returncode == 0, ran.stderr
    assert {one["source_id"] for one in lines(tmp_path / "contents.jsonl")} == {"garden"}


# All at once


def test_a_corpus_is_indexed_in_one_go_and_a_second_run_embeds_nothing(
    corpus: Path, embedder: FakeEmbedder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert vectorize.main([str(corpus)]) == BAD_ROWS
    told = capsys.readouterr().err
    assert "3 contents, 6 titles, 3 passages; 9 embedded, 0 known; 3 contents written, 0 removed" in told
    assert "9/9" in told and "text/s" in told  # the bar, its rate

    calls = embedder.calls
    assert vectorize.main([str(corpus)]) == BAD_ROWS
    assert embedder.calls == calls
    told = capsys.readouterr().err
    assert "0 embedded, 9 known; 0 contents written, 0 removed" in told
    assert "text/s" not in told


def test_a_failed_run_says_why_and_the_next_goes_on(
    corpus: Path, embedder: FakeEmbedder, capsys: pytest.CaptureFixture[str]
) -> None:
    embedder.batch_size, embedder.fail_after = 2, 5
    assert vectorize.main([str(corpus)]) == FAILED
    assert "haedap: embedding_unavailable: told to fail" in capsys.readouterr().err
    done, embedder.fail_after = embedder.texts, None
    assert done > 0
    assert vectorize.main([str(corpus)]) == BAD_ROWS
    assert f"{9 - done} embedded, {done} known" in capsys.readouterr().err


def test_a_build_beside_another_one_says_so(
    corpus: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with lease.held(wiring.get_store(), "default", lambda: None):
        monkeypatch.setattr(lease, "LEASE_SECONDS", -1)  # what the second one is ready to wait
        assert vectorize.main([str(corpus)]) == FAILED
    told = capsys.readouterr().err
    assert "waiting for another build" in told
    assert "haedap: build_running: source 'default': another build of it is at work" in told


def test_a_broken_corpus_leaves_the_served_index_alone(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vectorize.main([str(corpus)])
    served = manifest.current(wiring.get_store(), "default")
    corpus.write_text("title,content\n,\n", encoding="utf-8")
    assert vectorize.main([str(corpus)]) == FAILED
    assert "no contents; an index of nothing would answer nothing" in capsys.readouterr().err
    assert manifest.current(wiring.get_store(), "default") == served


def test_if_absent_does_nothing_when_there_is_an_index(corpus: Path, embedder: FakeEmbedder) -> None:
    assert vectorize.main([str(corpus), "--if-absent"]) == BAD_ROWS
    calls = embedder.calls
    corpus.write_text("title,content\n다른 질문,다른 안내\n", encoding="utf-8")
    assert vectorize.main([str(corpus), "--if-absent"]) == 0
    assert embedder.calls == calls
    assert len(list(stored_contents(wiring.get_store(), "default"))) == 3


def test_if_absent_indexes_again_when_the_vectors_are_gone(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectorize.main([str(corpus)])
    client = embedded_client(tmp_path / "elsewhere")  # as a new process finds it whose Chroma folder was removed
    monkeypatch.setattr(wiring, "get_chroma", lambda: client)
    assert vectorize.main([str(corpus), "--if-absent"]) == BAD_ROWS
    assert first("흙 갈기").faq_id == "a"


def test_artefacts_that_are_gone_are_made_again_and_nothing_but_openings_is_embedded(
    corpus: Path, data_dir: Path, embedder: FakeEmbedder, capsys: pytest.CaptureFixture[str]
) -> None:
    vectorize.main([str(corpus)])
    for again in ([str(corpus)], [str(corpus), "--if-absent"]):
        shutil.rmtree(data_dir / "artifacts")
        wiring.get_artefact.cache_clear()  # as a new process finds it
        embedder.passages.clear()
        assert vectorize.main(again) == BAD_ROWS
        assert "0 embedded, 9 known; 0 contents written" in capsys.readouterr().err
        assert len(embedder.passages) == len(
            {opening_of(one) for one in stored_contents(wiring.get_store(), "default")}
        )
        assert len(list((data_dir / "artifacts" / "default").iterdir())) == 1


def test_two_sources_stand_side_by_side_and_contents_know_theirs(
    corpus: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vectorize.main([str(corpus), "--source", "garden"])
    assert manifest.current(wiring.get_store(), "default") is None
    assert first("흙 갈기", "garden").source_id == "garden"
    assert vectorize.main([str(data_dir / "steps" / "2-contents.jsonl")]) == FAILED
    assert "contents of source 'garden': say --source garden" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["", "Garden", "a b", "a#b", "-a", "a" * 65, "../a"])
def test_a_name_that_chroma_would_refuse_is_no_source(corpus: Path, name: str) -> None:
    with pytest.raises(SystemExit) as ended:
        vectorize.main([str(corpus), f"--source={name}"])
    assert ended.value.code == 2


def test_the_bot_speaks_as_its_corpus(corpus: Path) -> None:
    vectorize.main([str(corpus), "--name", "푸른 화원"])
    wiring.get_bot.cache_clear()
    bot = wiring.get_bot("default")
    assert bot.says(bot.replies.refusal).startswith("저는 푸른 화원 FAQ를")
    versions = len(wiring.get_store().query("bots", "default").items)
    wiring.get_bot.cache_clear()
    vectorize.main([str(corpus), "--name", "푸른 화원"])
    assert len(wiring.get_store().query("bots", "default").items) == versions == 1


def speaks() -> tuple[str | None, bool]:
    """The default bot's name, and whether it refuses in the sample's words."""
    wiring.get_bot.cache_clear()
    bot = wiring.get_bot("default")
    return bot.name, "입점, 상품, 주문" in bot.replies.refusal["ko"]


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A part of the sample FAQ."""
    rows = (ROOT / "data" / "sample_faq.jsonl").read_text(encoding="utf-8").splitlines()[:3]
    (tmp_path / "sample.jsonl").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path / "sample.jsonl"


@pytest.fixture
def smartstore(tmp_path: Path) -> Path:
    path = tmp_path / "faq.pkl"
    path.write_bytes(pickle.dumps({"정산일": "매일입니다.", "반품": "됩니다."}))
    return path


def test_a_given_name_stays_when_nothing_is_said_of_it(corpus: Path, sample: Path, smartstore: Path) -> None:
    vectorize.main([str(corpus), "--name", "푸른 화원"])
    for again in ([str(corpus)], [], [str(smartstore)], [str(sample)]):
        vectorize.main(again)
        assert speaks() == ("푸른 화원", False), again


def test_a_name_that_came_with_a_corpus_goes_with_it(corpus: Path, sample: Path, smartstore: Path) -> None:
    for arguments, expected in (
        ([str(sample)], ("가온마켓 판매자센터", True)),
        ([], ("가온마켓 판매자센터", True)),
        ([str(corpus)], (None, False)),
        ([str(smartstore)], ("스마트스토어", False)),
        ([], ("스마트스토어", False)),
        ([str(sample)], ("가온마켓 판매자센터", True)),
        ([str(smartstore)], ("스마트스토어", False)),
    ):
        vectorize.main(arguments)
        assert speaks() == expected, arguments


def test_the_third_step_alone_publishes_the_bot(corpus: Path, data_dir: Path, sample: Path) -> None:
    preprocess.main([str(sample)])
    structure.main([])
    vectorize.main([])
    assert speaks() == ("가온마켓 판매자센터", True)
    vectorize.main(["--name", "푸른 화원"])
    assert speaks() == ("푸른 화원", False)
    preprocess.main([str(corpus)])
    structure.main([])
    vectorize.main([str(data_dir / "steps" / "2-contents.jsonl"), "--name", "붉은 화원"])
    assert speaks() == ("붉은 화원", False)
    assert len(wiring.get_store().query("bots", "default").items) == 3


def test_a_name_from_the_settings_is_not_published(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vectorize.main([str(corpus), "--name", "푸른 화원"])
    monkeypatch.setenv("BOT_NAME", "다른 이름")
    get_settings.cache_clear()
    vectorize.main([str(corpus)])
    assert speaks() == ("다른 이름", False)
    monkeypatch.delenv("BOT_NAME")
    get_settings.cache_clear()
    assert speaks() == ("푸른 화원", False)


def test_every_shipped_question_that_is_off_topic_counts_and_no_empty_line_or_comment(
    corpus: Path, embedder: FakeEmbedder
) -> None:
    vectorize.main([str(corpus)])
    shipped = (ROOT / "shared" / "indexing" / "words" / "off_topic.txt").read_text(encoding="utf-8").split("\n")
    assert {line for line in shipped if line and not line.startswith("#")} <= set(embedder.queries)
    assert not any(query == "" or query.startswith("#") for query in embedder.queries)


def test_an_operators_own_off_topic_questions_take_the_place_of_the_shipped_ones(
    corpus: Path, embedder: FakeEmbedder, tmp_path: Path
) -> None:
    own = tmp_path / "own.txt"
    own.write_text("# 다른 가게\n은행은 몇 시에 여나요?\n\n기차표 취소\n", encoding="utf-8")
    assert vectorize.main([str(corpus), "--off-topic", str(own)]) == BAD_ROWS
    assert {"은행은 몇 시에 여나요?", "기차표 취소"} <= set(embedder.queries)
    assert "오늘 서울 날씨 어때?" not in embedder.queries


@pytest.mark.parametrize("written", [None, b"", b"# nothing\n", b"\xff\xfe"])
def test_a_file_without_off_topic_questions_is_told_before_anything_is_built(
    corpus: Path, tmp_path: Path, written: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own.txt"
    if written is not None:
        own.write_bytes(written)
    assert vectorize.main([str(corpus), "--off-topic", str(own)]) == FAILED
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert manifest.current(wiring.get_store(), "default") is None


# Files


def test_many_bad_rows_are_listed_up_to_twenty(capsys: pytest.CaptureFixture[str]) -> None:
    steps.report_bad([(n, "why") for n in range(1, 25)])
    told = capsys.readouterr().err.splitlines()
    assert (len(told), told[0], told[-1]) == (21, "  row 1 left out: why", "  … and 4 more rows left out")


@pytest.mark.skipif(not CORPUS.is_file(), reason="the real corpus (../shared/data/final_result.pkl) is not here")
def test_the_real_corpus_passes_both_steps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert preprocess.main([str(CORPUS)]) == 0
    assert "dropped: rating form, 2717 times" in capsys.readouterr().err
    assert structure.main([]) == 0
    contents = lines(get_settings().data_dir / "steps" / "2-contents.jsonl")
    assert len(contents) == len(list(read(CORPUS))) == 2_717
    assert len({one["faq_id"] for one in contents}) == 2_717
    assert sum(len(one["related_ids"]) for one in contents) == 606
    for one in contents:
        assert not one["title"].startswith(("[", "★")) and "\xa0" not in one["content"]
        assert "별점1점" not in one["content"] and not one["content"].endswith("도움말 닫기")
