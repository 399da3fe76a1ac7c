"""Counting days from the command line."""

from collections.abc import Callable
from pathlib import Path

import pytest
from ulid import ULID

from scripts import rollups
from scripts.steps import FAILED
from shared import wiring
from shared.bot import Bot
from shared.storage import keys


@pytest.fixture
def logged(configure: Callable[..., Path]) -> None:
    """Two bots, of which one was asked the day before yesterday."""
    configure(HISTORY_DAYS="5")
    store = wiring.get_store()
    store.prepare()
    wiring.get_bots().publish(Bot(bot_id="flowers"))
    two_days_ago = keys.created_at(keys.new_chat_id()).timestamp() - 2 * 86_400
    for _ in range(2):
        chat_id = str(ULID.from_timestamp(two_days_ago))
        asked = {"user_message": "비밀이에요", "status": "done", "decision": "answer"}
        store.put("questions", {"pk": keys.questions_pk("flowers", chat_id), "sk": chat_id, **asked})


def test_every_bots_days_are_counted_once_and_told_in_figures(logged: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert rollups.main([]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out == ["default: 0 questions of 5 days", "flowers: 2 questions of 5 days"]
    assert rollups.main(["--bot", "flowers"]) == 0
    again = capsys.readouterr().out
    assert again in ("flowers: 0 questions of 1 days\n", "flowers: 0 questions of 2 days\n")  # just after midnight


def test_a_bot_that_is_not_there_ends_in_a_line(logged: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert rollups.main(["--bot", "nobody"]) == FAILED
    assert "bot_not_found" in capsys.readouterr().err
