"""Which sources are asked, with what, and what becomes of those that fail."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from shared.answering.lookup import MAX_ROUNDS, Lookup
from shared.bot import Bot, HttpSource, VectorSource
from shared.errors import LlmUnavailable, SourceUnavailable
from shared.llm.base import Usage
from shared.llm.openai_chat import OpenAIChat
from shared.sources import tools
from shared.sources.base import ArgumentsInvalid, Facts, Record, Taken
from tests.fakes.company_api import CompanyApi, Fed
from tests.fakes.facts import FakeFacts, record, source
from tests.fakes.openai_replies import Reply, ToolCall
from tests.fakes.openai_server import FakeOpenAI
from tests.fakes.search import FakeSearch, found
from tests.sources.sources import asking, job_search

QUESTION = "가온상사 개발자 공고 있나요?"
FAQ = VectorSource()
JOBS, COMPANIES = source("jobs", "keyword"), source("companies", "company_id")
JOB, COMPANY = record("백엔드 개발자", 회사번호="C-7"), record("가온상사", 직원수="120명")
ANSWERED = found(QUESTION, "공고 찾기", "answer", 0.9)

pytestmark = pytest.mark.anyio


def call(name: str, call_id: str = "call_1", **arguments: Any) -> ToolCall:
    return ToolCall(name, (json.dumps(arguments, ensure_ascii=False),), call_id)


def lookup(
    *sources: VectorSource | HttpSource,
    facts: Mapping[str, Facts],
    search: FakeSearch | None = None,
    question: str = QUESTION,
    values: Mapping[str, str] | None = None,
) -> Lookup:
    searches = {FAQ.source_id: search} if search else {}
    return Lookup(Bot(sources=list(sources)), searches, facts, tools, question, [], Usage(), values or {})


def model(llm: FakeOpenAI) -> OpenAIChat:
    return OpenAIChat("any", llm.base_url, "fake-chat", 200, 5, 5)


def told(llm: FakeOpenAI, request: int) -> list[str]:
    """What the tools of the round before told the model."""
    return [one["content"] for one in llm.requests[request].body["messages"] if one["role"] == "tool"]


# Rounds


async def test_one_question_may_need_a_record_and_then_another_that_it_names(llm: FakeOpenAI) -> None:
    llm.enqueue(
        Reply(tool_calls=(call("jobs", keyword="개발자"),)),
        Reply(tool_calls=(call("companies", company_id="C-7"),)),
        "완료",
    )
    jobs, companies = FakeFacts(JOB), FakeFacts(COMPANY)
    looked = lookup(JOBS, COMPANIES, facts={"jobs": jobs, "companies": companies})
    await looked.planned(model(llm))
    evidence = looked.evidence()
    assert [fact.record for fact in evidence.facts] == [JOB, COMPANY]
    assert (jobs.asked, companies.asked) == ([{"keyword": "개발자"}], [{"company_id": "C-7"}])
    assert evidence.decision == "answer"
    assert "회사번호: C-7" in told(llm, 1)[0]
    assert [(one.source_id, one.outcome, one.found) for one in looked.calls] == [
        ("jobs", "found", 1),
        ("companies", "found", 1),
    ]


async def test_the_calls_of_a_round_run_at_once(llm: FakeOpenAI) -> None:
    llm.enqueue(Reply(tool_calls=(call("jobs", keyword="개발자"), call("companies", "call_2", company_id="1"))), "완료")
    both = asyncio.Barrier(2)
    facts = {"jobs": FakeFacts(JOB, before=both.wait), "companies": FakeFacts(COMPANY, before=both.wait)}
    looked = lookup(JOBS, COMPANIES, facts=facts)
    await asyncio.wait_for(looked.planned(model(llm)), 5)
    assert len(looked.evidence().facts) == 2


async def test_a_model_that_never_has_enough_is_stopped(llm: FakeOpenAI) -> None:
    llm.enqueue(*(Reply(tool_calls=(call("jobs", keyword=f"{n}"),)) for n in range(MAX_ROUNDS + 2)))
    jobs = FakeFacts(JOB)
    await lookup(JOBS, COMPANIES, facts={"jobs": jobs}).planned(model(llm))
    assert len(jobs.asked) == len(llm.requests) == MAX_ROUNDS


async def test_the_same_call_is_not_made_again(llm: FakeOpenAI) -> None:
    llm.enqueue(*(Reply(tool_calls=(call("jobs", keyword="개발자"),)) for _ in range(2)))
    jobs = FakeFacts(JOB)
    await lookup(JOBS, COMPANIES, facts={"jobs": jobs}).planned(model(llm))
    assert len(jobs.asked) == 1


async def test_a_model_that_chooses_nothing_has_the_indexes_searched(llm: FakeOpenAI) -> None:
    llm.enqueue("완료")
    search = FakeSearch(ANSWERED)
    looked = lookup(FAQ, JOBS, facts={"jobs": FakeFacts(JOB)}, search=search)
    await looked.planned(model(llm))
    assert looked.evidence().found == ANSWERED


async def test_an_index_is_searched_for_what_was_typed_and_for_what_the_model_makes_of_it(llm: FakeOpenAI) -> None:
    llm.enqueue(Reply(tool_calls=(call("default", question="개발자 채용 공고 찾는 법"),)), "완료")
    rewritten = found("개발자 채용 공고 찾는 법", "공고 찾기", "answer", 0.9)
    search = FakeSearch(found(QUESTION, "회사 소개", "clarify", 0.3), rewritten)
    looked = lookup(FAQ, JOBS, facts={"jobs": FakeFacts(JOB)}, search=search)
    await looked.planned(model(llm))
    assert search.asked == [[QUESTION], ["개발자 채용 공고 찾는 법"]]
    assert looked.evidence().found.ranked == rewritten.ranked


async def test_two_calls_to_one_index_are_both_remembered(llm: FakeOpenAI) -> None:
    calls = (call("default", question="환불 기간"), call("default", "call_2", question="정산 주기"))
    llm.enqueue(Reply(tool_calls=calls), "완료")
    typed = found(QUESTION, "회사 소개", "clarify", 0.3)
    one, other = found("환불 기간", "환불은 7일 안에", "answer", 0.9), found("정산 주기", "정산은 매주", "answer", 0.8)
    looked = lookup(FAQ, JOBS, facts={"jobs": FakeFacts(JOB)}, search=FakeSearch(typed, one, typed, other))
    await looked.planned(model(llm))
    titles = [ranked.content.title for ranked in looked.evidence().found.ranked]
    assert {"환불은 7일 안에", "정산은 매주"} <= set(titles) and len(titles) == len(set(titles))


async def test_a_refusal_beside_an_api_that_is_away_says_that_it_is_away(llm: FakeOpenAI) -> None:
    llm.enqueue(Reply(tool_calls=(call("jobs", keyword="개발자"),)), "완료")
    search = FakeSearch(found(QUESTION, "회사 소개", "refuse", 0.1))
    looked = lookup(FAQ, JOBS, facts={"jobs": FakeFacts(away=True)}, search=search)
    await looked.everywhere()
    await looked.planned(model(llm))
    with pytest.raises(SourceUnavailable):
        looked.evidence()


# Calls that are not valid


@pytest.mark.parametrize(
    "wrong",
    [
        ToolCall("jobs", ("no json",)),
        call("jobs"),
        call("jobs", keyword="개발자", salary="1억"),
        call("jobs", keyword=7),
        call("nothing", keyword="개발자"),
    ],
)
async def test_an_invalid_call_is_told_to_the_model_once_and_then_dropped(llm: FakeOpenAI, wrong: ToolCall) -> None:
    again = ToolCall(wrong.name, (*wrong.pieces, " "), "call_2")
    llm.enqueue(Reply(tool_calls=(wrong,)), Reply(tool_calls=(again,)), "완료")
    jobs = FakeFacts(JOB)
    looked = lookup(JOBS, COMPANIES, facts={"jobs": jobs})
    await looked.planned(model(llm))
    first, second = told(llm, 2)
    assert json.loads(first)["error"] and json.loads(second) == {"error": "dropped"}
    assert jobs.asked == []
    assert [one.outcome for one in looked.calls] == ["invalid", "invalid"]


# Failures


async def test_when_one_source_is_away_the_others_answer(llm: FakeOpenAI) -> None:
    llm.enqueue(Reply(tool_calls=(call("jobs", keyword="개발자"), call("companies", "call_2", company_id="1"))), "완료")
    looked = lookup(JOBS, COMPANIES, facts={"jobs": FakeFacts(away=True), "companies": FakeFacts(COMPANY)})
    await looked.planned(model(llm))
    assert [fact.record for fact in looked.evidence().facts] == [COMPANY]
    assert looked.degraded == ["jobs_unavailable"]


async def test_when_all_are_away_the_first_failure_is_the_answer(llm: FakeOpenAI) -> None:
    llm.enqueue(Reply(tool_calls=(call("jobs", keyword="개발자"),)), "완료")
    looked = lookup(JOBS, COMPANIES, facts={"jobs": FakeFacts(away=True)})
    await looked.planned(model(llm))
    with pytest.raises(SourceUnavailable):
        looked.evidence()


async def test_what_was_found_before_the_model_failed_is_kept(llm: FakeOpenAI) -> None:
    llm.enqueue(Reply(tool_calls=(call("jobs", keyword="개발자"),)), Reply(status=400))
    looked = lookup(JOBS, COMPANIES, facts={"jobs": FakeFacts(JOB)})
    with pytest.raises(LlmUnavailable):
        await looked.planned(model(llm))
    assert [fact.record for fact in looked.evidence().facts] == [JOB]


async def test_an_api_that_knows_nothing_of_it_leaves_a_refusal(llm: FakeOpenAI) -> None:
    llm.enqueue(Reply(tool_calls=(call("jobs", keyword="우주비행사"),)), "완료")
    looked = lookup(JOBS, COMPANIES, facts={"jobs": FakeFacts()})
    await looked.planned(model(llm))
    assert looked.evidence().decision == "refuse"
    assert looked.calls[0].outcome == "empty"


# Without a model


async def test_without_a_model_apis_that_take_only_the_question_are_asked() -> None:
    notices, jobs, search = FakeFacts(COMPANY), FakeFacts(JOB), FakeSearch(ANSWERED)
    looked = lookup(FAQ, JOBS, source("notices", "question"), facts={"jobs": jobs, "notices": notices}, search=search)
    await looked.everywhere()
    evidence = looked.evidence()
    assert (notices.asked, jobs.asked) == ([{"question": QUESTION}], [])
    assert (evidence.found, [fact.record for fact in evidence.facts]) == (ANSWERED, [COMPANY])


# Personal data


async def test_masked_values_reach_the_api_and_nothing_else(llm: FakeOpenAI) -> None:
    llm.enqueue(Reply(tool_calls=(call("jobs", keyword="[전화번호]"),)), "완료")
    jobs = FakeFacts(JOB)
    looked = lookup(
        JOBS,
        COMPANIES,
        facts={"jobs": jobs},
        question="[전화번호]로 등록된 공고",
        values={"[전화번호]": "010-1234-5678"},
    )
    await looked.planned(model(llm))
    assert jobs.asked == [{"keyword": "010-1234-5678"}]
    assert looked.calls[0].arguments == {"keyword": "[전화번호]"}
    assert "010-1234-5678" not in json.dumps([one.body for one in llm.requests], ensure_ascii=False)


async def test_an_api_may_ask_for_digits_where_the_model_sees_a_placeholder(llm: FakeOpenAI) -> None:
    orders = source("orders", "order_no")
    orders.parameters["properties"]["order_no"]["pattern"] = "^[0-9]+$"
    llm.enqueue(Reply(tool_calls=(ToolCall("orders", ('{"order_no": "[\\uc8fc\\ubb38\\ubc88\\ud638]"}',)),)), "완료")
    facts = FakeFacts(JOB)
    looked = lookup(orders, JOBS, facts={"orders": facts}, values={"[주문번호]": "2026112200010001"})
    await looked.planned(model(llm))
    assert facts.asked == [{"order_no": "2026112200010001"}]
    assert looked.calls[0].arguments == {"order_no": "[주문번호]"}


async def test_an_index_is_searched_with_what_is_masked(llm: FakeOpenAI) -> None:
    llm.enqueue(Reply(tool_calls=(call("default", question="[전화번호]로 가입"),)), "완료")
    search = FakeSearch(ANSWERED, found("[전화번호]로 가입", "가입", "clarify"))
    looked = lookup(FAQ, JOBS, facts={"jobs": FakeFacts()}, search=search, values={"[전화번호]": "010-1234-5678"})
    await looked.planned(model(llm))
    assert search.asked[1] == ["[전화번호]로 가입"]


async def test_an_api_that_repeats_what_it_was_asked_for_tells_the_model_nothing_new(llm: FakeOpenAI) -> None:
    llm.enqueue(Reply(tool_calls=(call("jobs", keyword="[전화번호]"),)), "완료")
    echo = record("010-1234-5678님의 지원", 연락처="010-1234-5678")
    looked = lookup(JOBS, COMPANIES, facts={"jobs": FakeFacts(echo)}, values={"[전화번호]": "010-1234-5678"})
    await looked.planned(model(llm))
    assert "[전화번호]" in told(llm, 1)[0]
    assert looked.evidence().facts[0].record == record("[전화번호]님의 지원", 연락처="[전화번호]")


@pytest.mark.parametrize("hidden", ["[주문번호]", "[지난 주문번호]", "번호 [전화번호 2]"])
async def test_what_nobody_knows_any_more_is_not_asked_for(llm: FakeOpenAI, hidden: str) -> None:
    llm.enqueue(Reply(tool_calls=(call("jobs", keyword=hidden),)), "완료")
    jobs = FakeFacts(JOB)
    looked = lookup(JOBS, COMPANIES, facts={"jobs": jobs}, values={"[전화번호]": "010-1234-5678"})
    await looked.planned(model(llm))
    assert jobs.asked == []
    assert "not known" in told(llm, 1)[0]


async def test_a_longer_number_is_not_hidden_as_a_part_of_itself(llm: FakeOpenAI) -> None:
    llm.enqueue(Reply(tool_calls=(call("jobs", keyword="[주문번호 2]"),)), "완료")
    values = {"[주문번호]": "12345678", "[주문번호 2]": "1234567890"}
    looked = lookup(JOBS, COMPANIES, facts={"jobs": FakeFacts(JOB)}, values=values)
    await looked.planned(model(llm))
    assert looked.calls[0].arguments == {"keyword": "[주문번호 2]"}


# Room


async def test_each_call_has_its_share_of_the_room(llm: FakeOpenAI) -> None:
    llm.enqueue(
        Reply(tool_calls=(call("jobs", keyword="개발자"),)),
        Reply(tool_calls=(call("companies", company_id="1"),)),
        "완료",
    )
    jobs = FakeFacts(*(record(f"공고 {n}") for n in range(9)))
    looked = lookup(FAQ, JOBS, COMPANIES, facts={"jobs": jobs, "companies": FakeFacts(COMPANY)})
    await looked.planned(model(llm))
    facts = [fact.record.title for fact in looked.evidence().facts]
    assert facts == [*(f"공고 {n}" for n in range(7)), "가온상사"]
    assert looked.left_out == 2


async def test_records_that_differ_in_anything_are_both_read(llm: FakeOpenAI) -> None:
    llm.enqueue(Reply(tool_calls=(call("jobs", keyword="A"), call("jobs", "call_2", keyword="B"))), "완료")
    one, other = record("배송중", 번호="A"), record("배송중", 번호="B")
    looked = lookup(JOBS, COMPANIES, facts={"jobs": FakeFacts(one, other, one)})
    await looked.planned(model(llm))
    facts = looked.evidence().facts
    assert [fact.record for fact in facts] == [one, other]
    assert len({fact.fact_id for fact in facts}) == 2


@pytest.mark.parametrize(
    ("answers", "outcome", "retries"),
    [
        ([Fed(503), Fed(429, headers={"Retry-After": "0"})], "found", 2),
        ([Fed(503), Fed(hang_up=True), Fed(503)], "unavailable", 2),
        ([Fed(400)], "unavailable", 0),
    ],
)
async def test_the_record_tells_how_often_an_api_was_asked_again(
    llm: FakeOpenAI, answers: list[Fed], outcome: str, retries: int
) -> None:
    with CompanyApi() as api:
        api.enqueue(*answers)
        llm.enqueue(Reply(tool_calls=(call("jobs", keyword="개발자", limit=3),)), "완료")
        jobs = job_search(api.url, retries=2)
        looked = lookup(jobs, COMPANIES, facts={"jobs": asking(jobs)})
        await looked.planned(model(llm))
        assert [(one.outcome, one.retries) for one in looked.calls] == [(outcome, retries)]
        assert len(api.received) == retries + 1


async def test_a_question_that_an_api_does_not_take_leaves_the_others() -> None:
    class Refusing(FakeFacts):
        async def fetch(self, arguments: Mapping[str, Any], taken: Taken | None = None) -> Sequence[Record]:
            raise ArgumentsInvalid("question: a slash cannot stand in an address")

    facts = {"notices": Refusing()}
    looked = lookup(FAQ, source("notices", "question"), facts=facts, search=FakeSearch(ANSWERED))
    await looked.everywhere()
    assert looked.evidence().found == ANSWERED
    assert [(one.source_id, one.outcome) for one in looked.calls if one.source_id == "notices"] == [
        ("notices", "invalid")
    ]


async def test_every_invalid_call_of_a_round_is_told(llm: FakeOpenAI) -> None:
    llm.enqueue(Reply(tool_calls=(call("jobs"), call("jobs", "call_2", keyword=7))), "완료")
    looked = lookup(JOBS, COMPANIES, facts={"jobs": FakeFacts(JOB)})
    await looked.planned(model(llm))
    assert all(json.loads(one)["error"] != "dropped" for one in told(llm, 1))


async def test_a_plan_that_takes_too_long_is_given_up_and_what_was_found_is_kept(
    llm: FakeOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.answering.lookup.PLAN_SECONDS", 0.8)
    llm.enqueue(Reply(tool_calls=(call("jobs", keyword="개발자"),)), Reply(deltas=("네",), stall_before_headers=3))
    looked = lookup(JOBS, COMPANIES, facts={"jobs": FakeFacts(JOB)})
    with pytest.raises(LlmUnavailable):
        await looked.planned(model(llm))
    assert [fact.record for fact in looked.evidence().facts] == [JOB]
