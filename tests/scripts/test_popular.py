"""Counting popular questions from the command line."""

from collections.abc import Callable
from pathlib import Path

import pytest
from ulid import ULID

from scripts import popular
from scripts.steps import FAILED
from shared import assembly, wiring
from shared.bot import Bot, VectorSource
from shared.models import Content
from shared.storage import keys
from tests.app import forget


@pytest.fixture
def logged(configure: Callable[..., Path]) -> None:
    """Two bots, of which one was asked."""
    configure()
    forget()
    store = wiring.get_store()
    store.prepare()
    wiring.get_bots().publish(Bot(bot_id="flowers", sources=[VectorSource(source_id="flowers")]))
    made = Content(faq_id="c1", source_id="flowers", title="꽃은 언제 오나요?", content="내일", category="배송")
    store.put("contents", {"pk": "flowers", "sk": "c1", **made.model_dump(mode="json")})
    source = {"source_id": "flowers", "faq_id": "c1", "cited": True}
    for visitor in ("a", "b"):
        chat_id = str(ULID())
        asked = {"user_message": "비밀이에요", "visitor_id": visitor, "decision": "answer", "sources": [source]}
        store.put("questions", {"pk": keys.questions_pk("flowers", chat_id), "sk": chat_id, **asked})


def test_every_bot_is_counted_and_told_without_what_customers_wrote(
    logged: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert popular.main([]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out == [
        "default: 0 questions of 0 contents",
        "flowers: 2 questions of 1 contents",
        "  배송",
        "          2  꽃은 언제 오나요?",
    ]
    assert [one.count for one in assembly.get_counted("flowers").lists["배송"]] == [2]


def test_only_the_bots_that_are_named_are_counted(logged: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert popular.main(["--bot", "default"]) == 0
    assert "flowers" not in capsys.readouterr().out
    assert assembly.get_counted("flowers").lists == {}


def test_a_pinned_question_that_no_content_has_is_told(logged: None, capsys: pytest.CaptureFixture[str]) -> None:
    bot = wiring.get_bot("flowers").model_copy(update={"pinned": ["꽃은 언제 오나요", "나무는 언제 오나요"]})
    wiring.get_bots().publish(bot)
    forget()
    assert popular.main([]) == 0
    assert capsys.readouterr().err.splitlines() == ["  pinned: no content is called '나무는 언제 오나요'"]


def test_a_bot_that_is_not_there_ends_in_a_line(logged: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert popular.main(["--bot", "nobody"]) == FAILED
    assert "bot_not_found" in capsys.readouterr().err
