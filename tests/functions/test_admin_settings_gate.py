"""The gate before a bot's settings serve: golden questions are asked of the draft, or of an older version."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from shared.indexing.calibrate import off_topic_questions
from tests.functions.operators import operator

BOT = "/v1/admin/bots/default"
QUESTION = "가입 심사는 며칠 걸려요?"


@pytest.fixture(autouse=True)
def few_off_topic(monkeypatch: pytest.MonkeyPatch, off_topic: Any) -> None:
    """Thresholds are fitted on as few questions as the index was."""
    monkeypatch.setattr("shared.indexing.publish.off_topic_questions", lambda: off_topic_questions(off_topic))


@pytest.fixture
def editor(served: TestClient) -> dict[str, str]:
    """With a golden question that is answered rightly now."""
    headers = operator("editor")
    [found] = served.get("/v1/faqs/search", params={"q": QUESTION, "limit": 1}).json()["contents"]
    body = {"question": QUESTION, "faq_ids": [found["faq_id"]]}
    assert served.post(f"{BOT}/golden", headers=headers, json=body).status_code == 201
    return headers


def drafted(client: TestClient, headers: dict[str, str], **fields: Any) -> str:
    state = client.get(BOT, headers=headers).json()
    body = {"based_on": state["based_on"], "bot": {**(state["draft"] or state["published"]), **fields}}
    answer = client.put(f"{BOT}/draft", headers=headers, json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["based_on"])


def test_a_threshold_that_loses_a_golden_question_needs_a_second_yes(
    served: TestClient, editor: dict[str, str]
) -> None:
    based_on = drafted(served, editor, thresholds={"answer_from": 1.0})
    told = served.post(f"{BOT}/rehearse", headers=editor, json={}).json()
    assert told["not_compared"] is None
    [change] = told["rehearsals"][0]["rehearsal"]["changes"]
    assert (change["question"], change["golden"], change["verdict"]) == (QUESTION, True, "worse")
    assert (change["before"]["decision"], change["after"]["decision"]) == ("answer", "clarify")
    shown = [change["golden_id"]]
    refused = served.post(f"{BOT}/publish", headers=editor, json={"based_on": based_on})
    assert (refused.status_code, refused.json()["code"]) == (409, "loses_golden")
    assert refused.json()["problems"] == [{"path": "default", "message": QUESTION}]
    assert served.get(BOT, headers=editor).json()["based_on"] == based_on
    other = {"based_on": based_on, "lose_golden": ["another"]}
    assert served.post(f"{BOT}/publish", headers=editor, json=other).json()["code"] == "loses_golden"
    yes = {"based_on": based_on, "lose_golden": shown}
    assert served.post(f"{BOT}/publish", headers=editor, json=yes).status_code == 200
    worst = served.get(BOT, headers=editor).json()["version"]

    based_on = drafted(served, editor, thresholds={})  # as at first: what was lost is back
    told = served.post(f"{BOT}/rehearse", headers=editor, json={}).json()
    assert [one["verdict"] for one in told["rehearsals"][0]["rehearsal"]["changes"]] == ["better"]
    assert served.post(f"{BOT}/publish", headers=editor, json={"based_on": based_on}).status_code == 200

    based_on = drafted(served, editor, name="새 이름")  # a draft that is not to be lost with a refusal
    restore = {"based_on": based_on, "version": worst, "publish": True}
    refused = served.post(f"{BOT}/restore", headers=editor, json=restore)
    assert (refused.status_code, refused.json()["code"]) == (409, "loses_golden")
    state = served.get(BOT, headers=editor).json()
    assert (state["based_on"], state["draft"]["name"]) == (based_on, "새 이름")
    told = served.post(f"{BOT}/rehearse", headers=editor, json={"version": worst}).json()
    assert [one["verdict"] for one in told["rehearsals"][0]["rehearsal"]["changes"]] == ["worse"]
    restored = served.post(f"{BOT}/restore", headers=editor, json={**restore, "lose_golden": shown}).json()
    assert (restored["draft"], restored["published"]["thresholds"]["answer_from"]) == (None, 1.0)


def test_a_word_that_is_banned_now_may_lose_a_golden_question(served: TestClient, editor: dict[str, str]) -> None:
    based_on = drafted(served, editor, banned_words=["심사"])
    refused = served.post(f"{BOT}/publish", headers=editor, json={"based_on": based_on})
    assert (refused.status_code, refused.json()["code"]) == (409, "loses_golden")


def test_a_source_without_an_index_in_place_of_one_that_answers_loses_golden_questions(
    served: TestClient, editor: dict[str, str]
) -> None:
    based_on = drafted(served, editor, sources=[{"kind": "vector", "source_id": "empty"}])
    [told] = served.post(f"{BOT}/rehearse", headers=editor, json={}).json()["rehearsals"]
    [change] = told["rehearsal"]["changes"]
    assert (change["verdict"], change["after"]["decision"]) == ("worse", "refuse")
    refused = served.post(f"{BOT}/publish", headers=editor, json={"based_on": based_on})
    assert (refused.status_code, refused.json()["code"]) == (409, "loses_golden")


def test_what_nothing_is_searched_by_is_published_without_asking(served: TestClient, editor: dict[str, str]) -> None:
    based_on = drafted(served, editor, name="새 이름", min_loading_ms=10)
    told = served.post(f"{BOT}/rehearse", headers=editor, json={}).json()
    assert told == {"not_compared": "unchanged", "rehearsals": []}
    assert served.post(f"{BOT}/publish", headers=editor, json={"based_on": based_on}).status_code == 200


def test_a_bot_that_never_served_is_compared_with_nothing_and_says_so(client: TestClient) -> None:
    owner = operator()
    client.post("/v1/admin/bots", headers=owner, json={"bot_id": "shop", "name": "가게"})
    told = client.post("/v1/admin/bots/shop/rehearse", headers=owner, json={}).json()
    assert told == {"not_compared": "not_indexed", "rehearsals": []}
    assert client.post("/v1/admin/bots/shop/rehearse", headers=operator("viewer"), json={}).status_code == 403
    missing = client.post("/v1/admin/bots/shop/rehearse", headers=owner, json={"version": "none"})
    assert missing.json()["code"] == "version_not_found"


def test_the_first_publication_is_held_against_nothing_and_loses_nothing(
    served: TestClient, editor: dict[str, str]
) -> None:
    shop, owner = "/v1/admin/bots/shop", operator("owner")
    made = served.post("/v1/admin/bots", headers=owner, json={"bot_id": "shop", "name": "가게", "copy_of": "default"})
    for question, faq_ids in ((QUESTION, ["join-001"]), (QUESTION + "요", ["join-003"]), ("드론 배송", [])):
        body = {"question": question, "faq_ids": faq_ids}
        assert served.post(f"{shop}/golden", headers=owner, json=body).status_code == 201
    told = served.post(f"{shop}/rehearse", headers=owner, json={"version": "draft"}).json()
    ((rehearsal,)) = [one["rehearsal"] for one in told["rehearsals"] if one["first"]]
    assert (rehearsal["golden"], rehearsal["right_before"]) == (3, 0)
    assert len(rehearsal["changes"]) == 3 and rehearsal["right_after"] < 3
    assert sum(one["verdict"] == "better" for one in rehearsal["changes"]) == rehearsal["right_after"]
    assert not any(one["verdict"] == "worse" for one in rehearsal["changes"])
    publish = {"based_on": made.json()["based_on"]}
    assert served.post(f"{shop}/publish", headers=owner, json=publish).status_code == 200
