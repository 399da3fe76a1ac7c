"""A deployment that is lost and made again, on another back end, from its backup."""

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from scripts import backup, vectorize
from scripts.steps import FAILED
from tests import servers
from tests.app import ask, new_session, said

QUESTIONS = ("가입 심사는 며칠 걸려요?", "오늘 날씨 어때요?")
SECRET = "a-secret-that-is-kept-elsewhere"


def conversation(client: TestClient, session: str) -> tuple[Any, Any]:
    """What a visitor sees again: the sessions and one's turns."""
    return client.get("/v1/sessions").json(), client.get(f"/v1/sessions/{session}/chats").json()


def test_a_restored_deployment_has_the_same_sessions_and_gives_the_same_answers(
    data_dir: Path,
    configure: Callable[..., Path],
    tmp_path: Path,
    off_topic: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from functions.local import app

    file = tmp_path / "backup.gz"
    configure(SECRET_KEY=SECRET)
    with TestClient(app) as client:
        session = new_session()
        answers = [said(ask(client, session, question)) for question in QUESTIONS]
        seen, cookies = conversation(client, session), client.cookies
        assert all(answers) and len(seen[1]) == 2
    assert backup.main(["make", str(file)]) == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert backup.main(["make", str(file)]) == FAILED  # nothing is overwritten
    assert backup.main(["restore", str(file)]) == FAILED  # into the store that it is of
    told = capsys.readouterr()
    assert "--into-filled" in told.err and "가입" not in told.out + told.err

    try:
        with servers.mongod() as uri:
            other = {"STORAGE": "mongo", "MONGO_URI": uri, "SECRET_KEY": SECRET}
            configure(DATA_DIR=str(tmp_path / "other"), **other)
            assert backup.main(["restore", str(file)]) == 0
            assert "vectorize.py --stored --source default" in capsys.readouterr().err
            assert vectorize.main(["--stored", "--off-topic", str(off_topic)]) == 0
            with TestClient(app, cookies=cookies) as client:
                assert conversation(client, session) == seen
                another = new_session()
                assert [said(ask(client, another, question)) for question in QUESTIONS] == answers
    except servers.ServerUnavailable as reason:
        pytest.skip(str(reason))


def test_a_damaged_file_is_told_in_one_line(
    configure: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_bytes(b"\x1f\x8b nothing")
    for command in ("check", "restore"):
        assert backup.main([command, str(tmp_path / "file")]) == FAILED
        assert capsys.readouterr().err == f"haedap: {tmp_path / 'file'}: it is damaged, or not whole\n"


def test_contents_that_are_not_there_are_not_indexed(
    configure: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert vectorize.main(["--stored", "--source", "nothing"]) == FAILED
    assert "no contents of source 'nothing'" in capsys.readouterr().err
