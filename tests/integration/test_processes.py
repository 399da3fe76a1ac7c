"""haedap as processes of its own: nothing depends on the memory of the one that served the request before."""

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.app import environment, new_session, parse, post_question, said, serve
from tests.fakes.openai_replies import Reply
from tests.fakes.openai_server import FakeOpenAI
from tests.servers import free_port, silent_server

HELD = Reply(deltas=tuple(f"{number}번째 조각. " for number in range(20)), hold_after=2)
PATIENT = {"LLM_TIMEOUT_SECONDS": "120", "LLM_FIRST_TOKEN_TIMEOUT_SECONDS": "120"}


@pytest.fixture
def llm() -> Iterator[FakeOpenAI]:
    with FakeOpenAI() as server:
        yield server


def turn_of(client: httpx.Client, session: str) -> dict[str, object]:
    turn: dict[str, object] = client.get(f"/v1/sessions/{session}/chats").json()[0]
    return turn


def wait_for(client: httpx.Client, session: str, status: str, seconds: float = 30) -> dict[str, object]:
    deadline = time.monotonic() + seconds
    while (turn := turn_of(client, session))["status"] != status:
        assert time.monotonic() < deadline, turn["status"]
        time.sleep(0.1)
    return turn


def test_one_process_takes_the_question_and_another_streams_the_answer(data_dir: Path) -> None:
    with serve("chats", data_dir) as (chats, _), serve("streaming", data_dir) as (streaming, _):
        with httpx.Client(base_url=chats, timeout=60) as client:
            session = new_session()
            streaming_id = post_question(client, session, "가입 심사는 며칠 걸려요?")
            response = httpx.post(f"{streaming}/v1/streaming/{streaming_id}", timeout=60)
            assert parse(response.text)[-1].event == "done"
            assert turn_of(client, session)["system_message"] == said(parse(response.text))
            assert httpx.get(f"{streaming}/v1/streaming/{streaming_id}").status_code == 404


def test_an_answer_goes_on_and_is_stored_once_when_the_client_leaves(data_dir: Path, llm: FakeOpenAI) -> None:
    llm.enqueue(HELD)
    with serve("local", data_dir, OPENAI_BASE_URL=llm.base_url, **PATIENT) as (address, _):
        with httpx.Client(base_url=address, timeout=60) as client:
            session = new_session()
            streaming_id = post_question(client, session, "가입 심사는 며칠 걸려요?")
            with client.stream("POST", f"/v1/streaming/{streaming_id}") as response:
                for line in response.iter_lines():
                    if line.startswith("event: delta"):
                        break
            assert turn_of(client, session)["status"] == "running"
            llm.go_on()
            turn = wait_for(client, session, "done")
            assert turn["system_message"] == "".join(HELD.deltas)
    assert len(llm.received("/v1/chat/completions")) == 1


def test_deltas_reach_the_client_one_by_one_not_at_the_end(data_dir: Path, llm: FakeOpenAI) -> None:
    llm.enqueue(HELD)
    with serve("local", data_dir, OPENAI_BASE_URL=llm.base_url, **PATIENT) as (address, _):
        with httpx.Client(base_url=address, timeout=60) as client:
            streaming_id = post_question(client, new_session(), "가입 심사는 며칠 걸려요?")
            deltas = 0
            with client.stream("POST", f"/v1/streaming/{streaming_id}") as response:
                assert response.headers["content-type"].startswith("text/event-stream")
                for line in response.iter_lines():
                    deltas += line.startswith("event: delta")
                    if deltas == 1:  # has come before the others exist
                        llm.go_on()
    assert deltas >= 2


def test_a_process_that_is_asked_to_stop_ends_its_answers_first(data_dir: Path, llm: FakeOpenAI) -> None:
    llm.enqueue(HELD)
    with serve("local", data_dir, OPENAI_BASE_URL=llm.base_url, **PATIENT) as (address, process):
        with httpx.Client(base_url=address, timeout=60) as client:
            session = new_session()
            streaming_id = post_question(client, session, "가입 심사는 며칠 걸려요?")
            cookies = dict(client.cookies)
            with client.stream("POST", f"/v1/streaming/{streaming_id}") as response:
                for line in response.iter_lines():
                    if line.startswith("event: delta"):
                        break
            process.send_signal(signal.SIGTERM)
            until, refused = time.monotonic() + 60, False
            while not refused:  # nobody new is taken meanwhile
                assert time.monotonic() < until
                try:
                    httpx.get(f"{address}/v1/ready", timeout=5)
                except httpx.ConnectError:
                    refused = True
                except httpx.TransportError:  # reached it in the moment it closed, so was not taken either
                    continue
            time.sleep(1)  # in which it could break off what it gives
            assert process.poll() is None
            llm.go_on()
            assert process.wait(60) in (0, -signal.SIGTERM)
    with serve("chats", data_dir) as (address, _), httpx.Client(base_url=address, cookies=cookies) as client:
        turn = turn_of(client, session)
    assert (turn["status"], turn["system_message"]) == ("done", "".join(HELD.deltas))


def test_a_process_that_is_asked_to_stop_breaks_off_an_answer_that_does_not_end(
    data_dir: Path, llm: FakeOpenAI
) -> None:
    llm.enqueue(Reply(deltas=("심사는 ", "안 나옴"), stall_after=1, stall=120))
    with serve_local(data_dir, OPENAI_BASE_URL=llm.base_url, **PATIENT) as (address, process):
        with httpx.Client(base_url=address, timeout=60) as client:
            session = new_session()
            streaming_id = post_question(client, session, "가입 심사는 며칠 걸려요?")
            cookies = dict(client.cookies)
            with client.stream("POST", f"/v1/streaming/{streaming_id}") as response:  # the customer stays
                for line in response.iter_lines():
                    if line.startswith("event: delta"):
                        break
                process.send_signal(signal.SIGTERM)
                began = time.monotonic()
                assert process.wait(60) in (0, -signal.SIGTERM)
    assert time.monotonic() - began < 30  # then an orchestrator would kill it
    with serve("chats", data_dir) as (address, _), httpx.Client(base_url=address, cookies=cookies) as client:
        turn = turn_of(client, session)
    assert (turn["status"], turn["system_message"]) == ("failed", "심사는")


def test_many_customers_at_once_each_get_their_own_answer(data_dir: Path) -> None:
    with serve("local", data_dir, RATE_LIMIT_PER_MINUTE_ADDRESS="0") as (address, _):
        endings: list[str] = []

        def customer() -> None:
            with httpx.Client(base_url=address, timeout=120) as client:
                session = new_session()
                streaming_id = post_question(client, session, "가입 심사는 며칠 걸려요?")
                events = parse(client.post(f"/v1/streaming/{streaming_id}").text)
                assert turn_of(client, session)["system_message"] == said(events)
                endings.append(events[-1].event)

        threads = [threading.Thread(target=customer) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert endings == ["done"] * 20


# The start

CANNOT = "haedap: cannot start: "


def start(data_dir: Path, **values: str) -> "subprocess.CompletedProcess[str]":
    """Start the composed application where it cannot start."""
    data_dir.mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "-m", "functions.local"],
        env=environment(data_dir, **values),
        cwd=data_dir,
        capture_output=True,
        text=True,
        timeout=600,
    )


def test_the_first_line_is_the_address(data_dir: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "functions.local"],
        env=environment(data_dir, PORT="0"),
        cwd=data_dir,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline().strip()
        assert line.startswith("haedap: http://127.0.0.1:")
        assert httpx.get(line.removeprefix("haedap: ") + "/v1/health", timeout=60).status_code == 200
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"PORT": "eighty"}, "haedap: PORT='eighty': "),
        (
            {"STORAGE": "mongo", "MONGO_URI": "mongodb://u:hidden@127.0.0.1:1"},
            f"{CANNOT}STORAGE=mongo: ",
        ),
        (
            {"STORAGE": "dynamodb", "DYNAMODB_ENDPOINT_URL": "http://127.0.0.1:1"},
            f"{CANNOT}STORAGE=dynamodb: ",
        ),
        ({"STORAGE": "mongo", "MONGO_URI": "mongodb://u:hidden@127.0.0.1:none"}, f"{CANNOT}STORAGE=mongo: "),
        ({"CHROMA_HOST": "127.0.0.1", "CHROMA_PORT": "1"}, f"{CANNOT}CHROMA_HOST=127.0.0.1 CHROMA_PORT=1: "),
    ],
)
def test_what_cannot_work_stops_the_start_with_one_line(tmp_path: Path, values: dict[str, str], line: str) -> None:
    aws = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    done = start(tmp_path / "var", STORE_TIMEOUT_SECONDS="1", **aws, **values)
    assert done.returncode == 1
    assert done.stderr.startswith(line)
    assert done.stderr.count("\n") == 1
    assert "hidden@" not in done.stderr


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"STORAGE": "oracle"}, "haedap: STORAGE='oracle': Input should be 'sqlite', 'mongo' or 'dynamodb'"),
        ({"SECRET_KEY": "short"}, "haedap: SECRET_KEY=<hidden>: "),
        ({"EMBEDDING_MODEL": "text-embedding-3-small"}, "haedap: EMBEDDING_MODEL=text-embedding-3-small needs "),
        ({"CHROMA_HOST": "127.0.0.1:8000"}, "haedap: CHROMA_HOST='127.0.0.1:8000': "),
        ({"OPENAI_BASE_URL": "ftp://u:hidden@127.0.0.1"}, "haedap: OPENAI_BASE_URL='ftp://<hidden>@127.0.0.1': "),
    ],
)
def test_settings_that_cannot_be_right_are_each_told_in_one_line(
    configure: Callable[..., Path], capsys: pytest.CaptureFixture[str], values: dict[str, str], line: str
) -> None:
    from functions import local

    configure(**values)
    assert local.main() == 1
    told = capsys.readouterr().err
    assert told.startswith(line)
    assert told.count("\n") == 1
    assert "hidden@" not in told


def test_a_port_that_is_taken_is_said_in_one_line(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = start(data_dir, PORT=port)
    assert done.returncode == 1
    assert done.stderr.startswith(f"haedap: cannot listen on HOST=127.0.0.1 PORT={port}: ")


def test_an_index_of_another_engine_is_refused_with_what_to_run(data_dir: Path) -> None:
    done = start(data_dir, OPENAI_API_KEY="any", EMBEDDING_MODEL="text-embedding-3-small")
    assert done.returncode == 1
    assert "run scripts/vectorize.py" in done.stderr and "EMBEDDING_MODEL" in done.stderr


def test_logs_hold_no_question_no_answer_and_no_key(data_dir: Path, llm: FakeOpenAI) -> None:
    llm.enqueue(*[Reply(status=401)] * 3, Reply(deltas=("비밀답변", "조각"), disconnect_after=1))
    values = {"OPENAI_BASE_URL": llm.base_url, "OPENAI_API_KEY": "sk-hidden-key", "LOG_LEVEL": "DEBUG"}
    log = data_dir / "log"
    port = free_port()
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "functions.local"],
            env=environment(data_dir, PORT=str(port), **values),
            cwd=data_dir,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                for _ in range(300):
                    try:
                        client.get("/v1/health")
                        break
                    except httpx.TransportError:
                        time.sleep(0.1)
                ids = []
                for question in ("가입 심사는 며칠 걸려요? 010-1234-5678", "개인 판매자도 입점할 수 있나요?"):
                    ids.append(post_question(client, new_session(), question))
                    client.post(f"/v1/streaming/{ids[-1]}")
        finally:
            process.terminate()
            process.wait(60)
    text = log.read_text(encoding="utf-8", errors="replace")
    assert "llm_unavailable" in text or "language model unavailable" in text
    for secret in ("가입 심사", "개인 판매자", "010-1234", "비밀답변", "sk-hidden-key", "hv_", *ids):
        assert secret not in text


def test_a_damaged_secret_key_is_refused_at_the_start(data_dir: Path) -> None:
    (data_dir / "secret_key").write_bytes(b"")
    done = start(data_dir, PORT="0")
    assert (done.returncode, "secret_key is damaged: delete it" in done.stderr) == (1, True)


@contextmanager
def serve_local(data_dir: Path, **values: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The composed application as its own program starts it, unlike `serve`."""
    process = subprocess.Popen(
        [sys.executable, "-m", "functions.local"],
        env=environment(data_dir, PORT="0", **values),
        cwd=data_dir,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip().removeprefix("haedap: "), process
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()


def test_a_forwarded_address_is_believed_from_trusted_proxies_only(data_dir: Path) -> None:
    limits = {"RATE_LIMIT_PER_MINUTE_ADDRESS": "3"}
    for trusted, refused in (("0", True), ("1", False)):
        with serve_local(data_dir, TRUSTED_PROXIES=trusted, **limits) as (address, _):
            statuses = [
                httpx.post(
                    f"{address}/v1/visitors", headers={"X-Forwarded-For": f"203.0.113.{n}"}, timeout=60
                ).status_code
                for n in range(10)
            ]
        assert (429 in statuses) == refused


def test_an_answer_without_end_is_cut_and_the_stream_ends(data_dir: Path, llm: FakeOpenAI) -> None:
    llm.enqueue(Reply(deltas=("가" * 1_000,) * 200))
    with serve("local", data_dir, OPENAI_BASE_URL=llm.base_url) as (address, _):
        with httpx.Client(base_url=address, timeout=60) as client:
            session = new_session()
            streaming_id = post_question(client, session, "가입 심사는 며칠 걸려요?")
            events = parse(client.post(f"/v1/streaming/{streaming_id}").text)
            assert (events[-1].event, events[-1].data["code"]) == ("error", "llm_unavailable")
            turn = turn_of(client, session)
            assert turn["status"] == "failed"
            assert turn["system_message"] == said(events) == "가" * 20_000


def test_many_that_wait_for_a_silent_store_wait_together(tmp_path: Path) -> None:
    with silent_server() as port:
        uri = f"mongodb://127.0.0.1:{port}"
        settings = {"STORAGE": "mongo", "MONGO_URI": uri, "STORE_TIMEOUT_SECONDS": "1", "SECRET_KEY": "x" * 16}
        with serve("sessions", tmp_path, **settings) as (address, _):
            took: list[float] = []

            def customer() -> None:
                began = time.monotonic()
                assert httpx.get(f"{address}/v1/sessions", timeout=60).status_code == 503
                took.append(time.monotonic() - began)

            threads = [threading.Thread(target=customer) for _ in range(30)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    assert len(took) == 30 and max(took) < 15
