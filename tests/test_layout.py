"""The structure that the design promises, read from the code itself."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app import ROOT

LIFE = {"answer_life", "conversations", "stored_events"}  # of a turn
# Who may import whom inside `shared`; `wiring`, `callers` and `http` are on top, what is not named is at the bottom
MAY_IMPORT = {
    "seeing": {"models", "seeing", "sse", "version"},
    "readiness": {"errors"},
    "security_headers": set(),
    "adapter": {"callers", "seeing", "settings"},
    "storage": {"errors", "seeing", "storage"},
    "stored_events": {"storage"},
    "idempotency": {"errors", "storage"},
    "answer_life": {"errors", "models", "storage", "stored_events"},
    "conversations": {
        "answer_life",
        "bubbles",
        "errors",
        "feedback",
        "idempotency",
        "models",
        "personal_data",
        "storage",
        "stored_events",
    },
    "feedback": {"api_keys", "errors", "models", "personal_data", "ratings", "storage"},
    "ratings": {"models", "storage"},
    "history": {"errors", "models", "storage"},
    "pseudonyms": {"history"},
    "exports": {"history", "insights", "storage", "workbook"},
    "workbook": set(),
    "history_http": {"admin_keys", "history", "models", "pseudonyms", "settings", "storage", "wiring"},
    "notices": {"models", "storage"},
    "rollups": {"storage"},
    "rollup_count": {"history", "models", "ratings", "rollups", "storage"},
    "insights": {"bot", "models", "rollup_count", "rollups", "storage"},
    "desk": {"desk_clusters", "desk_marks", "history", "llm", "models", "retrieval", "storage"},
    "desk_clusters": {"retrieval"},
    "desk_settling": {"answering", "desk", "rehearsal", "retrieval", "storage"},
    "desk_marks": {"models", "retrieval", "storage"},
    "desk_suggestion": {"answering", "errors", "links", "llm", "models", "retrieval"},
    "surges": {"models", "retrieval", "rollup_count", "rollups", "storage"},
    "why": {"answering", "errors", "history", "llm", "models"},
    "bot": {"models", "origins"},
    "origins": set(),
    "cross_origin": {"bot", "errors"},
    "bot_check": {"bot", "links", "retrieval"},
    "links": {"lazy_patterns"},
    "markdown": {"lazy_patterns"},
    "bubbles": {"bot", "markdown", "models"},
    "bot_editing": {
        "admin_keys",
        "audit",
        "bot",
        "bot_check",
        "bots",
        "differences",
        "errors",
        "field_names",
        "links",
        "problems",
        "sources",
        "storage",
    },
    "contents": {"errors", "models", "storage"},
    "content_editing": {
        "errors",
        "field_names",
        "indexing",
        "links",
        "models",
        "personal_data",
        "problems",
        "retrieval",
    },
    "content_changes": {
        "content_editing",
        "contents",
        "errors",
        "field_changes",
        "indexing",
        "links",
        "models",
        "retrieval",
    },
    "content_drafting": {"admin_keys", "audit", "content_changes", "contents", "errors"},
    "content_files": {
        "content_changes",
        "content_editing",
        "content_rows",
        "errors",
        "exports",
        "indexing",
        "models",
        "retrieval",
        "workbook",
    },
    "content_rows": {"content_editing", "exports", "indexing", "models", "workbook"},
    "field_changes": {"models"},
    "content_health": {"answering", "desk_suggestion", "models", "retrieval"},
    "content_list": {"contents", "models", "retrieval"},
    "notion": {
        "admin_keys",
        "audit",
        "content_changes",
        "content_drafting",
        "content_editing",
        "contents",
        "errors",
        "markdown",
        "models",
        "notion",
        "storage",
    },
    "golden": {"errors", "models", "personal_data", "retrieval", "storage"},
    "evaluations": {"golden", "models", "rehearsal", "retrieval", "storage"},
    "rehearsal": {"answering", "bot", "frequent", "golden", "models", "retrieval"},
    "differences": set(),
    "trials": {"answering", "errors", "models", "personal_data", "programs", "retrieval", "sources"},
    "workshop": {"bot", "llm", "sources"},
    "problems": {"lazy_patterns"},
    "field_names": set(),
    "faqs": {"bot", "errors", "models", "retrieval", "storage"},
    "taps": {
        "answering",
        "api_keys",
        "bot",
        "conversations",
        "errors",
        "faqs",
        "links",
        "models",
        "question_log",
        "seeing",
        "storage",
    },
    "whole": {"bubbles", "models"},
    "bots": {"bot", "errors", "models", "storage"},
    "llm": {"lazy_patterns", "bot", "errors", "models", "llm", "seeing"},
    "retrieval": {"lazy_patterns", "bot", "errors", "models", "llm", "storage", "retrieval"},
    "indexing": {"bot", "bots", "errors", "links", "models", "llm", "storage", "retrieval", "indexing"},
    "answering": {
        "lazy_patterns",
        "answering",
        "bot",
        "bubbles",
        *LIFE,
        "errors",
        "links",
        "llm",
        "markdown",
        "models",
        "personal_data",
        "retrieval",
        "seeing",
        "sources",
        "spending",
        "sse",
    },
    "sources": {"bot", "errors", "sources"},
    "sse": {"models"},
    "personal_data": {"personal"},
    "personal": {"lazy_patterns", "personal"},
    "popular": {"bot", "bubbles", "errors", "markdown", "models", "retrieval", "storage"},
    "popular_count": {"bot", "frequent", "frequent_count", "models", "popular", "storage"},
    "frequent": {"models", "storage"},
    "frequent_count": {"frequent", "storage"},
    "models": set(),
    "errors": set(),
    "settings": {"origins"},
    "version": set(),
    "limits": {"errors", "storage"},
    "spending": {"bot", "storage"},
    "visitors": {"errors"},
    "api_keys": {"errors", "models", "storage"},
    "admin_keys": {"api_keys", "errors", "models", "storage"},
    "audit": {"admin_keys", "errors", "models", "storage"},
    "question_log": {"api_keys", "models", "storage"},
    "programs": {
        "answering",
        "api_keys",
        "errors",
        "llm",
        "models",
        "personal_data",
        "question_log",
        "seeing",
        "sse",
        "storage",
    },
    "openai_errors": {"retrieval"},
    "openai_wire": {"bot", "models", "storage"},
    "body_limit": set(),
    "http_errors": {"errors", "field_names", "models", "openai_errors", "problems"},
    "callers": {"api_keys", "bot", "errors", "limits", "seeing", "settings", "storage", "visitors", "wiring"},
    "lazy_patterns": set(),
    "once": {"errors"},
    "secret_key": {"errors"},
}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from shared.retrieval import chroma` names a module too
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("part", sorted(MAY_IMPORT))
def test_imports_inside_shared_point_one_way(part: str) -> None:
    paths = files(f"shared/{part}") or [ROOT / "shared" / f"{part}.py"]
    seen = {name.split(".")[1] for path in paths for name in imports(path) if name.startswith("shared.")}
    assert seen <= MAY_IMPORT[part]


def test_shared_imports_nothing_outside_itself() -> None:
    outward = [
        (path.name, name)
        for path in files("shared")
        for name in imports(path)
        if name.split(".")[0] in {"functions", "scripts", "tests"}
    ]
    assert outward == []


def test_functions_import_shared_and_never_a_sibling() -> None:
    siblings = [
        (path.name, name)
        for path in files("functions")
        for name in imports(path)
        if name.split(".")[0] in {"functions", "scripts"} and path.name != "local.py"
    ]
    assert siblings == []


def test_only_what_serves_http_knows_the_web_framework() -> None:
    known = {path.name for path in files("shared") if any(name.split(".")[0] == "fastapi" for name in imports(path))}
    assert known == {"admin_http.py", "callers.py", "history_http.py", "http.py", "http_errors.py"}


def test_every_init_file_is_empty() -> None:
    full = [
        path for folder in ("functions", "shared", "scripts") for path in files(folder) if path.name == "__init__.py"
    ]
    assert full and all(path.read_text() == "" for path in full)


def test_only_settings_reads_the_environment() -> None:
    reading = re.compile(r"os\.(environ(\[|\.get\()|getenv)")
    readers = {
        path.relative_to(ROOT).as_posix()
        for folder in ("functions", "shared", "scripts")
        for path in files(folder)
        if reading.search(path.read_text(encoding="utf-8"))
    }
    assert readers == set()


def test_whole_tables_are_read_for_backups_alone() -> None:
    scanning = {
        path.relative_to(ROOT).as_posix()
        for folder in ("functions", "shared", "scripts")
        for path in files(folder)
        if ".scan(" in path.read_text(encoding="utf-8")
    }
    backups = {"shared/storage/backup.py", "scripts/backup.py", "scripts/bench_capacity.py"}
    assert scanning == backups | {"shared/storage/watched.py"}  # which passes it on


def test_no_file_names_a_package_registry_or_a_path_of_one_machine() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    hosts = re.compile(r"pypi\.org|pythonhosted|npmjs\.(org|com)|deb\.debian|(?<![\w.])/(work|root|farm)/[a-z.]")
    named = [
        name
        for name in filter(None, tracked.split("\0"))
        if name != "tests/test_layout.py"
        and (ROOT / name).is_file()
        and hosts.search((ROOT / name).read_text(encoding="utf-8", errors="ignore"))
    ]
    assert named == []
