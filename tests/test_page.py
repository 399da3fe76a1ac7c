"""The page's place in the project: how it is served, what it is built from, what the server does for it.

What the page itself does is tested beside it, in `frontend/tests`.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tests.app import ROOT, new_session, parse, post_question, said, serve
from tests.fakes.openai_replies import Reply
from tests.fakes.openai_server import FakeOpenAI

FRONTEND = ROOT / "frontend"
HELD = Reply(deltas=tuple(f"{number}번째 조각. " for number in range(30)), hold_after=10)

needs_page = pytest.mark.skipif(
    shutil.which("node") is None or not (FRONTEND / "node_modules" / ".bin").is_dir(),
    reason="node, or what the page is built with, is not installed: make page",
)


# How it is served


@contextmanager
def served(folder: Path) -> Iterator[TestClient]:
    from functions.page import page

    with TestClient(Starlette(routes=[page(folder)])) as client:
        yield client


def test_the_page_that_was_built_is_served(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "index.js").write_text("export {}", encoding="utf-8")
    (tmp_path / "index.html").write_text("<title>해답</title>", encoding="utf-8")
    with served(tmp_path) as client:
        assert "해답" in client.get("/").text
        assert client.get("/assets/index.js").headers["content-type"].startswith("text/javascript")
        assert client.get("/v1/nothing-is-here").status_code == 404


def test_operators_console_is_served_at_each_of_its_addresses(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<title>해답</title>", encoding="utf-8")
    (tmp_path / "admin.html").write_text("<title>콘솔</title>", encoding="utf-8")
    with served(tmp_path) as client:
        for path in ("/admin", "/admin/", "/admin/bots/default/contents/faq%2F1"):
            assert "콘솔" in client.get(path).text, path
        assert client.get("/admin").headers["cache-control"] == "no-cache"
        assert client.get("/administration").status_code == 404


def test_what_has_a_digest_in_its_name_is_kept_and_the_widgets_loader_asked_for_again_soon(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    for name in ("assets/index-1a2b.js", "widget.js", "index.html"):
        (tmp_path / name).write_text("built", encoding="utf-8")
    with served(tmp_path) as client:
        kept = {
            path: client.get(path).headers["cache-control"] for path in ("/assets/index-1a2b.js", "/widget.js", "/")
        }
        loader = client.get("/widget.js")
        again = client.get("/widget.js", headers={"If-None-Match": loader.headers["etag"]})
    assert kept == {
        "/assets/index-1a2b.js": "public, max-age=31536000, immutable",
        "/widget.js": "public, max-age=300",
        "/": "no-cache",
    }
    assert (again.status_code, again.content) == (304, b"")


def test_it_is_compressed_for_who_takes_that(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<title>해답</title>", encoding="utf-8")
    script = "export const words = 'the same words again and again';\n" * 200
    (tmp_path / "widget.js").write_text(script, encoding="utf-8")
    with served(tmp_path) as client:
        packed = client.get("/widget.js", headers={"Accept-Encoding": "gzip"})
        plain = client.get("/widget.js", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers.get("content-length", len(script))) < len(script) / 5
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text == script
    assert "accept-encoding" in packed.headers["vary"].lower()


def test_where_no_page_was_built_one_line_says_what_to_install(tmp_path: Path) -> None:
    with served(tmp_path / "dist") as client:
        answer = client.get("/")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert len(answer.text.splitlines()) == 1
    assert "Node.js 20.19" in answer.text and "make page" in answer.text


def test_the_apis_own_page_is_served_as_it_was_built_and_runs_nothing_of_others(tmp_path: Path) -> None:
    from functions.page import documentation
    from shared.http import create_app

    with TestClient(create_app(documentation(tmp_path))) as client:
        missing = client.get("/docs")
        (tmp_path / "docs.html").write_text("<title>해답 API</title>", encoding="utf-8")
        shown = client.get("/docs")
    assert (missing.status_code, len(missing.text.splitlines()), "make page" in missing.text) == (503, 1, True)
    assert (shown.status_code, "해답 API" in shown.text) == (200, True)
    policy = shown.headers["content-security-policy"]
    assert "script-src 'self'; style-src 'self'; connect-src 'self'; " in policy and "://" not in policy
    assert (policy.split("; ")[-1], shown.headers["x-frame-options"]) == ("frame-ancestors 'self'", "SAMEORIGIN")
    assert (shown.headers["cache-control"], shown.headers["cross-origin-opener-policy"]) == ("no-cache", "same-origin")


# What it is built from


def test_no_script_needs_what_browsers_have_in_secure_contexts_only() -> None:
    scripts = [*FRONTEND.glob("src/**/*.ts"), *FRONTEND.glob("src/**/*.tsx")]
    assert scripts
    assert [one.name for one in scripts if ".randomUUID(" in one.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize("name", ["index.html", "admin.html", "docs.html"])
def test_a_strict_content_security_policy_allows_the_pages(name: str) -> None:
    page = (FRONTEND / name).read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|data:", page) == []


def test_the_lock_holds_hashes_and_no_address_of_a_package() -> None:
    lock = (FRONTEND / "package-lock.json").read_text(encoding="utf-8")
    assert '"integrity": "sha512-' in lock
    assert re.findall(r'"resolved"|registry\.|\.tgz', lock) == []


@needs_page
def test_the_types_of_the_api_are_those_of_its_document(tmp_path: Path) -> None:
    made = tmp_path / "schema.d.ts"
    command = ["sh", str(FRONTEND / "scripts" / "types.sh"), str(made)]
    environment = {**os.environ, "PYTHON": sys.executable}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert ran.returncode == 0, ran.stderr
    committed = FRONTEND / "src" / "api" / "schema.d.ts"
    assert made.read_text(encoding="utf-8") == committed.read_text(encoding="utf-8"), "run `npm run types`"


# What the server does for it


def test_an_answer_goes_on_after_a_reload_is_stopped_and_asked_again(data_dir: Path) -> None:
    question = "가입 심사는 며칠 걸려요?"
    with FakeOpenAI() as llm, serve("local", data_dir, OPENAI_BASE_URL=llm.base_url) as (address, _):
        llm.enqueue(HELD, "영업일로 1일에서 5일입니다. [1]")
        session = new_session()
        chats = f"/v1/sessions/{session}/chats"
        with httpx.Client(base_url=address, timeout=60) as client:
            streaming_id = post_question(client, session, question)
            stream = f"/v1/streaming/{streaming_id}?last_event_id=0"
            with client.stream("POST", stream) as first:
                next(text for text in first.iter_text() if "0번째" in text)  # and the page is reloaded

            (turn,) = client.get(chats).json()
            assert turn["streaming_id"] == streaming_id
            with client.stream("POST", stream) as again:
                pieces = again.iter_text()
                read = next(pieces)
                while "3번째" not in read:
                    read += next(pieces)
                assert client.delete(f"/v1/streaming/{streaming_id}").status_code == 204
                read += "".join(pieces)
            assert said(parse(read)).startswith("0번째 조각. 1번째")
            assert "29번째" not in read

            (stopped,) = client.get(chats).json()
            assert stopped["status"] == "stopped"
            replaced = post_question(client, session, question, replaces=stopped["chat_id"])
            client.post(f"/v1/streaming/{replaced}?last_event_id=0").raise_for_status()
            (last,) = client.get(chats).json()
            assert last["user_message"] == question
            assert last["bubbles"][0]["description"] == "영업일로 1일에서 5일입니다. [1]"
