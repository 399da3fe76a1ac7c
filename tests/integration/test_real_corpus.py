"""The main job on real input: questions about a part of the SmartStore help centre, over HTTP, offline."""

import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from shared.indexing.readers import read
from shared.indexing.structure import derived_id
from shared.retrieval.text import one_line, unescape
from tests.app import ROOT, SentEvent, environment, new_session, parse, post_question, said, serve

CORPUS = ROOT.parent / "shared" / "data" / "final_result.pkl"
QUESTIONS = ROOT.parent / "shared" / "eval" / "smartstore_plain_dev.jsonl"
ASKED = 10
OTHERS = 50  # contents that nobody asks for, so that finding the right one is not given

pytestmark = pytest.mark.skipif(
    not (CORPUS.is_file() and QUESTIONS.is_file()), reason="the real corpus (../shared) is not here"
)


@pytest.fixture(scope="module")
def questions() -> list[dict[str, Any]]:
    """Every eighth of the plain development questions."""
    rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    return rows[:: len(rows) // ASKED][:ASKED]


@pytest.fixture(scope="module")
def address(questions: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over the contents that answer the questions, and others between them."""
    corpus = [row for _, row in read(CORPUS) if isinstance(row, dict)]
    wanted = {n for question in questions for n in question["gold"]}
    part = wanted | set(range(0, len(corpus), len(corpus) // OTHERS))
    data_dir = tmp_path_factory.mktemp("real")
    path = data_dir / "part.pkl"
    path.write_bytes(pickle.dumps({corpus[n]["title"]: corpus[n]["content"] for n in sorted(part)}))
    script = [sys.executable, str(ROOT / "scripts" / "vectorize.py"), str(path)]
    subprocess.run(script, env=environment(data_dir), cwd=data_dir, check=True, capture_output=True, timeout=500)
    with serve("local", data_dir) as (address, _):
        yield address


def ask(address: str, question: str) -> list[SentEvent]:
    with httpx.Client(base_url=address, timeout=60) as client:
        streaming_id = post_question(client, new_session(), question)
        return parse(client.post(f"/v1/streaming/{streaming_id}").text)


def test_ten_real_questions_are_answered_each_from_its_faq(address: str, questions: list[dict[str, Any]]) -> None:
    wrong = []
    for question in questions:
        events = ask(address, question["question"])
        answered_from = next((event.data["sources"][0]["faq_id"] for event in events if event.event == "sources"), None)
        if answered_from not in {derived_id("default", one_line(unescape(title))) for title in question["gold_titles"]}:
            wrong.append(question["id"])
    assert wrong == []


@pytest.mark.parametrize("question", ["오늘 날씨 어때", "비트코인 시세 알려줘", "너 이름이 뭐야", "주식 뭐 사야돼"])
def test_what_is_off_topic_is_refused_after_a_real_question_too(
    address: str, questions: list[dict[str, Any]], question: str
) -> None:
    session = new_session()
    with httpx.Client(base_url=address, timeout=60) as client:
        for asked in (questions[0]["question"], question):
            events = parse(client.post(f"/v1/streaming/{post_question(client, session, asked)}").text)
    assert events[-1].data["decision"] == "refuse"


@pytest.mark.parametrize("question", ["아이폰 배터리 오래 쓰는 법", "오늘 저녁에 뭐 먹지", "고양이가 밥을 안 먹어요"])
def test_off_topic_questions_are_refused_in_the_words_of_the_bot(address: str, question: str) -> None:
    events = ask(address, question)
    assert events[-1].data["decision"] == "refuse"
    assert said(events).startswith("저는 스마트스토어 FAQ를 위한 챗봇입니다.")
