"""Sources and names that the tests of this folder ask."""

from collections.abc import Sequence
from typing import Any

from shared.bot import HttpSource
from shared.settings import BotSecret
from shared.sources.http import HttpFacts
from shared.sources.recent import Recent
from tests.fakes.company_api import CompanyApi

PUBLIC = "93.184.215.14"  # an address of the internet, which tests lead to a server of theirs
KEY = "key-9f3c1d-do-not-tell"

FIELDS: dict[str, Any] = {
    "title": {"path": "title", "label": "공고"},
    "company": {"path": "company.name", "label": "회사"},
    "salary": {"path": "salary", "type": "integer", "label": "연봉(원)"},
    "deadline": {"path": "deadline", "type": "date", "label": "마감일"},
    "remote": {"path": "remote", "type": "boolean", "label": "재택근무"},
    "skills": {"path": "skills", "type": "strings", "label": "기술"},
    "page": {"path": "url", "label": "주소"},
}
KEYWORD = {
    "type": "object",
    "properties": {"keyword": {"type": "string"}, "limit": {"type": "integer", "minimum": 1, "maximum": 10}},
    "required": ["keyword"],
}
JOB_ID = {"type": "object", "properties": {"job_id": {"type": "string"}}, "required": ["job_id"]}


def job_search(server: str, /, **settings: Any) -> HttpSource:
    """The search for job postings of the server at this address, which is allowed to be a private one."""
    given: dict[str, Any] = {
        "source_id": "jobs",
        "name": "채용공고",
        "description": "채용공고를 찾습니다.",
        "url": f"{server}/jobs",
        "parameters": KEYWORD,
        "query": {"keyword": "{keyword}", "limit": "{limit}"},
        "records": "result.jobs",
        "fields": FIELDS,
        "title": "title",
        "link": "page",
        "allowed_hosts": [server.split("://")[-1]],
        "retries": 0,
    }
    return HttpSource.model_validate({**given, **settings})


def one_job(server: str, /, **settings: Any) -> HttpSource:
    """One job posting by its id, which stands in the path."""
    place = {"url": f"{server}/jobs/{{job_id}}", "query": {}, "records": "@", "parameters": JOB_ID}
    return job_search(server, **{**place, **settings})


def asking(source: HttpSource, recent: Recent | None = None, **parts: Any) -> HttpFacts:
    """The source, ready to be asked, without secrets."""
    secrets = parts.pop("secrets", {})
    return HttpFacts(source, secrets, recent or Recent(), **parts)


def secret(*hosts: str) -> dict[str, BotSecret]:
    """The secret `jobs_key` for these hosts."""
    return {"jobs_key": BotSecret.model_validate({"value": KEY, "hosts": list(hosts)})}


class Names:
    """Resolves names as told: each time the next answer, the last one for ever."""

    def __init__(self, **answers: Sequence[Sequence[str]]) -> None:
        self._answers = {name.replace("_", "."): list(given) for name, given in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        given = self._answers[host]
        return given.pop(0) if len(given) > 1 else given[0]


def netloc(api: CompanyApi) -> str:
    """Its host and port."""
    return f"{api.host}:{api.port}"
