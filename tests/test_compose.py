"""docker-compose.yml and its images, without an engine: parsed, and every command run as the containers run it.

The commands run in a folder with nothing but what the image copies, on the settings that the containers are given;
only addresses are those of servers on this machine.
"""

import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import crossplane
import httpx
import pytest
import yaml

from shared import programs
from shared.answering import turns
from shared.errors import BackendUnavailable
from shared.seeing.requests import CLOSE_SECONDS
from shared.settings import Settings
from tests.app import ROOT, environment
from tests.chroma_server import chroma
from tests.servers import ServerUnavailable, free_port, mongod

DOCKERFILE = (ROOT / "infra" / "Dockerfile").read_text(encoding="utf-8")
OWN = {"MONGO_PASSWORD", "WEB_PORT"}  # what compose itself is told; docs/deployment.md lists them
_VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+):-(?P<default>[^}]*)\}")
_FROM = re.compile(r"^FROM (?P<image>\S+) AS (?P<stage>\w+)$", re.MULTILINE)
_COPY = re.compile(r"^COPY (?!--from)(?P<paths>.+)$", re.MULTILINE)


def interpolated(text: str) -> str:
    """With every variable's default, as compose reads it when nothing is set."""
    return _VARIABLE.sub(lambda found: found["default"] if found["name"] else "$", text)


COMPOSE: dict[str, Any] = yaml.safe_load(interpolated((ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ("index", "api")


def test_the_file_is_what_the_compose_specification_allows() -> None:
    if importlib.util.find_spec("compose_spec") is None:
        pytest.skip("compose-spec is not installed: it has no build for this platform")
    from compose_spec import PyCompose

    # By way of YAML's own merge keys, which it does not read
    assert PyCompose.from_json(json.dumps(COMPOSE)).service_names() == ["mongo", "chroma", "index", "api", "web"]


@pytest.mark.parametrize("service", OURS)
def test_every_variable_is_a_setting(service: str) -> None:
    assert {name.lower() for name in SERVICES[service]["environment"]} <= set(Settings.model_fields)


def test_what_can_be_set_from_outside_is_told_in_the_docs() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert {found["name"] for found in _VARIABLE.finditer(text)} - {None} == OWN
    told = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in told for name in OWN)


def test_images_are_pinned() -> None:
    images = [one["image"] for one in SERVICES.values() if "build" not in one]
    stages = {found["stage"] for found in _FROM.finditer(DOCKERFILE)}
    images += [found["image"] for found in _FROM.finditer(DOCKERFILE)]
    assert len(images) == 6
    assert all(re.fullmatch(r"[\w./-]+:\d+\.\d+\.\d+[\w.-]*", image) for image in images)
    assert {one["build"]["target"] for one in SERVICES.values() if "build" in one} <= stages


def test_the_chroma_server_is_of_the_same_release_as_its_client() -> None:
    locked = re.search(r"^chromadb==(\S+)", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE)
    assert locked and SERVICES["chroma"]["image"] == f"chromadb/chroma:{locked[1]}"


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_can_do_no_more_than_it_has_to(service: str) -> None:
    one = SERVICES[service]
    assert one["cap_drop"] == ["ALL"] and one["security_opt"] == ["no-new-privileges:true"]
    assert one.get("read_only") or service == "chroma"
    assert not one.get("privileged")


def test_only_the_web_server_can_be_reached_and_only_from_this_machine() -> None:
    assert {name for name, one in SERVICES.items() if "ports" in one} == {"web"}
    assert SERVICES["web"]["ports"] == ["127.0.0.1:8080:8080"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert [SERVICES[name]["networks"] for name in ("mongo", "chroma")] == [["inside"], ["inside"]]


def test_what_the_images_copy_is_there_and_is_sent_to_the_build() -> None:
    rules = [line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line]
    for found in _COPY.finditer(DOCKERFILE):
        *sources, _ = found["paths"].split()
        for source in sources:
            assert (ROOT / source).exists(), source
            assert _is_sent(source, rules), source
    assert not _is_sent(".env", rules) and not _is_sent("var", rules) and not _is_sent(".git", rules)


def test_nginx_holds_nothing_of_an_answer_back() -> None:
    parsed = crossplane.parse(str(ROOT / "infra" / "nginx.conf"), single=True, check_ctx=False)
    assert parsed["status"] == "ok", parsed["errors"]
    (server,) = [one for one in parsed["config"][0]["parsed"] if one["directive"] == "server"]
    (api,) = [one["block"] for one in server["block"] if one["directive"] == "location" and one["args"] == ["/"]]
    said = {one["directive"]: one["args"] for one in api}
    assert said["proxy_pass"] == ["http://api"]
    assert (said["proxy_buffering"], said["proxy_http_version"]) == (["off"], ["1.1"])


def test_nginx_keeps_no_addresses_hides_figures_and_says_in_the_contracts_shape_that_the_api_is_away() -> None:
    parsed = crossplane.parse(str(ROOT / "infra" / "nginx.conf"), single=True, check_ctx=False)
    (server,) = [one for one in parsed["config"][0]["parsed"] if one["directive"] == "server"]
    assert {one["directive"]: one["args"] for one in server["block"]}["access_log"] == ["off"]
    within = {" ".join(one["args"]): one["block"] for one in server["block"] if one["directive"] == "location"}
    assert [one["args"] for one in within["= /metrics"]] == [["404"]]
    headers = {one["args"][0] for one in within["/assets/"] if one["directive"] == "add_header"}
    assert headers >= {"X-Content-Type-Options", "Content-Security-Policy", "Cross-Origin-Resource-Policy"}
    ((status, body),) = [one["args"] for one in within["@away"] if one["directive"] == "return"]
    told, error = json.loads(body), BackendUnavailable()
    assert (int(status), told["code"], told["error_message"]) == (error.status, error.code, error.message)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the image `api` holds in its working directory, with shorter files and without the page."""
    folder = tmp_path_factory.mktemp("image")
    stage = DOCKERFILE.split(" AS api\n")[1].split("\nFROM ")[0]
    for found in _COPY.finditer(stage):
        source, target = found["paths"].split()
        shutil.copytree(ROOT / source, folder / target, ignore=shutil.ignore_patterns("__pycache__"))
    for name, lines in (("sample_faq.jsonl", 5), ("offtopic_questions.txt", 50)):  # a tenth of the time
        path = folder / "data" / name
        path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:lines]), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def container(image: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of `index` and `api`, with servers of this machine in place of the other containers."""
    with ExitStack() as stack:
        try:
            uri, chroma_port = stack.enter_context(mongod()), stack.enter_context(chroma())
        except ServerUnavailable as error:
            pytest.skip(str(error))
        here = {
            "HOST": "127.0.0.1",
            "PORT": str(free_port()),
            "DATA_DIR": str(tmp_path_factory.mktemp("state")),
            "MONGO_URI": uri,
            "CHROMA_HOST": "127.0.0.1",
            "CHROMA_PORT": str(chroma_port),
        }
        assert SERVICES["index"]["environment"] == SERVICES["api"]["environment"]
        given = SERVICES["api"]["environment"]
        assert here.keys() <= given.keys()
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        yield environment(image) | given | here | {"PYTHONPATH": str(image), "PATH": path}


def test_the_faq_is_indexed_then_served_then_healthy(container: dict[str, str], image: Path) -> None:
    for _ in range(2):  # a second start finds the index, and leaves it
        indexed = subprocess.run(
            SERVICES["index"]["command"], cwd=image, env=container, capture_output=True, text=True, check=False
        )
        assert indexed.returncode == 0, indexed.stderr
    base_url = f"http://127.0.0.1:{container['PORT']}"
    with subprocess.Popen(
        SERVICES["api"]["command"], cwd=image, env=container, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as api:
        try:
            _, *check = SERVICES["api"]["healthcheck"]["test"]
            check = [part.replace("127.0.0.1:8000", f"127.0.0.1:{container['PORT']}") for part in check]
            assert _comes_true(lambda: subprocess.run(check, env=container, capture_output=True).returncode == 0)
            found = httpx.get(f"{base_url}/v1/faqs/search", params={"q": "가입 방법"}, timeout=60, trust_env=False)
            assert found.status_code == 200 and found.json()
        finally:
            api.terminate()
            assert api.wait(30) == -signal.SIGTERM


def test_a_container_that_is_stopped_has_the_time_that_its_answers_may_take() -> None:
    from functions import local, streaming

    connections, answers = local.SHUTDOWN_SECONDS, streaming.DRAIN_SECONDS + turns.running.break_off_seconds
    of_programs = programs.DRAIN_SECONDS + programs.running.break_off_seconds
    grace = float(SERVICES["api"]["stop_grace_period"].removesuffix("s"))
    assert connections + answers + of_programs + CLOSE_SECONDS <= grace - 1  # which the store may take to close


def test_a_password_for_development_is_warned_of(container: dict[str, str], image: Path) -> None:
    given = SERVICES["api"]["environment"]["MONGO_URI"]
    away = given.replace("mongo:27017", f"127.0.0.1:{free_port()}")
    started = subprocess.run(
        SERVICES["api"]["command"],
        cwd=image,
        env=container | {"MONGO_URI": away, "STORE_TIMEOUT_SECONDS": "0.2"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode == 1 and "MONGO_PASSWORD" in started.stderr


def _is_sent(path: str, rules: list[str]) -> bool:
    """Whether a path at the top, or a file below one, is part of what a build is sent: the last rule that fits says."""
    sent = True
    for rule in rules:
        name = rule.removeprefix("!")
        if fnmatch(path, name) or path.startswith(f"{name}/") or (name == path.split("/")[0]):
            sent = rule.startswith("!")
    return sent


def _comes_true(condition: Callable[[], bool], seconds: float = 60.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.2)
    return False
