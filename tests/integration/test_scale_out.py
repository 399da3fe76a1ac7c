"""Three processes behind one address, with MongoDB and a Chroma server: killed, replaced, and never noticed.

Each has a DATA_DIR of its own: they share the store, the vectors, the artefacts and the secret, and nothing else.
"""

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from scripts.bench import journey
from tests import servers
from tests.app import ROOT, SentEvent, environment, new_session, parse, said, serve
from tests.balancer import Balancer, balanced
from tests.chroma_server import chroma
from tests.fakes.openai_replies import Reply
from tests.fakes.openai_server import FakeOpenAI

APPLICATION = "tests.integration.short_lease"
QUESTION = "입점 심사는 얼마나 걸리나요?"
HELD = Reply(deltas=tuple(f"{number}번째 조각. " for number in range(40)), hold_after=20)
CUSTOMERS, RATE = 9, 40
CONTENTS = 8


class Fleet:
    """Three processes and their address."""

    def __init__(self, folder: Path, settings: dict[str, str], llm: FakeOpenAI) -> None:
        self.folder, self.settings, self.llm = folder, settings, llm
        self._stack, self._made = ExitStack(), 0
        with ThreadPoolExecutor(3) as pool:  # each takes seconds to start
            started = list(pool.map(lambda _: self._start(), range(3)))
        self.processes = dict(started)
        self.balancer = Balancer(list(self.processes))
        self.address = self._stack.enter_context(balanced(self.balancer))

    def _start(self) -> tuple[int, Any]:
        self._made += 1
        data_dir = self.folder / f"process-{self._made}-{threading.get_ident()}"
        data_dir.mkdir()
        address, process = self._stack.enter_context(serve(APPLICATION, data_dir, **self.settings))
        return int(address.rsplit(":", 1)[1]), process

    def kill(self, port: int) -> None:
        """End a process as a power cut does."""
        self.processes.pop(port).kill()

    def replace(self, port: int) -> None:
        """Start another process in the place of one that was killed."""
        fresh, process = self._start()
        self.processes[fresh] = process
        self.balancer.ports[self.balancer.ports.index(port)] = fresh

    def direct(self, path: str, **request: Any) -> list[httpx.Response]:
        """The same request to each process by itself."""
        ports = list(self.processes)
        return [httpx.get(f"http://127.0.0.1:{port}{path}", timeout=60, **request) for port in ports]

    def index(self, contents: int) -> None:
        """Index the first contents of the sample, beside what is served."""
        lines = (ROOT / "data" / "sample_faq.jsonl").read_text(encoding="utf-8").splitlines()[:contents]
        (self.folder / "faq.jsonl").write_text("\n".join(lines), encoding="utf-8")
        script = [sys.executable, str(ROOT / "scripts" / "vectorize.py"), "faq.jsonl"]
        script += ["--off-topic", str(self.folder / "off-topic.txt")]
        values = environment(self.folder / "indexing", **self.settings)
        subprocess.run(script, env=values, cwd=self.folder, check=True, capture_output=True)

    def close(self) -> None:
        """End them all."""
        self._stack.close()


class Customer:
    """Asks through the one address, a connection each time, and again whatever breaks off."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self.session = new_session()
        self.headers = {"Connection": "close"}
        token = self.call("POST", "/v1/visitors").json()["token"]
        self.headers["Authorization"] = f"Bearer {token}"

    def call(self, method: str, path: str, **request: Any) -> httpx.Response:
        until = time.monotonic() + 90
        while True:
            try:
                headers = self.headers | request.pop("headers", {})
                return httpx.request(method, self._fleet.address + path, headers=headers, timeout=60, **request)
            except httpx.TransportError:
                assert time.monotonic() < until
                time.sleep(0.05)

    def ask(self, key: str, **body: Any) -> str:
        path, question = f"/v1/sessions/{self.session}/chats", {"user_message": QUESTION, **body}
        answer = httpx.Response(0)
        until = time.monotonic() + 90
        while answer.status_code != 201:  # one that is killed between its writes leaves the key taken for ten seconds
            assert answer.status_code in (0, 409) and time.monotonic() < until, answer.text
            answer = self.call("POST", path, json=question, headers={"Idempotency-Key": key})
        streaming_id: str = answer.json()["streaming_id"]
        return streaming_id

    def follow(self, streaming_id: str) -> list[SentEvent]:
        """The whole stream, however many connections it takes."""
        seen: list[SentEvent] = []
        until = time.monotonic() + 90
        while not (seen and seen[-1].event in ("done", "error")):
            assert time.monotonic() < until, seen
            text = ""
            try:
                path = f"/v1/streaming/{streaming_id}?last_event_id={seen[-1].id if seen else 0}"
                with httpx.stream(
                    "GET", self._fleet.address + path, headers={"Connection": "close"}, timeout=60
                ) as stream:
                    assert stream.status_code == 200
                    for piece in stream.iter_text():
                        text += piece
            except httpx.TransportError:
                time.sleep(0.05)
            seen += parse(text[: text.rfind("\n\n") + 2])
        return seen

    def journey(self) -> tuple[str, int]:
        """Ask until there is an answer, and rate it: what was read, and how often it was asked."""
        replaces: dict[str, str] = {}
        for attempt in range(1, 6):
            events = self.follow(self.ask(f"attempt-{attempt}", **replaces))
            assert [one.id for one in events] == list(range(1, len(events) + 1))
            if events[-1].event == "done":
                rated = {"request_id": events[-1].data["request_id"], "helpful": True}
                assert self.call("POST", "/v1/feedback", json=rated).status_code in (201, 409)  # 409: a repeat
                return said(events), attempt
            assert events[-1].data["code"] == "answer_interrupted"
            replaces = {"replaces": events[0].data["chat_id"]}
        raise AssertionError("five processes were killed")


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, off_topic: Path) -> Iterator[Fleet]:
    folder = tmp_path_factory.mktemp("fleet")
    (folder / "indexing").mkdir()
    few = off_topic.read_text(encoding="utf-8").splitlines()[:24]  # how well it refuses is not asked here
    (folder / "off-topic.txt").write_text("\n".join(few), encoding="utf-8")
    with ExitStack() as stack:
        try:
            uri, port = stack.enter_context(servers.mongod()), stack.enter_context(chroma())
        except servers.ServerUnavailable as reason:
            pytest.skip(str(reason))
        llm = stack.enter_context(FakeOpenAI())
        settings = {
            "STORAGE": "mongo",
            "MONGO_URI": uri,
            "CHROMA_HOST": "127.0.0.1",
            "CHROMA_PORT": str(port),
            "ARTIFACT_URL": str(folder / "artefacts"),
            "SECRET_KEY": "one-secret-for-all-of-them",
            "OPENAI_BASE_URL": llm.base_url,
            "LLM_TIMEOUT_SECONDS": "120",
            "LLM_FIRST_TOKEN_TIMEOUT_SECONDS": "120",
            "RATE_LIMIT_PER_MINUTE": str(RATE),
            "RATE_LIMIT_PER_MINUTE_ADDRESS": "0",
        }
        fleet = Fleet(folder, settings, llm)
        stack.callback(fleet.close)
        fleet.index(CONTENTS)
        yield fleet


def test_customers_notice_nothing_of_processes_that_are_killed(fleet: Fleet) -> None:
    fleet.llm.forget()
    fleet.llm.enqueue(*[HELD] * CUSTOMERS * 3)
    customers = [Customer(fleet) for _ in range(CUSTOMERS)]
    doomed = list(fleet.processes)[:2]
    with ThreadPoolExecutor(CUSTOMERS) as pool:
        journeys = [pool.submit(customer.journey) for customer in customers]
        assert fleet.llm.wait_for_requests(CUSTOMERS)  # none of them ends
        for port in doomed:
            fleet.kill(port)
        fleet.llm.go_on()
        for port in doomed:
            fleet.replace(port)
        done = [journey.result(120) for journey in journeys]
    assert {text for text, _ in done} == {"".join(HELD.deltas)}
    assert sum(attempts for _, attempts in done) > CUSTOMERS  # some were cut off, or nothing was shown
    assert not fleet.processes.keys() & {*doomed} and {*doomed} < {*fleet.balancer.carried}
    for customer in customers:
        for listed in fleet.direct("/v1/sessions", headers=customer.headers):
            assert [one["session_id"] for one in listed.json()] == [customer.session]
        for read in fleet.direct(f"/v1/sessions/{customer.session}/chats", headers=customer.headers):
            (turn,) = read.json()
            assert (turn["status"], turn["system_message"]) == ("done", "".join(HELD.deltas))
            assert turn["feedback"] == {"helpful": True, "reason_codes": []}


def test_what_counts_once_counts_once_wherever_it_arrives(fleet: Fleet) -> None:
    fleet.llm.forget()
    customer = Customer(fleet)
    with ThreadPoolExecutor(6) as pool:
        taken = {one.result() for one in [pool.submit(customer.ask, "the same key") for _ in range(6)]}
        (streaming_id,) = taken
        path = f"/v1/streaming/{streaming_id}"
        claims = [pool.submit(customer.call, "POST", path) for _ in range(6)]
        assert sorted(one.result().status_code for one in claims) == [200] + [404] * 5
        (chat,) = customer.call("GET", f"/v1/sessions/{customer.session}/chats").json()
        rating = {"request_id": chat["chat_id"], "helpful": False}
        ratings = [pool.submit(customer.call, "POST", "/v1/feedback", json=rating) for _ in range(6)]
        assert sorted(one.result().status_code for one in ratings) == [201] + [409] * 5
    assert len(fleet.llm.received("/v1/chat/completions")) == 1


def test_rates_are_counted_together(fleet: Fleet) -> None:
    for _ in range(2):  # once more when a minute ended in between
        customer, minute = Customer(fleet), time.time() // 60

        def ask(_: int, customer: Customer = customer) -> int:
            path = f"/v1/sessions/{new_session()}/chats"
            return customer.call("POST", path, json={"user_message": QUESTION}).status_code

        with ThreadPoolExecutor(3) as pool:
            statuses = list(pool.map(ask, range(RATE + 5)))
        if time.time() // 60 == minute:
            break
    assert statuses.count(201) == RATE and statuses.count(429) == 5


def test_whole_journeys_go_through_whatever_process_takes_each_step(fleet: Fleet) -> None:
    seen, _ = asyncio.run(journey.run(fleet.address, [QUESTION], clients=3, journeys=3, keep=False))
    assert (seen.journeys, seen.errors) == (3, {})
    assert {step: len(times) for step, times in seen.seconds.items()} == dict.fromkeys(journey.STEPS, 3)


def test_an_index_that_is_switched_is_seen_by_all(fleet: Fleet) -> None:
    lines = (ROOT / "data" / "sample_faq.jsonl").read_text(encoding="utf-8").splitlines()
    new = json.loads(lines[CONTENTS])
    search = {"q": new["title"], "limit": 1}

    def found() -> set[str]:
        answers = fleet.direct("/v1/faqs/search", params=search)
        return {one["faq_id"] for answer in answers for one in answer.raise_for_status().json()["contents"]}

    assert new["id"] not in found()
    fleet.index(CONTENTS + 1)
    until = time.monotonic() + 60
    while found() != {new["id"]}:
        assert time.monotonic() < until
        time.sleep(0.2)
