"""The log as JSON: one object a line, with the ids of what is worked on, and nothing that a bug quotes."""

import asyncio
import json
import logging
from io import StringIO
from typing import Any

import pytest

from shared.answering.bridge import in_thread
from shared.seeing.around import Around, apart, enter, known
from shared.seeing.logs import JsonLines


@pytest.fixture
def lines() -> tuple[logging.Logger, Any]:
    """A logger, and what it has written by now."""
    written, log = StringIO(), logging.Logger("shared.example")
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
    log.addHandler(handler)
    return log, lambda: [json.loads(line) for line in written.getvalue().splitlines()]


def test_a_line_holds_the_ids_that_are_known_wherever_it_is_written(lines: tuple[logging.Logger, Any]) -> None:
    log, written = lines

    async def answer() -> None:
        apart()
        known(chat_id="c-1")
        await in_thread(log.warning, "in a thread of an answer")

    async def request() -> None:
        enter(Around("r-1"))
        await in_thread(known, session_id="s-1")  # as a dependency in a worker thread does
        known(bot_id="shop")
        await asyncio.create_task(answer())
        log.warning("after %d\nanswers", 1)

    log.warning("outside")
    asyncio.run(request())
    outside, inside, after = written()
    assert set(outside) == {"time", "level", "logger", "message"}
    of_request = {"request_id": "r-1", "session_id": "s-1", "bot_id": "shop"}
    assert inside.items() >= {**of_request, "chat_id": "c-1", "message": "in a thread of an answer"}.items()
    assert after.items() >= {**of_request, "message": "after 1\nanswers", "level": "WARNING"}.items()
    assert "chat_id" not in after


def test_a_bug_is_told_by_type_and_place_without_its_words(lines: tuple[logging.Logger, Any]) -> None:
    log, written = lines

    def read() -> None:
        try:
            int("비밀질문")
        except ValueError as error:
            raise RuntimeError("about 비밀질문") from error

    try:
        read()
    except RuntimeError:
        log.exception("reading failed")
    (line,) = written()
    assert "비밀질문" not in json.dumps(line, ensure_ascii=False)
    assert [one["type"] for one in line["error"]] == ["builtins.RuntimeError", "builtins.ValueError"]
    assert "test_logs.py" in line["error"][0]["stack"][-1] and line["error"][0]["stack"][-1].endswith(" read")
