"""The workshop: what a sample holds, what of it a source takes, and what is withheld."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bot import HttpField, HttpSource
from shared.workshop import MAX_PATHS, work
from tests.fakes.company_api import JOBS, PLANTED

DATA = {
    "meta": {"token": PLANTED[0], "total": 2},
    "result": {"jobs": [{**job, "memo": PLANTED[3], "recruiter": {"emails": [PLANTED[2]]}} for job in JOBS.values()]},
}


def source(records: str = "@", **fields: str) -> HttpSource:
    """A source that takes these paths, labelled with their names."""
    return HttpSource(
        source_id="jobs",
        name="채용",
        description="채용 공고를 찾습니다.",
        url="https://api.example.com/",
        parameters={"type": "object", "properties": {}},
        records=records,
        fields={name: HttpField(path=path, label=name) for name, path in fields.items()},
    )


def test_what_there_is_to_take_comes_with_its_path_and_type() -> None:
    worked = work(source("result.jobs", title="title", company="company.name"), DATA)
    assert [(one.path, one.members) for one in worked.lists] == [("result.jobs", 2)]
    fields = {one.path: (one.type, one.taken) for one in worked.fields}
    assert fields == {
        "id": ("integer", False),
        "title": ("string", True),
        "company.id": ("string", False),
        "company.name": ("string", True),
        "company.password": ("string", False),
        "salary": ("integer", False),
        "deadline": ("date", False),
        "remote": ("boolean", False),
        "skills[]": ("strings", False),
        "url": ("string", False),
        "memo": ("string", False),
        "recruiter.emails[]": ("strings", False),
    }


def test_the_text_is_what_a_model_reads_and_what_is_withheld_is_in_it_nowhere() -> None:
    worked = work(source("result.jobs", title="title", company="company.name"), DATA)
    assert worked.text.startswith("[1] 채용\ntitle: 파이썬 백엔드 개발자\ncompany: 가온소프트\n\n[2] 채용")
    assert {"meta.token", "result.jobs[].memo", "result.jobs[].company.password"} <= set(worked.withheld)
    assert "result.jobs[].title" not in worked.withheld
    assert not [one for one in PLANTED if one in worked.model_dump_json()]


def test_an_expression_that_joins_several_takes_them_all() -> None:
    worked = work(source("result.jobs", all="join(' ', [title, company.name])"), DATA)
    assert {one.path for one in worked.fields if one.taken} == {"title", "company.name"}


def test_a_path_that_is_no_plain_name_is_quoted_and_can_be_taken() -> None:
    data = {"발급 번호": "A-1", "a-b": [{"x.y": 1}]}
    paths = {one.path for one in work(source(title="title"), data).fields}
    assert paths == {'"발급 번호"', '"a-b"[]."x.y"'}
    assert work(source(no='"발급 번호"'), data).records[0].fields == {"no": "A-1"}


@pytest.mark.parametrize(("records", "data"), [("result.none", DATA), ("meta.total", DATA), ("@", None), ("@", "글")])
def test_where_there_are_no_records_the_reason_is_told(records: str, data: Any) -> None:
    worked = work(source(records, title="title"), data)
    assert worked.problem and not worked.records and worked.text == ""


def test_a_response_with_ever_more_paths_ends() -> None:
    worked = work(source(title="n1"), {f"n{n}": n for n in range(10 * MAX_PATHS)})
    assert len(worked.fields) == MAX_PATHS and worked.records[0].fields == {"title": "1"}
    assert worked.more_paths == 9 * MAX_PATHS


def test_what_stands_far_behind_in_a_list_is_in_the_text_and_not_said_to_be_withheld() -> None:
    data = {"jobs": [{"title": f"t{n}", "tags": [f"g{m}" for m in range(40)], "memo": "x"} for n in range(40)]}
    worked = work(source("jobs[30:]", title="title", tags="join(' ', tags)"), data)
    assert worked.text.startswith("[1] 채용\ntitle: t30\ntags: g0 ") and "g39" in worked.text
    assert worked.withheld == ["jobs[].memo"]


def test_what_lies_too_deep_to_be_taken_apart_is_told_as_one_value() -> None:
    data: Any = PLANTED[0]
    for _ in range(900):
        data = {"a": data}
    worked = work(source(title="title"), {"title": "1", "b": data})
    assert worked.withheld == ["b" + ".a" * 11] and worked.text == "[1] 채용\ntitle: 1"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5) | st.just("title"), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(_JSON)
def test_whatever_comes_is_read_and_what_is_withheld_changes_nothing(data: Any) -> None:
    worked = work(source(title="title", all="to_string(company)"), data)
    json.dumps(worked.model_dump(mode="json"))
    assert not {one.path for one in worked.fields if one.taken} & set(worked.withheld) or worked.problem
