"""The composed application as its own program: what it says when it starts, when it cannot, and when it is stopped."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests import servers
from tests.app import environment, new_session, post_question

COMMAND = [sys.executable, "-m", "functions.local"]


@contextmanager
def running(data_dir: Path, **values: str) -> Iterator[tuple[str, "subprocess.Popen[str]", Path]]:
    """Its address, its process, and the file that its log goes to."""
    data_dir.mkdir(exist_ok=True)
    log = data_dir / "log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            COMMAND,
            env=environment(data_dir, PORT="0", **values),
            cwd=data_dir,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip().removeprefix("haedap: "), process, log
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def failed_start(data_dir: Path, **values: str) -> str:
    """What a start that fails says."""
    data_dir.mkdir(exist_ok=True)
    values = {"PORT": "0", "SECRET_KEY": "x" * 16, **values}
    ran = subprocess.run(
        COMMAND, env=environment(data_dir, **values), cwd=data_dir, capture_output=True, text=True, timeout=300
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    return ran.stderr


@pytest.mark.parametrize(("storage", "form"), [("sqlite", "text"), ("mongo", "json")])
def test_no_level_of_logging_tells_what_was_asked(tmp_path: Path, storage: str, form: str) -> None:
    try:
        with servers.mongod() as uri:
            settings = {"STORAGE": storage, "MONGO_URI": uri, "LOG_LEVEL": "DEBUG", "LOG_FORMAT": form}
            with running(tmp_path / "var", **settings) as (address, process, log):
                with httpx.Client(base_url=address, timeout=60) as client:
                    session = new_session()
                    client.post(f"/v1/streaming/{post_question(client, session, '비밀질문')}")
                    assert client.get(f"/v1/sessions/{session}/chats").json()[0]["user_message"] == "비밀질문"
                process.send_signal(signal.SIGTERM)
                process.wait(60)
                text = log.read_text(encoding="utf-8")
    except servers.ServerUnavailable as reason:
        pytest.skip(str(reason))
    if form == "text":
        assert "WARNING shared.answering.turns answer " in text  # there is no index
        assert "INFO shared.seeing.requests POST /v1/streaming/{streaming_id} 200 " in text
    else:
        lines = [json.loads(line) for line in text.splitlines()]
        (failed,) = [line for line in lines if line["logger"] == "shared.answering.turns"]
        (streamed,) = [line for line in lines if line.get("route") == "/v1/streaming/{streaming_id}"]
        assert (failed["session_id"], failed["bot_id"]) == (session, "default")
        assert failed.items() >= {name: streamed[name] for name in ("request_id", "chat_id", "session_id")}.items()
        assert "127.0.0.1" not in text
    assert "비밀질문" not in text and r"\ube44" not in text
    assert "pymongo" not in text


def test_an_interrupt_from_the_keyboard_ends_it_without_a_traceback(tmp_path: Path) -> None:
    with running(tmp_path / "var") as (address, process, log):
        assert httpx.get(f"{address}/v1/health", timeout=60).status_code == 200
        process.send_signal(signal.SIGINT)
        # The server raises the signal again when it has stopped; a loop that has ended by then takes it for done
        assert process.wait(60) in (0, 130)
        assert "Traceback" not in log.read_text() and "KeyboardInterrupt" not in log.read_text()


def test_the_first_start_shows_an_owners_key_once_and_no_log_holds_it(tmp_path: Path) -> None:
    with running(tmp_path / "var") as (address, process, log):
        assert process.stdout is not None
        line = process.stdout.readline()
        token = line.strip().rpartition(" ")[2]
        me = httpx.get(f"{address}/v1/admin/me", headers={"Authorization": f"Bearer {token}"}, timeout=60).json()
        assert (me["role"], me["bots"]) == ("owner", None)
        assert token not in log.read_text()
    with running(tmp_path / "var") as (_, process, _):
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None and process.stdout.read() == ""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_at_its_end_the_store_is_closed(tmp_path: Path, how: signal.Signals) -> None:
    with running(tmp_path / "var") as (address, process, _):
        with httpx.Client(base_url=address, timeout=60) as client:
            post_question(client, new_session(), "정산은 언제 되나요?")
        assert (tmp_path / "var" / "haedap.sqlite3-wal").exists()
        process.send_signal(how)
        process.wait(60)
    assert not (tmp_path / "var" / "haedap.sqlite3-wal").exists()


def test_a_mongodb_that_is_not_there_is_told_in_one_line_with_host_and_reason(tmp_path: Path) -> None:
    port = servers.free_port()
    settings = {"MONGO_URI": f"mongodb://user:hidden@127.0.0.1:{port}", "STORE_TIMEOUT_SECONDS": "2"}
    told = failed_start(tmp_path / "var", STORAGE="mongo", **settings)
    where = f"haedap: cannot start: STORAGE=mongo: 127.0.0.1:{port}: "
    assert re.fullmatch(re.escape(where) + r"\[Errno \d+\] Connection refused\n", told), told


def test_a_place_of_artefacts_that_is_not_there_is_told_in_one_line(data_dir: Path) -> None:
    endpoint = f"http://127.0.0.1:{servers.free_port()}"
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "hidden"}
    told = failed_start(data_dir, ARTIFACT_URL="s3://bucket/haedap", ARTIFACT_ENDPOINT_URL=endpoint, **keys)
    assert told.startswith("haedap: cannot start: ARTIFACT_URL=s3://bucket/haedap: "), told
    assert told.count("\n") == 1 and endpoint in told and "hidden" not in told


@pytest.mark.parametrize("options", ["foo=1", "connectTimeoutMS=abc"])
def test_an_option_that_mongodb_does_not_know_is_told_in_one_line(tmp_path: Path, options: str) -> None:
    uri = f"mongodb://user:hidden@127.0.0.1:{servers.free_port()}/?{options}"
    told = failed_start(tmp_path / "var", STORAGE="mongo", MONGO_URI=uri)
    assert told.startswith("haedap: cannot start: STORAGE=mongo: MONGO_URI: "), told
    assert told.count("\n") == 1 and options.split("=")[0].lower() in told.lower()
    assert "hidden" not in told
