"""Titles by a language model: proposed, looked through by a person, served."""

import json
from pathlib import Path
from typing import Any

import pytest

from scripts import summarize_titles, vectorize
from scripts.steps import BAD_ROWS, FAILED
from shared import assembly, wiring
from shared.indexing import lease
from shared.indexing.build import stored_contents
from shared.models import Content, SummaryTitle
from shared.retrieval import manifest
from shared.settings import get_settings
from tests.app import forget
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.openai_replies import Reply
from tests.fakes.openai_server import FakeOpenAI

CSV = """id,title,content,similar_titles
a,[화분] 분갈이는 언제 하나요?,봄에 합니다.,흙 갈기
b,물은 얼마나 주나요?,주 1회 줍니다.,
c,겨울에는 어디에 두나요?,볕이 드는 안에 둡니다.,
"""
CHAT = "/v1/chat/completions"
ANSWER = "1. 화초 집을 옮겨 주는 때\n2. 더 큰 그릇으로 바꿔 주기"
ONE, TWO = "화초 집을 옮겨 주는 때", "더 큰 그릇으로 바꿔 주기"


@pytest.fixture(autouse=True)
def corpus(cheap_engines: Path, tmp_path: Path) -> Path:
    """Indexed once."""
    path = tmp_path / "corpus.csv"
    path.write_text(CSV, encoding="utf-8")
    assert vectorize.main([str(path)]) == 0
    return path


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Any:
    with FakeOpenAI() as running:
        monkeypatch.setenv("OPENAI_BASE_URL", running.base_url)
        monkeypatch.setenv("CHAT_MODEL", "fake-chat")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        get_settings.cache_clear()
        wiring._open_chat_model.cache_clear()
        yield running


@pytest.fixture
def file(cheap_engines: Path) -> Path:
    """Where the proposals are written."""
    return cheap_engines / "steps" / "summary-titles.jsonl"


def propose(*arguments: str) -> int:
    return summarize_titles.main(["propose", "--at-once", "1", *arguments])


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def review(file: Path, *accepted: str, reworded: dict[str, str] | None = None) -> None:
    """Look through the file as a person does: accept these texts, and no others."""
    kept = lines(file)
    for proposal in (one for line in kept for one in line["proposals"]):
        proposal["accepted"] = proposal["text"] in accepted
        proposal["text"] = (reworded or {}).get(proposal["text"], proposal["text"])
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in kept), encoding="utf-8")


def accepted() -> dict[str, list[str]]:
    """The summary titles that are stored."""
    stored = stored_contents(wiring.get_store(), "default")
    return {one.faq_id: [title.text for title in one.summary_titles] for one in stored if one.summary_titles}


def found(question: str) -> tuple[str, str]:
    """The best content, and the title by which it was found."""
    ranked = assembly.get_search(wiring.get_bot("default"), "default").find([question], limit=1).ranked[0]
    assembly.get_search.cache_clear()  # readers look for a new version every 2 s
    return ranked.content.faq_id, ranked.matched_subject


# From the model's answer to what customers find


def test_titles_are_proposed_accepted_and_served(
    server: FakeOpenAI, corpus: Path, file: Path, embedder: FakeEmbedder, capsys: pytest.CaptureFixture[str]
) -> None:
    server.enqueue(ANSWER, "목말라 보일 때\nHow much water?", "추울 때 어디 놔요")
    assert propose() == 0
    told = capsys.readouterr().err
    assert "4 titles proposed" in told and "dropped: not Korean, 1 times" in told and "3/3" in told
    assert lines(file)[0] == {
        "faq_id": "a",
        "source_id": "default",
        "title": "분갈이는 언제 하나요?",
        "made_from": lines(file)[0]["made_from"],
        "proposals": [{"accepted": False, "text": text, "model": "fake-chat"} for text in (ONE, TWO)],
    }
    assert accepted() == {}

    review(file, ONE)
    embedder.queries.clear()
    assert summarize_titles.main(["accept"]) == 0
    told = capsys.readouterr().err
    assert "1 titles accepted, 0 taken back" in told and "1 embedded" in told
    assert embedder.queries == [ONE]
    assert accepted() == {"a": [ONE]}
    assert found(ONE) == ("a", ONE)
    assert found(TWO)[1] != TWO

    assert vectorize.main([str(corpus)]) == 0  # from the corpus, which knows nothing of it
    assert "0 embedded" in capsys.readouterr().err
    assert (accepted(), found(ONE)) == ({"a": [ONE]}, ("a", ONE))


def test_the_model_is_asked_with_the_content_in_its_section(server: FakeOpenAI) -> None:
    assert propose("--count", "5", "--limit", "1") == 0
    (request,) = server.received(CHAT)
    system, user = request.body["messages"]
    assert "질문 5개" in system["content"]
    assert "<자료>\n분갈이는 언제 하나요?\n봄에 합니다.\n</자료>" in user["content"]


def test_what_nobody_has_looked_at_is_never_served(server: FakeOpenAI, file: Path, corpus: Path) -> None:
    server.enqueue(ANSWER)
    propose("--limit", "1")
    assert summarize_titles.main(["accept"]) == 0
    vectorize.main([str(corpus)])
    assert (accepted(), found(ONE)[1] == ONE) == ({}, False)

    contents = file.with_name("2-contents.jsonl")  # nor when somebody writes it into a file of contents
    first = Content.model_validate_json(contents.read_text(encoding="utf-8").splitlines()[0])
    unseen = SummaryTitle(text=ONE, model="fake-chat", made_from=lines(file)[0]["made_from"])
    contents.write_text(first.model_copy(update={"summary_titles": [unseen]}).model_dump_json(), encoding="utf-8")
    assert vectorize.main([]) == 0
    assert found(ONE)[1] != ONE


def test_a_title_can_be_reworded_and_taken_back(server: FakeOpenAI, file: Path, corpus: Path) -> None:
    server.enqueue(ANSWER)
    propose("--limit", "1")
    review(file, ONE, TWO, reworded={TWO: "  큰\n화분으로 "})
    assert summarize_titles.main(["accept"]) == 0
    assert accepted() == {"a": [ONE, "큰 화분으로"]}
    review(file, "  큰\n화분으로 ", reworded={"  큰\n화분으로 ": "큰 화분으로 옮기기"})
    assert summarize_titles.main(["accept"]) == 0
    assert accepted() == {"a": ["큰 화분으로 옮기기"]}
    review(file)
    assert summarize_titles.main(["accept"]) == 0
    assert accepted() == {}
    assert found("큰 화분으로 옮기기")[1] != "큰 화분으로 옮기기"


def test_accepted_titles_stand_in_the_line_of_another_model(server: FakeOpenAI, file: Path, tmp_path: Path) -> None:
    server.enqueue(ANSWER, f"{ONE}\n화분 옮겨 심기 좋은 달")
    propose("--limit", "1")
    review(file, ONE)
    summarize_titles.main(["accept"])
    propose("--limit", "1", "-o", str(tmp_path / "more.jsonl"))
    (line,) = lines(tmp_path / "more.jsonl")
    assert [(one["accepted"], one["text"]) for one in line["proposals"]] == [
        (True, ONE),
        (False, "화분 옮겨 심기 좋은 달"),
    ]
    review(tmp_path / "more.jsonl", ONE, "화분 옮겨 심기 좋은 달")
    summarize_titles.main(["accept", str(tmp_path / "more.jsonl")])
    assert accepted() == {"a": [ONE, "화분 옮겨 심기 좋은 달"]}


def test_titles_of_a_content_that_has_changed_go(
    server: FakeOpenAI, file: Path, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.enqueue(ANSWER, "목말라 보일 때")
    propose("--limit", "2")
    review(file, ONE, "목말라 보일 때")
    summarize_titles.main(["accept"])
    corpus.write_text(CSV.replace("봄에 합니다.", "가을에 합니다."), encoding="utf-8")
    capsys.readouterr()
    assert vectorize.main([str(corpus)]) == 0
    assert "dropped: summary titles of contents that have changed, 1 times" in capsys.readouterr().err
    assert accepted() == {"b": ["목말라 보일 때"]}

    assert summarize_titles.main(["accept"]) == BAD_ROWS  # nor can the old line be accepted again
    assert "line of summary-titles.jsonl 1 left out: a has changed since; run propose again" in capsys.readouterr().err
    server.enqueue("가을에 화분 바꾸기")
    assert propose("--limit", "1") == 0
    assert [line["faq_id"] for line in lines(file)] == ["a", "b", "a"]
    review(file, "가을에 화분 바꾸기", "목말라 보일 때")
    assert summarize_titles.main(["accept"]) == 0
    assert accepted() == {"a": ["가을에 화분 바꾸기"], "b": ["목말라 보일 때"]}


# Runs that end early


def test_a_run_goes_on_where_one_was_killed(server: FakeOpenAI, file: Path) -> None:
    server.enqueue(ANSWER)
    propose("--limit", "1")
    whole = file.read_bytes()
    file.write_bytes(whole + whole[:60])  # killed while it wrote
    server.enqueue("목말라 보일 때", "추울 때 어디 놔요")
    assert propose() == 0
    assert [line["faq_id"] for line in lines(file)] == ["a", "b", "c"]
    assert file.read_bytes().startswith(whole)
    assert len(server.received(CHAT)) == 3
    assert propose() == 0
    assert len(server.received(CHAT)) == 3


def test_a_file_whose_last_line_an_editor_has_not_ended_goes_on(server: FakeOpenAI, file: Path) -> None:
    propose("--limit", "1")
    file.write_bytes(file.read_bytes().rstrip())
    assert propose("--limit", "1") == 0
    assert [line["faq_id"] for line in lines(file)] == ["a", "b"]


@pytest.mark.parametrize(
    "kept", ["메모 한 줄\n끝나지 않은 줄", "끝나지 않은 줄", '{"title": "다른 파일"', '{"a": 1}', '[{"faq_id": "a"']
)
def test_a_file_that_ends_with_something_else_is_left_as_it_is(
    server: FakeOpenAI, tmp_path: Path, capsys: pytest.CaptureFixture[str], kept: str
) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(kept, encoding="utf-8")
    assert propose("-o", str(path)) == FAILED
    assert path.read_text(encoding="utf-8") == kept
    assert server.received(CHAT) == []
    assert "its last line is not whole" in capsys.readouterr().err.splitlines()[-1]


def test_several_contents_are_asked_for_at_once(server: FakeOpenAI, file: Path) -> None:
    server.enqueue(Reply(deltas=("느린 대답의 제목",), stall_before_first=0.5), "빠른 대답 하나", "빠른 대답 둘")
    assert summarize_titles.main(["propose", "--at-once", "2"]) == 0
    assert len(lines(file)) == 3
    assert lines(file)[-1]["proposals"][0]["text"] == "느린 대답의 제목"


def test_a_refused_key_ends_the_run_with_one_line(
    server: FakeOpenAI, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    server.enqueue(*[Reply(status=401, code="invalid_api_key")] * 3)
    assert propose() == FAILED
    told = capsys.readouterr().err.splitlines()
    assert told[-1] == "haedap: llm_unavailable: fake-chat: HTTP 401 invalid_api_key"
    assert file.read_bytes() == b""
    assert len(server.received(CHAT)) == 3


def test_a_content_without_an_answer_is_told_and_asked_again(
    server: FakeOpenAI, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.enqueue(ANSWER, Reply(status=429, retry_after=60), Reply(status=429, retry_after=0), "추울 때 어디 놔요")
    assert propose() == BAD_ROWS
    assert "1 contents without an answer, e.g. b: fake-chat: HTTP 429; run it again" in capsys.readouterr().err
    assert [line["faq_id"] for line in lines(file)] == ["a", "c"]
    assert propose() == 0
    assert [line["faq_id"] for line in lines(file)] == ["a", "c", "b"]


def test_an_answer_of_which_nothing_is_left_counts_as_asked(server: FakeOpenAI, file: Path) -> None:
    server.enqueue("I am sorry, I cannot do that.")
    assert propose("--limit", "1") == 0
    assert lines(file)[0]["proposals"] == []
    assert propose("--limit", "1") == 0
    assert [line["faq_id"] for line in lines(file)] == ["a", "b"]


# What cannot be done


def test_without_a_model_one_line_says_what_to_set(capsys: pytest.CaptureFixture[str]) -> None:
    forget()
    capsys.readouterr()
    assert propose() == FAILED
    said = "haedap: no language model: set OPENAI_API_KEY, or OPENAI_BASE_URL for a compatible server\n"
    assert capsys.readouterr().err == said


def test_a_source_without_contents_and_a_file_of_another_are_told(
    server: FakeOpenAI, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert propose("--source", "garden") == FAILED
    assert "source 'garden' has no contents: run scripts/vectorize.py" in capsys.readouterr().err
    assert summarize_titles.main(["accept"]) == FAILED
    assert "summary-titles.jsonl: no such file" in capsys.readouterr().err
    propose("--limit", "1")
    file.write_text(file.read_text(encoding="utf-8").replace('"default"', '"garden"'), encoding="utf-8")
    assert summarize_titles.main(["accept"]) == FAILED
    assert "titles of source 'garden': say --source garden" in capsys.readouterr().err


def test_bad_lines_are_told_and_the_rest_is_accepted(
    server: FakeOpenAI, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.enqueue(ANSWER, "목말라 보일 때", "추울 때 어디 놔요")
    propose()
    review(file, ONE, "목말라 보일 때", "추울 때 어디 놔요")
    a, b, c = file.read_text(encoding="utf-8").splitlines()
    edited = [
        a,
        a,
        b.replace("목말라 보일 때", " \u200b"),
        b.replace("목말라 보일 때", "가" * 301),
        b.replace('"b"', '"z"'),
        b[:-9],
        b.replace("true", '"maybe"'),
        c.replace("추울 때 어디 놔요", "물은 얼마나 주나요"),
    ]
    file.write_text("\n".join(edited), encoding="utf-8-sig")
    before = manifest.current(wiring.get_store(), "default")
    capsys.readouterr()
    assert summarize_titles.main(["accept"]) == BAD_ROWS
    told = capsys.readouterr().err
    for number, why in (
        (2, "faq_id a a second time"),
        (3, "a title is empty or longer than 300 characters"),
        (4, "a title is empty or longer than 300 characters"),
        (5, "no content has the faq_id z"),
        (6, "Invalid JSON"),
        (7, "proposals 0 accepted"),
    ):
        assert f"line of summary-titles.jsonl {number} left out: {why}" in told, told
    assert "line 8: b is found by '물은 얼마나 주나요', too" in told
    assert accepted() == {"a": [ONE], "c": ["물은 얼마나 주나요"]}
    assert manifest.current(wiring.get_store(), "default") != before


def test_nothing_is_accepted_while_another_build_is_at_work(
    server: FakeOpenAI, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server.enqueue(ANSWER)
    propose("--limit", "1")
    review(file, ONE)
    with lease.held(wiring.get_store(), "default", lambda: None):
        monkeypatch.setattr(lease, "LEASE_SECONDS", -1)  # what the second one is ready to wait
        assert summarize_titles.main(["accept"]) == FAILED
    assert "build_running" in capsys.readouterr().err
    assert accepted() == {}


def test_a_build_that_failed_after_accepting_is_made_by_accepting_again(
    server: FakeOpenAI, file: Path, embedder: FakeEmbedder
) -> None:
    server.enqueue(ANSWER)
    propose("--limit", "1")
    review(file, ONE)
    served = manifest.current(wiring.get_store(), "default")
    embedder.fail_after = embedder.texts
    assert summarize_titles.main(["accept"]) == FAILED
    assert manifest.current(wiring.get_store(), "default") == served
    embedder.fail_after = None
    assert summarize_titles.main(["accept"]) == 0
    assert found(ONE) == ("a", ONE)
