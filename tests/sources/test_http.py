"""`HttpFacts` against a real company's API: what is sent, what comes out, what never does, and what goes wrong."""

import asyncio
import gzip
import logging
import time
import tracemalloc
import zlib
from typing import Any

import pytest

from shared.errors import SourceUnavailable
from shared.sources.base import ArgumentsInvalid
from shared.sources.http import HttpFacts
from shared.sources.recent import Recent
from tests.fakes.company_api import PLANTED, CompanyApi, Fed, as_json
from tests.servers import free_port
from tests.sources.sources import FIELDS, KEY, asking, job_search, netloc, one_job, secret

pytestmark = pytest.mark.anyio
ASKED = {"keyword": "개발자"}
WORD = "비밀스러운검색어"
FOUND = as_json({"result": {"jobs": [{"title": "개발자"}]}})


async def failing(facts: HttpFacts, arguments: dict[str, Any] | None = None) -> str:
    """What the log will say; the error holds nothing that was sent or received, wherever one looks."""
    with pytest.raises(SourceUnavailable) as caught:
        await facts.fetch(ASKED if arguments is None else arguments)
    hidden = [*PLANTED, KEY, WORD]
    for error in chain(caught.value):
        told = f"{error!r} {error} {vars(error)}"
        assert not [word for word in hidden if word in told]
    return caught.value.reason


def chain(error: BaseException | None) -> list[BaseException]:
    """An error and everything attached to it."""
    return [] if error is None else [error, *chain(error.__cause__), *chain(error.__context__)]


# What comes


async def test_the_listed_fields_of_each_record_come_as_a_korean_reader_writes_them(api: CompanyApi) -> None:
    job, other = await asking(job_search(api.url)).fetch({"keyword": ""})
    assert (job.title, job.link) == ("파이썬 백엔드 개발자", "https://jobs.example.com/101")
    assert job.fields == {
        "공고": "파이썬 백엔드 개발자",
        "회사": "가온소프트",
        "연봉(원)": "52,000,000",
        "마감일": "2026년 12월 5일",
        "재택근무": "예",
        "기술": "Python, MongoDB",
        "주소": "https://jobs.example.com/101",
    }
    assert other.as_text().splitlines() == [
        "공고: 물류센터 운영 담당",
        "회사: 한빛물류",
        "연봉(원): 38,000,000",
        "마감일: 2026년 11월 30일",
        "재택근무: 아니요",
    ]
    assert other.link is None


async def test_one_record_needs_no_list_and_a_nameless_one_is_called_after_its_source(api: CompanyApi) -> None:
    (job,) = await asking(one_job(api.url, title=None, link=None)).fetch({"job_id": "101"})
    assert (job.title, job.link) == ("채용공고", None)
    assert api.targets == ["/jobs/101"]


async def test_no_more_records_are_read_than_the_source_says(api: CompanyApi) -> None:
    assert len(await asking(job_search(api.url, max_records=1)).fetch({"keyword": ""})) == 1


@pytest.mark.parametrize("answer", [Fed(404), Fed(204, b""), Fed(body=b"[]"), Fed(body=b'{"result": null}')])
async def test_nothing_found_is_no_failure(api: CompanyApi, answer: Fed) -> None:
    api.enqueue(answer)
    assert await asking(job_search(api.url)).fetch(ASKED) == ()


async def test_values_of_another_type_are_left_out(api: CompanyApi) -> None:
    wrong = {
        "title": {"a": 1},
        "salary": "많음",
        "deadline": "곧",
        "remote": 3,
        "skills": [{}, "SQL"],
        "url": "ftp://a",
    }
    api.enqueue(Fed(body=as_json({"result": {"jobs": [wrong, {"title": None}, 7, {"salary": "12"}]}})))
    records = await asking(job_search(api.url)).fetch(ASKED)
    assert [record.fields for record in records] == [{"기술": "SQL"}, {"연봉(원)": "12"}]


# What is sent


async def test_arguments_are_put_into_the_query_and_missing_ones_left_out(api: CompanyApi) -> None:
    facts = asking(job_search(api.url, url=f"{api.url}/jobs?version=2"))
    await facts.fetch({"keyword": "a&b=ㄱ"})
    await facts.fetch({"keyword": "", "limit": 3})
    assert api.targets == ["/jobs?version=2&keyword=a%26b%3D%E3%84%B1", "/jobs?version=2&keyword=&limit=3"]


async def test_a_list_repeats_its_key(api: CompanyApi) -> None:
    regions = {"type": "array", "items": {"type": "string"}}
    parameters = {"type": "object", "properties": {"regions": regions, "open": {"type": "boolean"}}}
    query = {"region": "{regions}", "open": "{open}", "all": "in {regions}"}
    await asking(job_search(api.url, parameters=parameters, query=query)).fetch({"regions": ["a", "b"], "open": True})
    assert api.targets == ["/jobs?region=a&region=b&open=true&all=in+a%2Cb"]


async def test_a_body_takes_arguments_with_their_types(api: CompanyApi) -> None:
    body = {"keyword": "{keyword}", "size": "{limit}", "sort": [{"by": "{limit}건"}, "{limit}"], "fixed": None}
    facts = asking(job_search(api.url, url=f"{api.url}/search", method="POST", query={}, body=body))
    await facts.fetch({"keyword": "개발자", "limit": 3})
    await facts.fetch({"keyword": '"}'})
    assert [request.body for request in api.received] == [
        as_json({"keyword": "개발자", "size": 3, "sort": [{"by": "3건"}, 3], "fixed": None}),
        as_json({"keyword": '"}', "sort": [{}], "fixed": None}),
    ]
    assert api.received[0].headers["content-type"] == "application/json"


@pytest.mark.parametrize("arguments", [{}, {"keyword": 1}, {"keyword": "a", "limit": 11}, {"keyword": "a", "x": 1}])
async def test_invalid_arguments_are_not_sent(api: CompanyApi, arguments: dict[str, Any]) -> None:
    with pytest.raises(ArgumentsInvalid):
        await asking(job_search(api.url)).fetch(arguments)
    assert api.received == []


async def test_the_environment_names_no_proxy(api: CompanyApi, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert len(await asking(job_search(api.url)).fetch(ASKED)) == 1


# What never comes out


async def test_what_is_not_listed_reaches_no_record_and_no_log(
    api: CompanyApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    headers = {"X-Key": "{secret:jobs_key}"}
    recent = Recent()
    source = job_search(api.url, headers=headers, cache_seconds=60)
    facts = asking(source, recent, secrets=secret(netloc(api)))
    records = await facts.fetch({"keyword": "", "limit": 2})
    assert len(records) == 2
    told = f"{records!r} {[one.as_text() for one in records]} {caplog.text} {facts!r} {vars(recent)}"
    assert not [word for word in [*PLANTED, KEY] if word in told]


async def test_a_listed_object_is_not_text(api: CompanyApi) -> None:
    fields = {**FIELDS, "company": {"path": "company", "label": "회사"}, "all": {"path": "@", "label": "전부"}}
    records = await asking(job_search(api.url, fields=fields)).fetch(ASKED)
    assert "회사" not in records[0].fields and "전부" not in records[0].fields


@pytest.mark.parametrize(
    "answer",
    [
        Fed(500, as_json(PLANTED)),
        Fed(401, as_json(PLANTED), {"X-Token": PLANTED[0]}),
        Fed(body=as_json(PLANTED)[:-1]),
        Fed(body=as_json({"result": {"jobs": PLANTED[0]}})),
        Fed(302, headers={"Location": f"http://{PLANTED[0]}:{PLANTED[0]}@[x"}),
        Fed(body=as_json(PLANTED), headers={"Content-Encoding": "gzip"}),
        Fed(body=as_json(PLANTED), headers={"Content-Encoding": PLANTED[0]}),
        Fed(headers={"Content-Length": PLANTED[0]}),
    ],
)
async def test_failures_repeat_nothing(api: CompanyApi, answer: Fed, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    api.enqueue(answer)
    facts = asking(job_search(api.url, headers={"X-Key": "{secret:jobs_key}"}), secrets=secret(netloc(api)))
    reason = await failing(facts, {"keyword": WORD})
    assert reason.startswith("jobs: ") and caplog.text == ""


async def test_a_jmespath_function_that_meets_another_type_repeats_nothing(api: CompanyApi) -> None:
    await failing(asking(job_search(api.url, records="result.jobs | max_by(@, &memo).memo")))


# Secrets


async def test_a_secret_is_sent_to_its_host(api: CompanyApi) -> None:
    source = job_search(api.url, headers={"Authorization": "Bearer {secret:jobs_key}", "X-Plain": "a"})
    await asking(source, secrets=secret("other.example", netloc(api))).fetch(ASKED)
    assert api.received[0].headers["authorization"] == f"Bearer {KEY}"
    assert api.received[0].headers["x-plain"] == "a"
    assert KEY not in api.received[0].target


@pytest.mark.parametrize(
    ("hosts", "told"), [([], "not in BOT_SECRETS"), (["127.0.0.1"], "not for this"), (["api.example"], "not for this")]
)
async def test_a_secret_is_sent_nowhere_else(api: CompanyApi, hosts: list[str], told: str) -> None:
    source = job_search(api.url, headers={"X-Key": "{secret:jobs_key}"})
    assert told in await failing(asking(source, secrets=secret(*hosts) if hosts else {}))
    assert api.received == []


async def test_headers_do_not_follow_a_redirect_to_another_server_nor_come_back(api: CompanyApi) -> None:
    with CompanyApi() as other:
        source = job_search(api.url, headers={"X-Key": "{secret:jobs_key}"}, allowed_hosts=[netloc(api), netloc(other)])
        api.enqueue(
            Fed(302, headers={"Location": "/here"}),
            Fed(307, headers={"Location": f"{other.url}/there"}),
            Fed(body=FOUND),
        )
        other.enqueue(Fed(301, headers={"Location": f"{api.url}/back"}))
        await asking(source, secrets=secret(netloc(api), netloc(other))).fetch(ASKED)
        sent = [request.headers.get("x-key") for request in api.received]
        assert (sent, api.targets[1:]) == ([KEY, KEY, None], ["/here", "/back"])
        assert ("x-key" in other.received[0].headers, other.targets) == (False, ["/there"])


# What goes wrong


async def test_a_redirect_into_a_private_network_is_not_followed(api: CompanyApi) -> None:
    with CompanyApi() as private:
        api.enqueue(Fed(302, headers={"Location": f"{private.url}/admin"}))
        assert "not in the public internet" in await failing(asking(job_search(api.url, retries=3)))
        assert private.received == []


async def test_a_circle_of_redirects_ends(api: CompanyApi) -> None:
    api.enqueue(*[Fed(302, headers={"Location": "/jobs"})] * 9)
    assert await failing(asking(job_search(api.url))) == "jobs: too many redirects"
    assert len(api.received) == 4


@pytest.mark.parametrize("location", [{}, {"Location": "ftp://a/b"}, {"Location": "http://:0/"}, {"Location": ""}])
async def test_a_redirect_to_nowhere_is_a_failure(api: CompanyApi, location: dict[str, str]) -> None:
    api.enqueue(Fed(302, headers=location))
    assert await failing(asking(job_search(api.url))) == "jobs: a redirect to nowhere"


async def test_a_post_is_not_redirected(api: CompanyApi) -> None:
    api.enqueue(Fed(307, headers={"Location": "/search"}))
    assert await failing(asking(job_search(api.url, method="POST", body={}))) == "jobs: a redirect of a POST"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "passing",
    [
        Fed(hang_up=True),
        Fed(502),
        Fed(503),
        Fed(504),
        Fed(429),
        Fed(429, headers={"Retry-After": "0.1"}),
        Fed(body=FOUND, cut=9),
    ],
)
async def test_what_may_pass_is_tried_again(api: CompanyApi, passing: Fed, method: str) -> None:
    api.enqueue(passing, Fed(body=FOUND))
    assert len(await asking(job_search(api.url, retries=1, method=method)).fetch(ASKED)) == 1
    assert len(api.received) == 2


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Fed(500), "HTTP 500"),
        (Fed(400), "HTTP 400"),
        (Fed(403), "HTTP 403"),
        (Fed(429, headers={"Retry-After": "3"}), "HTTP 429"),
        (Fed(429, headers={"Retry-After": "nan"}), "HTTP 429"),
        (Fed(503, headers={"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}), "HTTP 503"),
        (Fed(304), "HTTP 304"),
        (Fed(body=b"<html>"), "the response is not JSON"),
        (Fed(body=b""), "the response is not JSON"),
        (Fed(body=b"\xff\xfe{"), "the response is not JSON"),
        (Fed(body=b"[NaN]"), "the response is not JSON"),
        (Fed(body=b"[" * 200_000), "the response is not JSON"),
        (Fed(body=b"[" + b"9" * 5_000 + b"]"), "the response is not JSON"),
        (Fed(body=b'{"result": {"jobs": 3}}'), "records leads to something that is neither a list nor an object"),
    ],
)
async def test_what_will_not_pass_is_not_tried_again(api: CompanyApi, answer: Fed, reason: str) -> None:
    api.enqueue(answer)
    assert await failing(asking(job_search(api.url, retries=3))) == f"jobs: {reason}"
    assert len(api.received) == 1


async def test_after_the_last_attempt_the_failure_is_told(api: CompanyApi) -> None:
    api.enqueue(*[Fed(503, headers={"Retry-After": "0"})] * 5)
    assert await failing(asking(job_search(api.url, retries=2))) == "jobs: HTTP 503"
    assert len(api.received) == 3


async def test_a_server_that_is_away_is_told() -> None:
    reason = await failing(asking(job_search(f"http://127.0.0.1:{free_port()}", retries=1)))
    assert reason == "jobs: no connection (ConnectionRefusedError)"


async def test_a_silent_server_is_left_and_not_asked_again(api: CompanyApi) -> None:
    api.enqueue(Fed(delay=60))
    begun = time.monotonic()
    assert await failing(asking(job_search(api.url, retries=3, timeout_seconds=0.5))) == "jobs: no answer in time"
    assert time.monotonic() - begun < 30
    assert len(api.received) == 1


async def test_attempts_and_waits_together_end_in_time(api: CompanyApi) -> None:
    api.enqueue(*[Fed(429, headers={"Retry-After": "0.3"})] * 4)  # which would be told, did they come to an end
    assert await failing(asking(job_search(api.url, retries=3, timeout_seconds=0.25))) == "jobs: no answer in time"


async def test_a_cancelled_question_leaves_the_server(api: CompanyApi) -> None:
    api.enqueue(Fed(delay=60))
    task = asyncio.ensure_future(asking(job_search(api.url)).fetch(ASKED))
    async with asyncio.timeout(60):
        while not api.received:
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


# Sizes


def padded(size: int) -> bytes:
    body = as_json({"result": {"jobs": [{"title": "개발자"}]}})
    return body + b" " * (size - len(body))


@pytest.mark.parametrize("packed", [False, True])
async def test_a_response_may_have_a_megabyte_and_not_a_byte_more(api: CompanyApi, packed: bool) -> None:
    for body in (padded(1_000_000), padded(1_000_001)):
        headers = {"Content-Encoding": "gzip"} if packed else {}
        api.enqueue(Fed(body=gzip.compress(body) if packed else body, headers=headers))
    facts = asking(job_search(api.url))
    assert len(await facts.fetch(ASKED)) == 1
    assert await failing(facts) == "jobs: the response is larger than 1000000 bytes"


async def test_a_gzip_bomb_is_not_unpacked(api: CompanyApi) -> None:
    packing = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packing.compress(bytes(1_000_000)) for _ in range(100)) + packing.flush()
    assert len(bomb) < 100_000
    api.enqueue(Fed(body=bomb, headers={"Content-Encoding": "gzip"}))
    facts = asking(job_search(api.url))
    tracemalloc.start()
    try:
        assert "larger than" in await failing(facts)
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("packed", [b"no gzip", gzip.compress(FOUND, mtime=0)[:-12], b""])
async def test_what_cannot_be_unpacked_is_a_failure(api: CompanyApi, packed: bytes) -> None:
    api.enqueue(Fed(body=packed, headers={"Content-Encoding": "gzip"}))
    assert await failing(asking(job_search(api.url))) == "jobs: the response cannot be unpacked"


# What is remembered


async def test_an_answer_is_remembered_for_the_same_arguments_in_any_order(api: CompanyApi) -> None:
    recent = Recent()
    source = job_search(api.url, cache_seconds=60)
    first = await asking(source, recent).fetch({"keyword": "개발자", "limit": 3})
    assert await asking(source, recent).fetch({"limit": 3, "keyword": "개발자"}) == first
    assert len(api.received) == 1
    await asking(source, recent).fetch({"keyword": "개발자", "limit": 2})
    assert len(api.received) == 2


async def test_a_source_with_other_settings_is_asked_anew(api: CompanyApi) -> None:
    recent = Recent()
    await asking(job_search(api.url, cache_seconds=60), recent).fetch(ASKED)
    fields = {"title": {"path": "title", "label": "이름"}}
    (job,) = await asking(job_search(api.url, cache_seconds=60, fields=fields, link=None), recent).fetch(ASKED)
    assert (list(job.fields), len(api.received)) == (["이름"], 2)


async def test_without_cache_seconds_nothing_is_remembered(api: CompanyApi) -> None:
    recent = Recent()
    for _ in range(2):
        await asking(job_search(api.url), recent).fetch(ASKED)
    assert len(api.received) == 2


@pytest.mark.parametrize("answer", [Fed(500), Fed(404), Fed(body=b"?")])
async def test_no_failure_is_remembered(api: CompanyApi, answer: Fed) -> None:
    facts = asking(job_search(api.url, cache_seconds=60))
    api.enqueue(answer)
    try:
        assert await facts.fetch(ASKED) == ()
    except SourceUnavailable:
        pass
    assert len(await facts.fetch(ASKED)) == 1


async def test_what_is_remembered_is_forgotten_in_time_and_bounded(api: CompanyApi) -> None:
    now = 0.0
    recent = Recent(max_characters=300, now=lambda: now)
    facts = asking(job_search(api.url, cache_seconds=10), recent)
    await facts.fetch(ASKED)
    now = 9.9
    await facts.fetch(ASKED)
    assert len(api.received) == 1
    now = 10.1
    await facts.fetch(ASKED)
    assert len(api.received) == 2
    await facts.fetch({"keyword": "물류"})  # there is room for one
    await facts.fetch(ASKED)
    assert len(api.received) == 4


async def test_records_larger_than_the_whole_memory_are_given_all_the_same(api: CompanyApi) -> None:
    facts = asking(job_search(api.url, cache_seconds=10), Recent(max_characters=150))
    assert await facts.fetch(ASKED) == await facts.fetch(ASKED)
    assert len(api.received) == 2


async def test_a_source_that_cannot_be_asked_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="records: no JMESPath"):
        asking(job_search("http://a.example", records="[["))
