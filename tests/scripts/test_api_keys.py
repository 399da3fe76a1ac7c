"""Keys on the command line: printed once, listed without what they are made of, revoked."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import api_keys
from scripts.steps import FAILED
from shared import wiring
from shared.errors import InvalidApiKey


@pytest.fixture(autouse=True)
def data_dir(configure: Callable[..., Path]) -> Path:
    return configure()


def create(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert api_keys.main(["create", "--name", "그룹웨어", *arguments]) == 0
    return capsys.readouterr().out.strip()


def test_a_key_is_printed_alone_on_standard_output_and_works(capsys: pytest.CaptureFixture[str]) -> None:
    key = wiring.get_api_key(create(capsys, "--rate-per-minute", "7"))
    assert (key.bot_id, key.name, key.rate_per_minute) == ("default", "그룹웨어", 7)


def test_a_list_names_keys_and_shows_none(capsys: pytest.CaptureFixture[str]) -> None:
    token = create(capsys)
    assert api_keys.main(["list"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert "그룹웨어" in line and f"…{token[-4:]}" in line and "60/min" in line
    assert token not in line


def test_a_key_without_a_rate_is_listed_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    create(capsys, "--rate-per-minute", "0")
    api_keys.main(["list"])
    assert "no limit" in capsys.readouterr().out


def test_a_revoked_key_is_listed_as_such_and_works_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    token = create(capsys)
    (key,) = wiring.get_api_keys().all("default")
    assert api_keys.main(["revoke", key.key_id]) == 0
    assert "revoked" in capsys.readouterr().out
    with pytest.raises(InvalidApiKey):
        wiring.get_api_key(token)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["create", "--name", " \n"], "name: "),
        (["create", "--name", "x", "--rate-per-minute", "-1"], "rate_per_minute: "),
        (["create", "--name", "x", "--bot", "flowers"], "no bot 'flowers'"),
        (["list", "--bot", "flowers"], "no bot 'flowers'"),
        (["revoke", "01J9ZK3V5W8XQ2R4T6Y8A0B1C2"], "has no key '01J9ZK3V5W8XQ2R4T6Y8A0B1C2'"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert api_keys.main(arguments) == FAILED
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert told in err


@pytest.mark.parametrize("bot", ["", "a#b", "Flowers", "../.."])
def test_a_name_that_no_bot_can_have_is_refused(bot: str) -> None:
    with pytest.raises(SystemExit):
        api_keys.main(["list", "--bot", bot])
