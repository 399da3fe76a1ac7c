"""The history log over HTTP: lists, files, one turn, and why it got its answer."""

import csv
import gzip
from typing import Any

import pytest
from fastapi.testclient import TestClient

from functions import rollups
from shared import wiring
from shared.bot import Bot
from shared.storage import keys
from tests.app import ask, new_session
from tests.fakes.openai_server import FakeOpenAI
from tests.functions.operators import operator
from tests.functions.programs import bearer, history_log, new_key

QUESTION, OFF_TOPIC = "가입 심사는 며칠 걸려요?", "오늘 서울 날씨 어때요?"
BOT = "/v1/admin/bots/default"
HISTORY = f"{BOT}/history"


def asked(client: TestClient, question: str = QUESTION) -> str:
    """The address of the turn in the console."""
    chat_id: str = ask(client, new_session(), question)[-1].data["chat_id"]
    return f"{HISTORY}/{keys.day_of(chat_id)}/{chat_id}"


def get(client: TestClient, path: str, **headers: str) -> Any:
    answer = client.get(path, headers=headers or operator("viewer"))
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_what_was_asked_is_listed_filtered_and_read_whole(served: TestClient) -> None:
    path = asked(served)
    asked(served, OFF_TOPIC)
    key = bearer(new_key())
    served.post("/v1/answers", json={"question": QUESTION}, headers=key)
    page = get(served, HISTORY)
    assert [one["user_message"] for one in page["items"]] == [QUESTION, OFF_TOPIC, QUESTION]
    assert (page["looked"], page.get("cursor")) == (3, None)
    found = get(served, f"{HISTORY}?q=가입심사&channel=page&decision=answer")["items"]
    assert [path.endswith(one["chat_id"]) for one in found] == [True]
    assert "visitor_id" not in found[0]
    turn = get(served, path)
    assert turn["system_message"] and turn["record"]["steps"] and turn["sources"][0]["cited"]
    assert [one["channel"] for one in get(served, f"{HISTORY}?channel=api")["items"]] == ["api"]


def test_a_page_goes_on_where_the_last_one_ended(served: TestClient) -> None:
    asked(served)
    asked(served, OFF_TOPIC)
    first = get(served, f"{HISTORY}?limit=1")
    second = get(served, f"{HISTORY}?limit=1&cursor={first['cursor']}")
    assert [one["user_message"] for one in (*first["items"], *second["items"])] == [OFF_TOPIC, QUESTION]


def test_who_asked_is_told_to_owners_and_others_get_a_name_that_leads_back_to_nobody(served: TestClient) -> None:
    first, second = asked(served), asked(served, OFF_TOPIC)  # by one visitor, in two sessions
    (logged, _) = history_log()
    ids = {logged["visitor_id"], logged["session_id"]}
    owned = get(served, first, **operator("owner"))
    assert {owned["visitor_id"], owned["session_id"]} == ids

    editor = operator("editor")
    turns = [get(served, one, **editor) for one in (first, second)]
    files = [served.get(f"{HISTORY}/export?format={kind}", headers=editor).content for kind in ("jsonl", "csv")]
    assert turns[0]["visitor_id"] == turns[1]["visitor_id"] and turns[0]["session_id"] != turns[1]["session_id"]
    assert turns[0]["visitor_id"].startswith("visitor_") and turns[0]["visitor_id"].encode() in files[0]
    assert not any(one.encode() in file for one in ids for file in (*files, repr(turns).encode()))
    assert logged["visitor_id"].encode() in served.get(f"{HISTORY}/export?format=jsonl", headers=operator()).content


@pytest.mark.parametrize(
    "query",
    [
        "from=2026-13-01",
        "from=어제",
        "to=20260101",
        "from=2026-02-02&to=2026-02-01",
        "from=2020-01-01&to=2026-01-01",
        "to=0001-01-05",
        "decision=maybe",
        "feedback=bad",
        "slow_ms=-1",
        "slow_ms=fast",
        "limit=0",
        "limit=201",
        "cursor=x",
        "q=%21%3F",
        "channel=fax",
        "status=lost",
    ],
)
def test_wrong_input_is_told_in_korean(client: TestClient, query: str) -> None:
    answer = client.get(f"{HISTORY}?{query}", headers=operator("viewer"))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert any("가" <= letter <= "힣" for letter in answer.json()["error_message"])


@pytest.mark.parametrize(
    "path",
    ["history/2026-01-01/none", "history/2026-01-01/none/why", "history/x/01KAKD3M00000000000000000A"],
)
def test_a_turn_that_is_not_there_is_a_404(client: TestClient, path: str) -> None:
    answer = client.get(f"{BOT}/{path}", headers=operator("viewer"))
    assert (answer.status_code, answer.json()["code"]) == (404, "chat_not_found")


READS = ["history", "history/export", "history/2026-01-01/x", "history/2026-01-01/x/why", "insights", "insights.csv"]
READS += ["surges", "notice"]


@pytest.mark.parametrize("path", READS)
def test_only_the_bots_operators_read(client: TestClient, path: str) -> None:
    wiring.get_bots().publish(Bot(bot_id="flowers"))
    assert client.get(f"{BOT}/{path}").status_code == 401
    assert client.get(f"{BOT}/{path}", headers=bearer(new_key())).status_code == 401
    for bot_id in ("flowers", "nobody"):
        answer = client.get(f"/v1/admin/bots/{bot_id}/{path}", headers=operator("owner", ["default"]))
        assert (answer.status_code, answer.json()["code"]) == (404, "bot_not_found")
    assert client.get(f"{BOT}/{path}", headers=operator("viewer", ["default"])).status_code in (200, 404)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonl"])
def test_a_file_holds_what_the_list_does(served: TestClient, kind: str) -> None:
    asked(served)
    query, who = f"format={kind}&decision=answer", operator("viewer")
    answer = served.get(f"{HISTORY}/export?{query}", headers=who)
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].endswith(f'.{kind}"')
    packed = served.get(f"{HISTORY}/export?{query}&gzip=true", headers=who)
    assert packed.headers["content-disposition"].endswith(f'.{kind}.gz"')
    assert (packed.headers["content-type"], "content-encoding" in packed.headers) == ("application/gzip", False)
    assert kind == "xlsx" or gzip.decompress(packed.content) == answer.content
    if kind == "xlsx":
        assert answer.content.startswith(b"PK")
    else:
        assert QUESTION in answer.content.decode("utf-8-sig")


def test_what_was_said_about_an_answer_is_read_and_in_the_files(served: TestClient) -> None:
    path = asked(served)
    rating = {"request_id": path.rpartition("/")[2], "helpful": False, "comment": "느려요"}
    assert served.post("/v1/feedback", json=rating).status_code == 201
    assert get(served, path)["comment"] == "느려요"
    assert "느려요" in served.get(f"{HISTORY}/export", headers=operator("viewer")).text


def test_a_file_of_another_kind_is_refused(client: TestClient) -> None:
    assert client.get(f"{HISTORY}/export?format=pdf", headers=operator("viewer")).status_code == 422


# Why


def test_the_same_question_today_differs_in_nothing_and_is_not_logged(served: TestClient) -> None:
    path = asked(served)
    why = get(served, f"{path}/why")
    assert why["replayed"]["decision"] == "answer" and why["differences"] == []
    assert {one["change"] for one in why["contents"]} == {"same"}
    assert len(history_log()) == 1


def test_what_changed_since_is_marked(served: TestClient) -> None:
    path = asked(served)
    turn = get(served, path)
    item = {"pk": f"default#{keys.day_of(turn['chat_id'])}", "sk": turn["chat_id"]}
    candidates = turn["record"]["candidates"]
    stale = [{**candidates[1], "score": 0.1}, candidates[0], {**candidates[0], "faq_id": "gone"}]
    record = {**turn["record"], "candidates": stale}
    changes = {"record": record, "decision": "refuse", "bot_version": "older"}
    wiring.get_store().update("questions", item["pk"], item["sk"], changes)
    why = get(served, f"{path}/why")
    what = {one["what"]: one for one in why["differences"]}
    assert (what["decision"]["before"], what["decision"]["now"]) == ("refuse", "answer")
    assert {"contents", "scores", "bot_version"} <= set(what) and "text" not in what
    changed = {one["faq_id"]: one for one in why["contents"]}
    assert (changed["gone"]["change"], changed["gone"].get("now_rank")) == ("gone", None)
    assert (changed[candidates[0]["faq_id"]]["before_rank"], changed[candidates[0]["faq_id"]]["now_rank"]) == (2, 1)


def test_without_being_asked_to_a_replay_spends_nothing(with_llm: TestClient, llm: FakeOpenAI) -> None:
    llm.enqueue("심사는 영업일 3일 걸립니다. [1]")
    path = asked(with_llm)
    before = len(llm.requests)
    why = get(with_llm, f"{path}/why")
    assert len(llm.requests) == before
    assert "text" not in {one["what"] for one in why["differences"]} and "LLM 없이" in why["notes"][0]


def test_an_editor_can_have_the_answer_written_again(with_llm: TestClient, llm: FakeOpenAI) -> None:
    llm.enqueue("심사는 영업일 3일 걸립니다. [1]")
    path = asked(with_llm)
    assert with_llm.get(f"{path}/why?with_answer=true", headers=operator("viewer")).status_code == 403
    llm.enqueue("심사는 보통 3일입니다. [1]")
    why = get(with_llm, f"{path}/why?with_answer=true", **operator("editor"))
    (text,) = [one for one in why["differences"] if one["what"] == "text"]
    assert (text["before"], text["now"]) == ("심사는 영업일 3일 걸립니다. [1]", "심사는 보통 3일입니다. [1]")
    assert len(history_log()) == 1


def test_what_an_api_was_asked_is_not_held_against_a_search(with_llm: TestClient, llm: FakeOpenAI) -> None:
    llm.enqueue("심사는 영업일 3일 걸립니다. [1]")
    path = asked(with_llm)
    turn = get(with_llm, path)
    order = {"source_id": "orders", "arguments": {"order_no": "[주문번호]"}, "outcome": "found", "found": 1}
    record = {**turn["record"], "calls": [order], "candidates": [{**turn["record"]["candidates"][0], "faq_id": "o-1"}]}
    changes = {"record": record, "decision": "clarify"}
    wiring.get_store().update("questions", f"default#{keys.day_of(turn['chat_id'])}", turn["chat_id"], changes)
    why = get(with_llm, f"{path}/why")
    assert (why["differences"], why.get("contents", [])) == ([], []) and "API 소스에는 묻지" in why["notes"][0]
    llm.enqueue("심사는 영업일 3일 걸립니다. [1]")
    why = get(with_llm, f"{path}/why?with_answer=true", **operator("editor"))
    assert {"decision", "calls", "contents"} <= {one["what"] for one in why["differences"]}


def test_a_tap_and_a_deleted_session_are_not_replayed(served: TestClient) -> None:
    faq_id = served.get("/v1/faqs/popular").json()["questions"][0]["faq_id"]
    tapped = served.post(f"/v1/faqs/{faq_id}/ask").json()
    path = f"{HISTORY}/{keys.day_of(tapped['chat_id'])}/{tapped['chat_id']}"
    assert "replayed" not in (why := get(served, f"{path}/why")) and why["notes"]
    served.delete(f"/v1/sessions/{tapped['session_id']}")
    turn = get(served, path)
    assert (turn["deleted"], turn["user_message"]) == (True, "")
    assert "삭제" in get(served, f"{path}/why")["notes"][0]


# Insights, surges, the notice


def test_figures_are_the_same_counted_before_or_while_they_are_read(served: TestClient) -> None:
    asked(served)
    asked(served, OFF_TOPIC)
    live = get(served, f"{BOT}/insights")
    assert (live["total"]["questions"], live["total"]["answered"]["count"]) == (2, 1)
    assert live["contents"][0]["title"] and len(live["days"]) == 7
    assert set(rollups.handler({}, None)) == {"default"}
    assert get(served, f"{BOT}/insights")["total"] == live["total"]


def test_figures_by_bot_are_of_the_bots_that_an_operator_sees(served: TestClient) -> None:
    asked(served)
    wiring.get_bots().publish(Bot(bot_id="flowers", name="꽃집"))
    path = "/v1/admin/insights"
    assert [(one["bot_id"], one["questions"]) for one in get(served, path)] == [("default", 1), ("flowers", 0)]
    own = get(served, f"{BOT}/insights")["total"]
    (seen,) = get(served, path, **operator("viewer", ["default"]))
    assert {name: seen[name] for name in own} == own
    assert [one["name"] for one in get(served, path, **operator("viewer", ["flowers"]))] == ["꽃집"]
    assert served.get(path).status_code == 401


@pytest.mark.parametrize(
    ("table", "head", "listed"),
    [
        ("days", "날짜,", "days"),
        ("contents", "콘텐츠 ID,", "contents"),
        ("unhelpful", "콘텐츠 ID,", "unhelpful_contents"),
        ("unused", "콘텐츠 ID,", "unused"),
    ],
)
def test_figures_are_a_file_too(served: TestClient, table: str, head: str, listed: str) -> None:
    asked(served)
    answer = served.get(f"{BOT}/insights.csv?table={table}", headers=operator("viewer"))
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith(head) and len(lines) == 1 + len(get(served, f"{BOT}/insights")[listed])


def test_the_figures_by_bot_are_a_file_too(served: TestClient) -> None:
    asked(served)
    answer = served.get("/v1/admin/insights.csv", headers=operator("viewer"))
    lines = list(csv.DictReader(answer.content.decode("utf-8-sig").splitlines()))
    shown = served.get("/v1/admin/insights", headers=operator("viewer")).json()
    told = [(one["bot_id"], str(one["questions"])) for one in shown]
    assert [(one["챗봇 ID"], one["질문"]) for one in lines] == told
    assert any(one["질문"] != "0" for one in lines) and {one["모두 집계"] for one in lines} == {"예"}
    none = served.get("/v1/admin/insights.csv", headers=operator("viewer", ["helper"])).content.decode("utf-8-sig")
    assert len(none.splitlines()) == 1


@pytest.mark.parametrize(
    "path",
    [
        f"{BOT}/insights?from=x",
        f"{BOT}/insights?from=2020-01-01&to=2026-01-01",
        f"{BOT}/insights.csv?table=x",
        f"{BOT}/insights?from=0001-01-01&to=0001-01-05",
        f"{BOT}/insights?from=9999-12-20&to=9999-12-31",
        "/v1/admin/insights?from=0001-01-01&to=0001-01-02",
    ],
)
def test_wrong_days_of_figures_are_told(client: TestClient, path: str) -> None:
    answer = client.get(path, headers=operator("viewer"))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


@pytest.mark.parametrize("days", ["from=2000-01-01&to=2000-01-02", "to=2000-01-01", "from=2999-12-31"])
def test_days_at_the_edges_are_counted(client: TestClient, days: str) -> None:
    for path in (f"{BOT}/insights", "/v1/admin/insights", HISTORY):
        assert client.get(f"{path}?{days}", headers=operator("viewer")).status_code == 200


def test_a_quiet_bot_has_no_surges(served: TestClient) -> None:
    asked(served)
    found = get(served, f"{BOT}/surges")
    assert (found["surges"], found["questions"], found["complete"]) == ([], 1, True)


def test_a_pinned_notice_is_read_first_until_it_is_taken_down(served: TestClient) -> None:
    editor = operator("editor")
    text = "지금 결제 오류를 고치고 있어요."
    body = {"text": f" {text} ", "minutes": 30}
    assert served.put(f"{BOT}/notice", json=body, headers=operator("viewer")).status_code == 403
    assert served.put(f"{BOT}/notice", json=body, headers=editor).status_code == 200
    bubbles = served.get("/v1/faqs/categories").json()["bubbles"]
    assert [one["bubble_type"] for one in bubbles][:2] == ["text", "notice"]
    assert bubbles[1]["description"] == text
    assert len({one["bubble_id"] for one in bubbles}) == len(bubbles)
    assert served.delete(f"{BOT}/notice", headers=editor).json() == {"notice": None}
    wiring.get_notice.cache_clear()
    assert "notice" not in [one["bubble_type"] for one in served.get("/v1/faqs/categories").json()["bubbles"]]
    actions = [one.action for one in wiring.get_audit().page(wiring.get_operator(_token(editor)), _today()).entries]
    assert actions == ["notice.unpin", "notice.pin"]


@pytest.mark.parametrize("body", [{"text": ""}, {"text": "  "}, {"text": "가" * 501}, {"text": "가", "minutes": 0}, {}])
def test_a_notice_that_is_none_is_told(client: TestClient, body: dict[str, Any]) -> None:
    answer = client.put(f"{BOT}/notice", json=body, headers=operator("editor"))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


def _token(headers: dict[str, str]) -> str:
    return headers["Authorization"].removeprefix("Bearer ")


def _today() -> str:
    return wiring.get_audit().today()
