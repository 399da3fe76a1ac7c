"""Drafts and older versions of a bot, from the command line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import bot_versions
from scripts.steps import FAILED
from shared import wiring
from shared.bot import Bot
from tests.app import forget

Run = Callable[..., int]


@pytest.fixture
def run(configure: Callable[..., Path]) -> Run:
    configure()
    forget()

    def run(*arguments: str) -> int:
        return bot_versions.main(list(arguments))

    return run


def bot_file(folder: Path, name: str) -> str:
    path = folder / "bot.json"
    body = {"bot_id": "flowers", "name": name, "sources": [{"kind": "vector", "source_id": "flowers"}]}
    path.write_text(json.dumps(body), encoding="utf-8")
    return str(path)


def names() -> list[str | None]:
    return [bot.name for bot in wiring.get_bots().versions("flowers")]


def test_a_draft_is_published_when_it_is_told_to(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("draft", bot_file(tmp_path, "꽃집")) == 0
    assert names() == []
    assert run("publish-draft", "flowers") == 0
    assert names() == ["꽃집"]
    capsys.readouterr()
    assert run("list", "flowers") == 0
    version, draft = capsys.readouterr().out.splitlines()
    assert version.startswith("published#") and draft == "draft"


def test_an_older_version_is_restored_as_a_new_one(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("꽃집", "화원"):
        run("draft", bot_file(tmp_path, name))
        run("publish-draft", "flowers")
    oldest = wiring.get_bots().versions("flowers")[-1].version
    assert run("restore", "flowers", oldest) == 0
    assert names() == ["꽃집", "화원", "꽃집"]
    capsys.readouterr()
    run("show", "flowers", oldest)
    assert Bot.model_validate_json(capsys.readouterr().out).name == "꽃집"


def test_a_version_that_does_not_exist_is_told_in_a_line(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("restore", "flowers", "published#01") == FAILED
    (line,) = capsys.readouterr().err.splitlines()
    assert "the bot 'flowers' has no version 'published#01'" in line
