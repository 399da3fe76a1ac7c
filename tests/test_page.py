"""What the page's own scripts do, in a JavaScript engine where one is installed."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import pytest

from tests.app import ROOT, parse, serve
from tests.fakes.openai_replies import Reply
from tests.fakes.openai_server import FakeOpenAI
from tests.servers import handled_by

PAGE = ROOT / "frontend" / "stand-in"
GOLDEN = ROOT / "tests" / "golden" / "stream.sse"
SLOW = Reply(deltas=tuple(f"{number}번째 조각. " for number in range(30)), delay=0.05)

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


def run(program: str) -> str:
    """What a program prints that may import `page/…` and `browser`."""
    program = program.replace('"page/', f'"{PAGE.as_uri()}/')
    program = program.replace('"browser"', f'"{(ROOT / "tests" / "fakes" / "browser.mjs").as_uri()}"')
    command = ["node", "--input-type=module", "-e", program]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=90)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_no_script_needs_what_browsers_have_in_secure_contexts_only() -> None:
    for script in PAGE.glob("*.js"):
        assert ".randomUUID(" not in script.read_text(encoding="utf-8"), script.name


@needs_node
def test_a_session_id_is_a_random_uuid() -> None:
    made = run(
        'const { newSession } = await import("page/session.js");'
        "for (let n = 0; n < 100; n++) console.log(newSession());"
    ).split()
    assert len(set(made)) == 100
    assert {(str(UUID(one)) == one, UUID(one).version) for one in made} == {(True, 4)}


@needs_node
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_the_page_reads_the_golden_file_as_it_was_written(size: int) -> None:
    """In pieces of any size, which cut characters in two."""
    program = f"""
        import {{ readFileSync }} from "node:fs";
        const {{ events }} = await import("page/sse.js");
        const bytes = readFileSync({json.dumps(str(GOLDEN))});
        async function* pieces() {{
          for (let at = 0; at < bytes.length; at += {size}) yield bytes.subarray(at, at + {size});
        }}
        const read = [];
        for await (const event of events(ReadableStream.from(pieces()))) read.push(event);
        console.log(JSON.stringify(read));
    """
    read = [(int(event["id"]), event["event"], event["data"]) for event in json.loads(run(program))]
    assert read == [(one.id, one.event, one.data) for one in parse(GOLDEN.read_text(encoding="utf-8"))]


# A stream over several connections


class Dropping(BaseHTTPRequestHandler):
    """A stream of nine events whose connections drop after two each, once in the midst of an event."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[list[str]] = []
    refusals: ClassVar[list[int]] = []  # statuses to answer with first

    def do_POST(self) -> None:
        self.asked.append(self.path)
        if self.refusals:
            body = b'{"error_message": "\xec\x97\x86\xec\x8a\xb5\xeb\x8b\x88\xeb\x8b\xa4."}'
            self.send_response(self.refusals.pop(0))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return
        seen = int(self.path.split("last_event_id=")[1])
        frames = [f'id: {n}\nevent: {"done" if n == 9 else "delta"}\ndata: {{"n":{n}}}\n\n' for n in range(1, 10)]
        self.send_response(200)
        self.send_header("Content-Length", "100000")  # more than comes
        self.end_headers()
        half = "id: 3\nevent: del" if seen == 0 else ""
        self.wfile.write(("".join(frames[seen : seen + 2]) + half).encode())
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def dropping() -> Iterator[str]:
    Dropping.asked, Dropping.refusals = [], []
    with handled_by(Dropping) as address:
        yield address


FOLLOW = """
    const { follow } = await import("page/stream.js");
    const read = [];
    try {
      for await (const event of follow("id", (path, options) => fetch("%s" + path, options))) read.push(event.data.n);
      console.log(JSON.stringify(read));
    } catch (error) {
      console.log(JSON.stringify(error));
    }
"""


@needs_node
def test_a_stream_whose_connection_drops_is_read_on_each_event_once(dropping: str) -> None:
    assert json.loads(run(FOLLOW % dropping)) == list(range(1, 10))
    assert [path.split("=")[1] for path in Dropping.asked] == ["0", "2", "4", "6", "8"]


@needs_node
def test_a_server_that_is_away_for_a_moment_is_asked_again_one_that_refuses_is_not(dropping: str) -> None:
    Dropping.refusals = [503, 500]
    assert json.loads(run(FOLLOW % dropping)) == list(range(1, 10))
    Dropping.asked, Dropping.refusals = [], [404]
    assert json.loads(run(FOLLOW % dropping)) == {"error_message": "없습니다."}
    assert len(Dropping.asked) == 1


# The page itself, with haedap behind it


@needs_node
def test_an_answer_goes_on_after_a_reload_is_stopped_and_asked_again(data_dir: Path) -> None:
    program = """
        const { load, until, visit } = await import("browser");
        visit("%s");
        const texts = (page) => page.chat.children.map((one) => one.textContent);
        const before = await load("page/app.js");
        before.question.value = "가입 심사는 며칠 걸려요?";
        before.form.onsubmit({ preventDefault() {} });
        await until(() => before.chat.textContent.includes("3번째"));

        const after = await load("page/app.js");
        await until(() => after.chat.textContent.includes("0번째") && !after.stop.hidden);
        const busy = after.form.querySelector("button").disabled;
        const resumed = texts(after);
        after.stop.onclick();
        await until(() => after.chat.all("button").length);
        const stopped = texts(after);
        const hidden = after.stop.hidden;

        const again = await load("page/app.js");
        await until(() => again.chat.all("button").length);
        const reloaded = texts(again);
        again.chat.all("button")[0].onclick();
        await until(() => again.chat.textContent.includes("5일입니다."));
        await until(() => !again.form.querySelector("button").disabled);

        const last = await load("page/app.js");
        await until(() => last.chat.textContent.includes("5일입니다."));
        console.log(JSON.stringify({ busy, resumed, stopped, hidden, reloaded, last: texts(last) }));
    """
    with FakeOpenAI() as llm, serve("local", data_dir, OPENAI_BASE_URL=llm.base_url) as (address, _):
        llm.enqueue(SLOW, "영업일로 1일에서 5일입니다. [1]")
        seen = json.loads(run(program % address))
    question = "가입 심사는 며칠 걸려요?"
    assert seen["busy"] and seen["hidden"]
    assert seen["resumed"][0] == question and seen["resumed"][-1].startswith("0번째 조각.")
    assert seen["stopped"][-1] == "다시 묻기"
    assert "29번째" not in "".join(seen["stopped"])
    assert seen["reloaded"] == seen["stopped"]
    assert seen["last"][:2] == [question, "영업일로 1일에서 5일입니다. [1]"]
    assert "다시 묻기" not in seen["last"]
