"""What scripts/package.py packs: each function's folder alone, called with events as AWS makes them."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from boto3.session import Session

from scripts import package
from scripts.bench import invoke
from shared.storage import keys
from shared.storage.dynamodb import DynamoStore
from tests import servers
from tests.app import ROOT, environment, parse, said
from tests.chroma_server import chroma
from tests.collector import collector
from tests.fakes.openai_replies import Reply
from tests.fakes.openai_server import FakeOpenAI
from tests.infra import template
from tests.storage.backends import REGION

EVENTS = ROOT / "tests" / "events"
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": REGION}
ADMIN_KEY = "ha_recorded-in-an-event-of-a-test"
ORIGIN = "https://app.example"
SESSION = "3b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"
FIRST = ["admin.keys", "chats", "streaming"]  # what they answer is in others' events, and tickets hold for a minute
LATER = ["feedback", "sessions", "admin.history", "admin.publishing"]  # of what others have stored
MODULES = sorted(path.stem for path in EVENTS.iterdir())


class Stack:
    """The back ends that the stack's functions are told of, with an index in them, and the packed functions."""

    def __init__(self, folder: Path, dynamodb: str, chroma_port: int, model: FakeOpenAI) -> None:
        self.folder, self.model, self.known = folder, model, {"ADMIN_KEY": ADMIN_KEY}
        self._given = {
            "ChromaHost": "127.0.0.1",
            "ChromaPort": str(chroma_port),
            "ChromaSsl": "false",
            "OpenAIBaseUrl": model.base_url,
            "CorsOrigins": ORIGIN,
            "ArtefactBucket": "artefacts",
            "SECRET_KEY": "a secret key of tests",
            "ADMIN_API_KEY": ADMIN_KEY,
            "OPENAI_API_KEY": "test-key",
            "CHROMA_TOKEN": "",
            "NOTION_TOKEN": "ntn_made_up",
            "BOT_SECRETS": "",
            "OTEL_EXPORTER_OTLP_HEADERS": "x-key=a%20key",
        }
        nowhere = f"http://127.0.0.1:{servers.free_port()}"
        self._here = {"DYNAMODB_ENDPOINT_URL": dynamodb, "ARTIFACT_ENDPOINT_URL": dynamodb, "NOTION_BASE_URL": nowhere}
        self._here |= {"STORE_TIMEOUT_SECONDS": "30", "CHROMA_TIMEOUT_SECONDS": "30"}  # a busy machine is slow

    def environment(self, module: str, **parameters: str) -> dict[str, str]:
        """What the template tells this function, where its back ends are here and how slow, and nothing else."""
        own = template.variables(module, self._given | parameters)
        own["DATA_DIR"] = str(self.folder / "tmp" / module)
        return own | self._here | KEYS | {"NO_PROXY": "127.0.0.1", "PATH": os.defpath}

    def store(self) -> DynamoStore:
        """The stack's tables."""
        url = self._here["DYNAMODB_ENDPOINT_URL"]
        return DynamoStore("haedap-", REGION, url, 30, credentials=("test", "test", None))

    def call(self, module: str, **parameters: str) -> dict[str, Any]:
        """The packed function's answer to its recorded event."""
        event = (EVENTS / f"{module}.json").read_text(encoding="utf-8")
        for name, value in self.known.items():
            event = event.replace(name, value)
        folder = self.folder / "packed" / module.replace(".", "/")
        command = [sys.executable, "-I", "-S", invoke.__file__, str(folder), "start"]
        settings = self.environment(module, **parameters)
        done = subprocess.run(
            command, input=event, env=settings, cwd=folder, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, f"{module}: {done.stderr}"
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return told

    @contextmanager
    def served(self, module: str, **parameters: str) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
        """The packed function as the adapter starts it: its address, and the process, which ends in order."""
        folder, port = self.folder / "packed" / module.replace(".", "/"), servers.free_port()
        binary = self.folder / "python"
        binary.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')  # in Lambda there are no other packages either
        binary.chmod(0o755)
        values = self.environment(module, **parameters)
        values |= {"AWS_LWA_PORT": str(port), "PATH": f"{self.folder}:{os.defpath}"}
        process = subprocess.Popen([folder / "run.sh"], cwd=folder, env=values)
        try:
            _wait(port, process)
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.terminate()
            code = process.wait(60)
        assert code in (-signal.SIGTERM, -signal.SIGKILL), "it ended in order, and then as it was told to"


@pytest.fixture(scope="module")
def stack(
    _environment: None, corpus: Path, off_topic: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """Everything, packed by the script and indexed by the script. Some 30 s."""
    folder = tmp_path_factory.mktemp("stack")
    with ExitStack() as exits:
        packing = subprocess.Popen(
            [sys.executable, str(ROOT / "scripts" / "package.py"), "--target", str(folder / "packed")],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        exits.callback(packing.kill)
        url, port = exits.enter_context(servers.dynamodb()), exits.enter_context(chroma())
        made = Stack(folder, url, port, exits.enter_context(FakeOpenAI()))
        session = Session("test", "test", region_name=REGION)
        template.deploy_tables(session.client("cloudformation", endpoint_url=url), "haedap-")
        location = {"LocationConstraint": REGION}
        session.client("s3", endpoint_url=url).create_bucket(Bucket="artefacts", CreateBucketConfiguration=location)
        few = folder / "few.jsonl"
        few.write_text("\n".join(corpus.read_text(encoding="utf-8").splitlines()[:5]), encoding="utf-8")
        script = [sys.executable, str(ROOT / "scripts" / "vectorize.py"), str(few), "--off-topic", str(off_topic)]
        settings = environment(folder, **made.environment("admin.publishing"))
        indexed = subprocess.run(script, env=settings, cwd=folder, capture_output=True, text=True)
        assert indexed.returncode == 0, indexed.stderr
        told, _ = packing.communicate(timeout=600)
        assert packing.returncode == 0, told
        yield made


@pytest.fixture(scope="module")
def answers(stack: Stack) -> dict[str, dict[str, Any]]:
    """Each function's answer, and what it loaded."""
    found = {"admin.keys": stack.call("admin.keys"), "chats": stack.call("chats")}
    stack.known["STREAMING_ID"] = body(found["chats"])["streaming_id"]
    found["streaming"] = stack.call("streaming")
    stack.known["BOT_KEY"] = body(found["admin.keys"])["key"]
    stack.known["COOKIE"] = found["chats"]["answer"]["cookies"][0].partition("=")[2].partition(";")[0]
    rest = [module for module in MODULES if module not in {*FIRST, *LATER}]
    with ThreadPoolExecutor(2) as pool:
        found |= dict(zip(rest, pool.map(stack.call, rest), strict=True))
    stack.known["REQUEST_ID"] = body(found["answers"])["request_id"]
    return found | {module: stack.call(module) for module in LATER}


def body(told: dict[str, Any]) -> Any:
    return json.loads(told["answer"]["body"])


STATUSES = {
    "chats": 201,
    "feedback": 201,
    "visitors": 201,
    "admin.keys": 201,
    "admin.contents": 201,
    "admin.notion": 503,
}


def test_every_function_has_a_recorded_event() -> None:
    assert set(MODULES) == set(template.functions())


@pytest.mark.parametrize("module", [one for one in MODULES if one not in {"popular", "rollups"}])
def test_a_packed_function_answers_its_event_with_what_is_in_its_folder(
    answers: dict[str, dict[str, Any]], module: str
) -> None:
    told = answers[module]
    assert told["answer"]["statusCode"] == STATUSES.get(module, 200), told["answer"]
    assert told["outside"] == []


def test_answers_come_from_the_index_and_the_model(answers: dict[str, dict[str, Any]]) -> None:
    events = parse(answers["streaming"]["answer"]["body"])
    assert events[-1].event == "done" and said(events)
    assert [one["session_id"] for one in body(answers["sessions"])] == [SESSION]
    assert body(answers["answers"])["decision"] == "answer" and body(answers["faqs"])["contents"]
    assert body(answers["admin.publishing"])["changed"] == ["recorded-001"]
    assert body(answers["admin.notion"])["code"] == "notion_unavailable"
    assert body(answers["health"])["vectors"] == "chroma-server"


def test_the_schedules_count_for_every_bot(answers: dict[str, dict[str, Any]]) -> None:
    assert answers["popular"]["answer"].keys() == answers["rollups"]["answer"].keys() == {"default"}


def test_who_only_stores_loads_no_driver_and_no_numbers(answers: dict[str, dict[str, Any]]) -> None:
    for module in ("sessions", "chats", "feedback", "visitors", "popular", "rollups", "admin.audit", "admin.keys"):
        assert answers[module]["loaded"] == []


def test_the_adapters_command_streams_answers_from_the_packed_folder(stack: Stack, answers: object) -> None:
    stack.model.enqueue(Reply(deltas=("영업일로 ", "1일에서 ", "5일입니다. [1]"), hold_after=2))
    with stack.served("streaming") as (url, _), httpx.Client(timeout=60) as client:
        asked = body(stack.call("chats"))  # by another visitor
        address = f"{url}/v1/streaming/{asked['streaming_id']}"
        before = client.options(address, headers={"Origin": ORIGIN, "Access-Control-Request-Method": "POST"})
        assert before.headers["Access-Control-Allow-Origin"] == ORIGIN  # a function URL passes it on
        with client.stream("POST", address, headers={"Origin": ORIGIN}) as response:
            assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
            text = ""
            for piece in response.iter_text():
                text += piece
                if "event: delta" in text:  # the beginning has come before there is an end
                    stack.model.go_on()
    events = parse(text)
    assert (events[0].event, events[-1].event) == ("accepted", "done")
    assert said(events) == "영업일로 1일에서 5일입니다. [1]"


def test_a_file_over_what_an_api_takes_is_streamed_whole_and_one_that_breaks_off_is_noticed(
    stack: Stack, answers: object
) -> None:
    ids = [keys.new_chat_id() for _ in range(150)]
    long = {"status": "done", "decision": "answer", "user_message": "길게요", "system_message": "가" * 20_000}
    with closing(stack.store()) as store:
        store.batch_put("questions", [{**long, "pk": keys.questions_pk("default", one), "sk": one} for one in ids])
    path, who = "/v1/admin/bots/default/history/export?format=jsonl", {"Authorization": f"Bearer {ADMIN_KEY}"}
    with collector() as (address, received):
        with stack.served("admin.exports", OtlpEndpoint=address) as (url, process), httpx.Client(timeout=60) as client:
            file = client.get(f"{url}{path}", headers=who).content
            (span,) = [one for one in received.spans if one.name.endswith("/history/export")]  # it would be frozen now
            assert len(file) > 8_000_000 and {*ids} <= {json.loads(line)["chat_id"] for line in file.splitlines()}
            assert span.end_time_unix_nano and received.keys == {"a key"}
            assert gzip.decompress(client.get(f"{url}{path}&gzip=true", headers=who).content) == file

            unpacked, kept = zlib.decompressobj(31), b""
            with pytest.raises(httpx.RemoteProtocolError):
                with client.stream("GET", f"{url}{path}&gzip=true", headers=who) as response:
                    for piece in response.iter_raw():
                        process.kill()
                        kept += unpacked.decompress(piece)
            assert kept and file.startswith(kept) and not unpacked.eof


def test_one_event_tells_a_collector_its_spans_and_figures_and_none_loads_what_sends_where_there_is_none(
    stack: Stack, answers: dict[str, dict[str, Any]]
) -> None:
    with collector() as (address, received):
        told = stack.call("sessions", OtlpEndpoint=address)
    assert (told["answer"]["statusCode"], told["loaded"], told["outside"]) == (200, ["opentelemetry.sdk"], [])
    request = received.of("GET /v1/sessions")
    assert "store query" in received.children(request)
    assert {"haedap_request", "haedap_store"} <= received.metrics.keys() and received.keys == {"a key"}
    for module in ("sessions", "chats"):
        assert answers[module]["loaded"] == []


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    """As the adapter does it: until something listens."""
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        try:
            httpx.get(f"http://127.0.0.1:{port}/", timeout=5)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the packed server did not start")


def test_for_lambda_what_is_packed_is_of_the_templates_platform_and_python(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Of the smallest set alone: some seconds, most of which its packages take to come."""
    globals_ = template.written()["Globals"]["Function"]
    assert (globals_["Runtime"], globals_["Architectures"]) == (f"python{package.LAMBDA_PYTHON}", ["x86_64"])
    assert package.main(["sessions", "--for-lambda", "--target", str(tmp_path)]) == 0
    told = capfd.readouterr()
    assert "sessions" in told.out and "too large" not in told.out
    libraries = list((tmp_path / "sessions").rglob("*.so"))
    of_its_python = f"cpython-{package.LAMBDA_PYTHON.replace('.', '')}-x86_64-linux-gnu.so"
    assert libraries and all(library.name.endswith((of_its_python, ".abi3.so")) for library in libraries)
    assert all(library.read_bytes()[:20].endswith(b"\x03\x00\x3e\x00") for library in libraries)  # ELF, x86-64
    is_its_python = sys.version_info[:2] == tuple(map(int, package.LAMBDA_PYTHON.split(".")))
    compiled = any((tmp_path / "sessions").rglob("*.pyc"))
    assert compiled is is_its_python and ("not compiled" in told.err) is not is_its_python
