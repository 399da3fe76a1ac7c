"""The bots that ship as examples, published as an operator does, and asked against the example API."""

import json
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from fastapi.testclient import TestClient

from scripts import example_api
from shared import wiring
from shared.bot import Bot, HttpSource
from shared.settings import get_settings
from shared.sources.check import check
from tests.app import ROOT, ask, new_session, said
from tests.fakes.openai_replies import Reply, ToolCall
from tests.fakes.openai_server import FakeOpenAI

FILES = sorted((ROOT / "data" / "bots").glob("*.json"))
BOTS = {path.stem: Bot.model_validate(json.loads(path.read_text(encoding="utf-8"))) for path in FILES}
ORDER = "2026112200010001"


@pytest.fixture(scope="module")
def api() -> Iterator[str]:
    """The example API on a free port."""
    server = uvicorn.Server(uvicorn.Config(example_api.app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def published(with_llm: TestClient, api: str) -> TestClient:
    """All of them, which ask this API. Their thresholds are the default bot's: fitting them takes half a minute."""
    for path in FILES:
        text = path.read_text(encoding="utf-8").replace("127.0.0.1:8090", api)
        wiring.get_bots().publish(Bot.model_validate_json(text))
    return with_llm


def test_four_kinds_of_bots_ship() -> None:
    kinds = {name: sorted(source.kind for source in bot.sources) for name, bot in BOTS.items()}
    assert kinds == {
        "default": ["vector"],
        "faq-only": ["vector"],
        "helper": ["http", "http", "vector"],
        "tracking": ["http", "http"],
    }
    assert [name for name, bot in BOTS.items() if bot.chat is None] == ["faq-only"]
    assert all(bot.bot_id == name for name, bot in BOTS.items())


@pytest.mark.parametrize("source", [one for bot in BOTS.values() for one in bot.sources if one.kind == "http"])
def test_their_sources_can_be_published(source: HttpSource) -> None:
    check(source, {})


def test_one_question_finds_an_order_and_then_its_parcel(published: TestClient, llm: FakeOpenAI) -> None:
    llm.enqueue(
        Reply(tool_calls=(ToolCall("orders", ('{"order_no": "[주문번호]"}',)),)),
        Reply(tool_calls=(ToolCall("shipments", ('{"tracking_no": "611900012345"}',)),)),
        "완료",
        "제주 감귤 5kg은 배송중이며 [1] 2026년 11월 23일에 도착할 예정입니다. [2]",
    )
    events = ask(published, new_session(), f"주문번호 {ORDER} 언제 도착해요?", bot="helper")
    assert said(events).endswith("도착할 예정입니다. [2]")
    assert events[-1].data["decision"] == "answer"
    sources = next(event.data["sources"] for event in events if event.event == "sources")
    assert [(one["kind"], one["title"], one["cited"]) for one in sources[:2]] == [
        ("record", "제주 감귤 5kg", True),
        ("record", "가온택배", True),
    ]
    assert "notice" not in [event.data["bubble_type"] for event in events if event.event == "bubble"]
    seen = json.dumps([one.body for one in llm.requests], ensure_ascii=False)
    assert ORDER not in seen and "보이면 안 되는" not in seen and "010-0000" not in seen


def test_a_bot_without_contents_of_its_own_answers_from_its_apis(published: TestClient, llm: FakeOpenAI) -> None:
    llm.enqueue(Reply(tool_calls=(ToolCall("orders", ('{"order_no": "[주문번호]"}',)),)), "완료", "배송중입니다. [1]")
    events = ask(published, new_session(), f"주문번호 {ORDER} 어떻게 됐어요?", bot="tracking")
    assert said(events) == "배송중입니다. [1]"


def test_an_order_that_does_not_exist_is_refused_in_the_bots_words(published: TestClient, llm: FakeOpenAI) -> None:
    llm.enqueue(Reply(tool_calls=(ToolCall("orders", ('{"order_no": "99999999"}',)),)), "완료")
    events = ask(published, new_session(), "주문 99999999 어디 있어요?", bot="tracking")
    assert said(events) == BOTS["tracking"].replies.refusal["ko"]


def test_a_bot_without_a_model_asks_none(published: TestClient, llm: FakeOpenAI) -> None:
    events = ask(published, new_session(), "입점 심사는 며칠 걸려요?", bot="faq-only")
    assert events[-1].data["decision"] == "answer"
    assert llm.requests == []


def test_no_number_of_an_order_is_kept(published: TestClient, llm: FakeOpenAI) -> None:
    llm.enqueue(Reply(tool_calls=(ToolCall("orders", ('{"order_no": "[주문번호]"}',)),)), "완료", "배송중입니다. [1]")
    ask(published, new_session(), f"주문번호 {ORDER} 어떻게 됐어요?", bot="tracking")
    wiring.get_store().close()
    kept = b"".join(path.read_bytes() for path in get_settings().data_dir.rglob("*.sqlite3*"))
    assert ORDER.encode() not in kept
    assert "[주문번호]".encode() in kept
