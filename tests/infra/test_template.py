"""infra/template.yaml: what cfn-lint and SAM say of it; a function for each file, with its routes and no others."""

import re
import tomllib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from fastapi.responses import StreamingResponse

from shared.cross_origin import page_policy
from shared.settings import Settings, get_settings
from shared.storage.base import TABLES
from tests.app import ROOT
from tests.infra import template
from tests.infra.secrets_read import read_by

WITHOUT_A_HANDLER = {"local", "metrics", "page"}
MODULES = sorted(
    ".".join(path.relative_to(ROOT / "functions").with_suffix("").parts)
    for path in (ROOT / "functions").rglob("*.py")
    if path.stem not in {"__init__", *WITHOUT_A_HANDLER}
)
PREFLIGHTS = {("OPTIONS", "/v1/{proxy+}"), ("OPTIONS", "/openai/{proxy+}")}
MEANT_OTHERWISE = {"EMBEDDING_MODEL", "CHROMA_SSL"}  # no local model is packed; the Chroma server is another machine
SCHEDULED = {"popular", "rollups"}
ADAPTED = ["streaming", "admin.exports"]
SECRETS = {"SECRET_KEY", "ADMIN_API_KEY", "OPENAI_API_KEY", "CHROMA_TOKEN", "NOTION_TOKEN", "BOT_SECRETS"}
SECRETS |= {"OTEL_EXPORTER_OTLP_HEADERS"}
OF_THE_ADAPTER = {"AWS_LAMBDA_EXEC_WRAPPER", "AWS_LWA_INVOKE_MODE", "AWS_LWA_PORT", "AWS_LWA_READINESS_CHECK_PROTOCOL"}


def test_cfn_lint_has_nothing_to_say() -> None:
    from cfnlint.api import ManualArgs, lint  # 2 s

    found = lint(template.TEMPLATE.read_text(encoding="utf-8"), config=ManualArgs(regions=["ap-northeast-2"]))
    assert [str(one) for one in found] == []


def test_sam_makes_a_stack_of_it_that_cloudformation_takes() -> None:
    kinds = [one["Type"] for one in template.transformed()["Resources"].values()]
    assert kinds.count("AWS::Lambda::Function") == kinds.count("AWS::IAM::Role") == len(MODULES)
    assert (kinds.count("AWS::Events::Rule"), kinds.count("AWS::Lambda::Url")) == (len(SCHEDULED), len(ADAPTED))
    assert len(kinds) < 500, "CloudFormation's limit"


def test_every_function_of_the_project_is_one_of_the_stack() -> None:
    assert sorted(template.functions()) == MODULES
    handlers = {module: one["Handler"] for module, one in template.functions().items() if "Handler" in one}
    assert handlers == dict.fromkeys(ADAPTED, "run.sh")
    assert template.written()["Globals"]["Function"]["Handler"] == "start.handler"


@pytest.mark.parametrize("module", [one for one in MODULES if one not in {*SCHEDULED, *ADAPTED}])
def test_the_apis_routes_to_a_function_are_those_of_its_router(module: str) -> None:
    of_the_router = {
        (method, _as_the_gateway_writes_it(route.path))
        for route in import_module(f"functions.{module}").router.routes
        for method in route.methods
    }
    declared = template.routes(template.functions()[module])
    assert len(declared) == len(set(declared))
    assert set(declared) == of_the_router | (PREFLIGHTS if module == "visitors" else set())


@pytest.mark.parametrize("module", ADAPTED)
def test_what_streams_is_a_server_behind_the_adapter_at_an_address_of_its_own(module: str) -> None:
    streaming = template.functions()[module]
    assert "Events" not in streaming
    assert streaming["FunctionUrlConfig"] == {"AuthType": "NONE", "InvokeMode": "RESPONSE_STREAM"}
    own = streaming["Environment"]["Variables"]
    assert {name: own[name] for name in OF_THE_ADAPTER} == {
        "AWS_LAMBDA_EXEC_WRAPPER": "/opt/bootstrap",
        "AWS_LWA_INVOKE_MODE": "response_stream",
        "AWS_LWA_PORT": "8080",
        "AWS_LWA_READINESS_CHECK_PROTOCOL": "tcp",
    }
    assert len(streaming["Layers"]) == 1
    declared = tomllib.loads((ROOT / "infra" / "functions.toml").read_text(encoding="utf-8"))
    assert [name.replace("/", ".") for name in declared["adapter"]["functions"]] == ADAPTED  # packed with run.sh


def test_no_file_of_any_length_goes_through_the_api_which_buffers() -> None:
    buffered = {
        (module, route.path)
        for module in MODULES
        if module not in {*SCHEDULED, *ADAPTED}
        for route in import_module(f"functions.{module}").router.routes
        if route.response_class is StreamingResponse
    }
    # A line for each of 366 days, of 50 contents, of 200 unused ones, of the bots that serve
    assert buffered == {
        ("admin.insights", "/v1/admin/insights.csv"),
        ("admin.insights", "/v1/admin/bots/{bot_id}/insights.csv"),
    }


def test_the_docs_tell_which_paths_a_distribution_sends_where_files_are_streamed() -> None:
    docs = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    paths = [route.path for route in import_module("functions.admin.exports").router.routes]
    assert paths and [path for path in paths if f"`{path.replace('{bot_id}', '*')}`" not in docs] == []


@pytest.mark.parametrize(("module", "table"), [("popular", "popular"), ("rollups", "rollups")])
def test_the_schedules_may_read_what_they_count_and_write_only_what_they_make(module: str, table: str) -> None:
    function = template.functions()[module]
    assert function["Events"]["Hourly"]["Properties"] == {"Schedule": "rate(1 hour)"}
    assert function["ReservedConcurrentExecutions"] == 1
    assert template.granted(module).writes == {table}


def test_nothing_else_runs_on_a_schedule() -> None:
    kinds = {
        module: {one["Type"] for one in function.get("Events", {}).values()}
        for module, function in template.functions().items()
    }
    assert {module for module, kind in kinds.items() if "Schedule" in kind} == SCHEDULED
    assert set().union(*kinds.values()) == {"HttpApi", "Schedule"}


@pytest.mark.parametrize("module", MODULES)
def test_a_function_may_touch_some_tables_and_no_function_all(module: str) -> None:
    granted = template.granted(module)
    assert granted.reads <= set(TABLES) and granted.writes < set(TABLES)
    assert len(granted.reads) < len(TABLES) * 3 / 4


def test_who_only_looks_changes_nothing_but_the_count_of_wrong_keys() -> None:
    assert template.granted("health").writes == set()
    for module in ("admin.audit", "admin.exports", "admin.history", "admin.trials", "admin.versions", "admin.workshop"):
        assert template.granted(module).writes == {"counters"}


def test_every_variable_is_a_setting_or_the_adapters() -> None:
    known = {name.upper() for name in Settings.model_fields} | OF_THE_ADAPTER
    for module in MODULES:
        assert set(template.variables(module, _given())) <= known


def test_parameters_have_the_defaults_of_the_settings(configure: Callable[..., Path]) -> None:
    given = {name: value for module in MODULES for name, value in _written_variables(module).items() if "!Ref" in value}
    parameters = template.written()["Parameters"]
    defaults = {name: str(parameters[value["!Ref"]].get("Default", "")) for name, value in given.items()}
    told = {name: value for name, value in defaults.items() if name not in MEANT_OTHERWISE}
    configure(**told)
    for name in {name.lower() for name in told}:
        assert getattr(get_settings(), name) == Settings.model_fields[name].default, name
    assert {"CORS_ORIGINS", "MEDIA_HOSTS", "LINK_HOSTS", "LOG_LEVEL", "OPENAI_BASE_URL", "CHAT_MODEL"} <= told.keys()
    docs = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    assert [name for name in parameters if f"`{name}`" not in docs] == []


def test_the_docs_tell_the_policy_that_pages_have_where_no_function_serves_them() -> None:
    hosts = template.written()["Parameters"]["MediaHosts"]["Default"].split(",")
    docs = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    assert f"\nContent-Security-Policy: {page_policy(hosts)}\n" in docs


def test_whoever_serves_requests_may_be_told_of_a_collector_and_is_packed_with_what_sends() -> None:
    told = {module for module in MODULES if _written_variables(module)["OTEL_EXPORTER_OTLP_ENDPOINT"]}
    assert told == {*MODULES} - SCHEDULED
    locks = [path.read_text(encoding="utf-8") for path in (ROOT / "infra" / "locks").glob("*.lock")]
    for needed in ("opentelemetry-exporter-otlp-proto-http", "opentelemetry-sdk"):
        assert locks and all(re.search(rf"^{needed}==", lock, re.MULTILINE) for lock in locks)


def test_secrets_come_by_reference_and_only_to_who_needs_them() -> None:
    text = template.TEMPLATE.read_text(encoding="utf-8")
    assert set(re.findall(r"SecretString:(\w+)", text)) == SECRETS
    for module in MODULES:
        told = {name: value for name, value in _written_variables(module).items() if name in SECRETS}
        given = {name for name, value in told.items() if isinstance(value, dict)}
        for name in given:
            assert told[name] == {"!Sub": f"{{{{resolve:secretsmanager:${{SecretArn}}:SecretString:{name}}}}}"}
        # health opens an index as whoever searches does, but asks no model
        assert given == read_by(module) - ({"OPENAI_API_KEY"} if module == "health" else set()), module
    every = {"SECRET_KEY", "OTEL_EXPORTER_OTLP_HEADERS"}
    assert read_by("chats") == every and read_by("admin.notion") == {*every, "ADMIN_API_KEY", "NOTION_TOKEN"}


def test_there_are_alarms_for_what_customers_notice() -> None:
    alarms = [one["Properties"] for one in template.resources("AWS::CloudWatch::Alarm")]
    watched = {one["MetricName"] for one in alarms if "MetricName" in one}
    for one in alarms:
        summed = [part["MetricStat"]["Metric"]["MetricName"] for part in one.get("Metrics", []) if "MetricStat" in part]
        assert len(summed) <= 10, "CloudWatch's limit for an alarm"
        watched |= set(summed)
    assert watched == {"Errors", "Throttles", "Duration", "5xx", "ReadThrottleEvents", "WriteThrottleEvents"}


def _as_the_gateway_writes_it(path: str) -> str:
    """A parameter that may hold slashes takes the rest of the path, which the function's own router then reads."""
    return re.sub(r"\{(\w+):path\}.*", r"{\1+}", path)


def _written_variables(module: str) -> dict[str, Any]:
    shared: dict[str, Any] = template.written()["Globals"]["Function"]["Environment"]["Variables"]
    own: dict[str, Any] = template.functions()[module].get("Environment", {}).get("Variables", {})
    return shared | own


def _given() -> dict[str, str]:
    return dict.fromkeys([*SECRETS, "ChromaHost", "ArtefactBucket"], "given")
