"""The same conversation over each back end, selected by settings alone; and what a customer sees when one goes away."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import servers
from tests.app import ROOT, environment, new_session, parse, post_question, said, serve

OWNER = "an-owners-key-of-this-test"
REFUSED = "화성에서 고양이를 키울 수 있나요?"
AWS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


@pytest.fixture(params=["mongo", "dynamodb"])
def away_able(request: pytest.FixtureRequest) -> Iterator[tuple[dict[str, str], ExitStack]]:
    """Settings of a real server, and the stack that stops it."""
    with ExitStack() as stack:
        try:
            if request.param == "mongo":
                uri = stack.enter_context(servers.mongod())
                yield {"STORAGE": "mongo", "MONGO_URI": uri, "MONGO_DATABASE": "haedap-test"}, stack
            else:
                url = stack.enter_context(servers.dynamodb())
                yield {"STORAGE": "dynamodb", "DYNAMODB_ENDPOINT_URL": url, **AWS}, stack
        except servers.ServerUnavailable as reason:
            pytest.skip(str(reason))


def improve(client: httpx.Client) -> None:
    """The operators' circle: a question that is refused, its group, a content for it, the gate, and the answer."""
    bot, owner = "/v1/admin/bots/default", {"Authorization": f"Bearer {OWNER}"}

    def decided() -> str:
        streaming_id = post_question(client, new_session(), REFUSED)
        return str(parse(client.post(f"/v1/streaming/{streaming_id}").text)[-1].data["decision"])

    def operator(method: str, path: str, body: Any = None) -> Any:
        answer = client.request(method, f"{bot}{path}", json=body, headers=owner)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    assert decided() != "answer"
    assert REFUSED in [one["question"] for one in operator("GET", "/desk")["clusters"]]
    made = operator("POST", "/contents", {"content": {"title": REFUSED, "content": "네, 키울 수 있습니다."}})
    again = operator("POST", "/desk/try", {"questions": [REFUSED], "faq_ids": [made["faq_id"]]})
    assert (again["before"], again["answered"]) == (0, 1)
    kept = operator("POST", "/golden", {"question": REFUSED, "faq_ids": []})
    (gate,) = operator("POST", "/contents/rehearse", {})["rehearsals"]
    assert (gate["rehearsal"]["right_before"], gate["rehearsal"]["right_after"]) == (1, 0)
    operator("DELETE", f"/golden/{kept['golden_id']}?based_on={kept['revision']}")
    assert operator("POST", "/contents/publish", {})["changed"] == [made["faq_id"]]
    until = time.monotonic() + 60  # within two seconds, or what a busy machine makes of them
    while decided() != "answer":
        assert time.monotonic() < until
    operator("POST", "/golden", {"question": REFUSED, "faq_ids": [made["faq_id"]]})
    assert operator("POST", "/golden/run")["right"] == 1
    assert next(one["decision"] for one in operator("GET", "/history")["items"]) == "answer"
    kinds = {one["action"] for one in client.get("/v1/admin/audit", headers=owner).json()["entries"]}
    assert kinds == {"content.create", "content.publish", "golden.add", "golden.remove"}


def test_the_store_is_chosen_by_a_setting_and_its_absence_is_a_503_in_time(
    away_able: tuple[dict[str, str], ExitStack], tmp_path: Path, corpus: Path, off_topic: Path
) -> None:
    settings, stack = away_able
    few = tmp_path / "few.jsonl"
    few.write_text("\n".join(corpus.read_text(encoding="utf-8").splitlines()[:5]), encoding="utf-8")
    script = [sys.executable, str(ROOT / "scripts" / "vectorize.py"), str(few), "--off-topic", str(off_topic)]
    subprocess.run(script, env=environment(tmp_path, **settings), cwd=tmp_path, check=True, capture_output=True)
    title = next(iter(few.read_text(encoding="utf-8").splitlines())).split('"title": "')[1].split('"')[0]

    # Without a limit on questions: it is asked until it is answered, which on a fast machine is often
    settings |= {"STORE_TIMEOUT_SECONDS": "5", "ADMIN_API_KEY": OWNER, "RATE_LIMIT_PER_MINUTE": "0"}
    with serve("local", tmp_path, **settings) as (address, _):
        with httpx.Client(base_url=address, timeout=60) as client:
            session = new_session()
            streaming_id = post_question(client, session, title)
            events = parse(client.post(f"/v1/streaming/{streaming_id}").text)
            assert events[-1].event == "done"
            turn = client.get(f"/v1/sessions/{session}/chats").json()[0]
            assert (turn["status"], turn["system_message"]) == ("done", said(events))
            improve(client)

            stack.close()
            began = time.monotonic()
            response = client.post(f"/v1/sessions/{session}/chats", json={"user_message": "아직 있나요?"})
            assert (response.status_code, response.json()["code"]) == (503, "store_unavailable")
            assert response.json()["bubbles"][0]["bubble_type"] == "error"
            assert time.monotonic() - began < 25


@pytest.mark.parametrize(("artefact", "ending"), [("there", "done"), ("gone", "error")])
def test_a_chroma_server_is_chosen_by_a_setting_and_missed_without_an_artefact(
    tmp_path: Path, corpus: Path, off_topic: Path, artefact: str, ending: str
) -> None:
    from tests.chroma_server import chroma

    few = tmp_path / "few.jsonl"
    few.write_text("\n".join(corpus.read_text(encoding="utf-8").splitlines()[:5]), encoding="utf-8")
    script = [sys.executable, str(ROOT / "scripts" / "vectorize.py"), str(few), "--off-topic", str(off_topic)]
    with ExitStack() as stack:
        port = stack.enter_context(chroma())
        settings = {"CHROMA_HOST": "127.0.0.1", "CHROMA_PORT": str(port), "CHROMA_TIMEOUT_SECONDS": "5"}
        subprocess.run(script, env=environment(tmp_path, **settings), cwd=tmp_path, check=True, capture_output=True)
        assert not (tmp_path / "chroma").exists()
        if artefact == "gone":
            shutil.rmtree(tmp_path / "artifacts")
        with serve("local", tmp_path, **settings) as (address, _), httpx.Client(base_url=address, timeout=60) as client:
            session = new_session()
            events = parse(client.post(f"/v1/streaming/{post_question(client, session, '가입 심사 기간')}").text)
            assert events[-1].event == "done"
            assert events[-1].data["degraded"] == ([] if artefact == "there" else ["artefact_missing"])
            stack.close()
            streaming_id = post_question(client, session, "가입 심사 기간")
            events = parse(client.post(f"/v1/streaming/{streaming_id}").text)
            assert events[-1].event == ending
            assert ending == "done" or events[-1].data["code"] == "index_unavailable"
            turns = client.get(f"/v1/sessions/{session}/chats").json()
            assert [turn["status"] for turn in turns] == ["done", "done" if ending == "done" else "failed"]


def test_a_chroma_server_that_greets_and_then_says_nothing_is_an_error_in_time(
    tmp_path: Path, corpus: Path, off_topic: Path
) -> None:
    from tests.chroma_server import chroma

    few = tmp_path / "few.jsonl"
    few.write_text("\n".join(corpus.read_text(encoding="utf-8").splitlines()[:5]), encoding="utf-8")
    script = [sys.executable, str(ROOT / "scripts" / "vectorize.py"), str(few), "--off-topic", str(off_topic)]
    with chroma() as behind, servers.falling_silent(behind) as (port, silent):
        settings = {"CHROMA_HOST": "127.0.0.1", "CHROMA_PORT": str(port), "CHROMA_TIMEOUT_SECONDS": "2"}
        direct = settings | {"CHROMA_PORT": str(behind), "CHROMA_TIMEOUT_SECONDS": "20"}
        subprocess.run(script, env=environment(tmp_path, **direct), cwd=tmp_path, check=True, capture_output=True)
        shutil.rmtree(tmp_path / "artifacts")  # with one, nobody waits for Chroma
        with serve("local", tmp_path, **settings) as (address, _), httpx.Client(base_url=address, timeout=60) as client:
            session = new_session()
            assert client.get("/v1/ready").status_code == 200  # Chroma's client is made, the collections are open
            silent.set()
            for asked in range(1, 3):
                streaming_id = post_question(client, session, "가입 심사 기간")
                began, stream = time.monotonic(), ""
                with client.stream("POST", f"/v1/streaming/{streaming_id}") as response:
                    for piece in response.iter_text():  # of a hanging answer, a comment comes every 15 s
                        stream += piece
                        assert time.monotonic() - began < 40  # 2 s, the engine's first use, and a busy machine
                events = parse(stream)
                assert (events[-1].event, events[-1].data["code"]) == ("error", "index_unavailable")
                turns = client.get(f"/v1/sessions/{session}/chats").json()
                assert [turn["status"] for turn in turns] == ["failed"] * asked


def test_a_copied_data_dir_is_all_that_a_machine_needs(data_dir: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(data_dir, elsewhere)
    with serve("streaming", elsewhere) as (address, _):
        assert httpx.post(f"{address}/v1/streaming/{'A' * 22}").status_code == 404
