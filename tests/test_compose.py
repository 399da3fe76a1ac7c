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
from contextlib import ExitStack, closing
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from shared import programs
from shared.answering import turns
from shared.seeing.requests import CLOSE_SECONDS
from shared.settings import Settings
from shared.storage.mongo import MongoStore
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
OURS = ("index", "api", "hourly")


def test_the_file_is_what_the_compose_specification_allows() -> None:
    if importlib.util.find_spec("compose_spec") is None:
        pytest.skip("compose-spec is not installed: it has no build for this platform")
    from compose_spec import PyCompose

    # By way of YAML's own merge keys, which it does not read
    assert PyCompose.from_json(json.dumps(COMPOSE)).service_names() == list(SERVICES)


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
    assert len(images) == 6 and set(SERVICES) == {"mongo", "chroma", "index", "api", "hourly", "web"}
    assert all(re.fullmatch(r"[\w./-]+:\d+\.\d+\.\d+[\w.-]*", image) for image in images)
    assert {one["build"]["target"] for one in SERVICES.values() if "build" in one} <= stages


def test_the_chroma_server_is_of_the_same_release_as_its_client() -> None:
    locked = re.search(r"^chromadb==(\S+)", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE)
    assert locked and _stage("chroma").startswith(f"FROM chromadb/chroma:{locked[1]} ")


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_can_do_no_more_than_it_has_to(service: str) -> None:
    one = SERVICES[service]
    assert one["cap_drop"] == ["ALL"] and one["security_opt"] == ["no-new-privileges:true"]
    assert one["read_only"] is True and "/tmp" in one["tmpfs"]
    assert not one.get("privileged")
    # nginxinc's unprivileged image has a user of its own
    user = (
        one.get("user") or re.findall(r"^USER (\S+)$", _stage(one["build"]["target"]), re.MULTILINE) or service == "web"
    )
    assert user and user not in ("0", "root", ["0"], ["root"])


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


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the image `api` holds in its working directory, with shorter files and without the page."""
    folder = tmp_path_factory.mktemp("image")
    for found in _COPY.finditer(_stage("api")):
        source, target = found["paths"].split()
        shutil.copytree(ROOT / source, folder / target, ignore=shutil.ignore_patterns("__pycache__"))
    shortened = (("data/sample_faq.jsonl", 5), ("shared/indexing/words/off_topic.txt", 50))  # a tenth of the time
    for name, lines in shortened:
        path = folder / name
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
        assert all(SERVICES[name]["environment"] == SERVICES["api"]["environment"] for name in OURS)
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


@pytest.mark.parametrize(("code", "starts_the_rest"), [(0, True), (3, True), (1, False), (137, False)])
def test_the_index_lets_the_rest_start_also_where_rows_were_left_out(
    tmp_path: Path, code: int, starts_the_rest: bool
) -> None:
    (tmp_path / "python").write_text(f"#!/bin/sh\nexit {code}\n")
    (tmp_path / "python").chmod(0o755)
    path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
    done = subprocess.run(SERVICES["index"]["command"], env={"PATH": path})
    assert (done.returncode == 0) is starts_the_rest


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


def test_what_counts_once_an_hour_counts_at_once_says_that_it_went_well_and_stops_when_it_is_told(
    container: dict[str, str], image: Path, tmp_path: Path
) -> None:
    own = container | {"TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    _, *check = SERVICES["hourly"]["healthcheck"]["test"]

    def healthy() -> bool:
        return subprocess.run(check, cwd=image, env=own).returncode == 0

    assert not healthy()
    with subprocess.Popen(
        SERVICES["hourly"]["command"], cwd=image, env=own, stdout=subprocess.PIPE, text=True
    ) as hourly:
        try:
            assert _comes_true(healthy)
            (mark,) = tmp_path.iterdir()
            os.utime(mark, (time.time() - 7_300,) * 2)
            assert not healthy()
        finally:
            hourly.terminate()
            told, _ = hourly.communicate(timeout=30)
    assert hourly.returncode == 0
    assert [line.split(": ")[0] for line in told.splitlines() if line.startswith("default")] == ["default"] * 2


def test_a_backup_is_made_and_restored_by_the_commands_of_the_docs(
    container: dict[str, str], image: Path, tmp_path: Path
) -> None:
    told = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").split("### Under compose")[1].split("\n## ")[0]
    ran = re.findall(
        r"^docker compose run --rm .*?(\w+) (python scripts/backup\.py .+|python scripts/vectorize\.py .+)$", told, re.M
    )
    assert [command.split()[1:3] for _, command in ran] == [
        ["scripts/backup.py", "make"],
        ["scripts/backup.py", "check"],
        ["scripts/backup.py", "restore"],
        ["scripts/vectorize.py", "--stored"],
    ]
    assert {service for service, _ in ran} == {"index"}
    (tmp_path / "backups").mkdir()
    kept = {"pk": "default#somebody", "sk": "0b7f6f0e-6d0c-4c1e-9a55-1f0f5f3c2b7a", "first_message": "가입 방법"}
    with closing(MongoStore(container["MONGO_URI"], "haedap", 5)) as store:
        store.prepare()
        store.put("sessions", kept)
    for _, command in ran[:3]:  # the last one is what tests/integration/test_backup.py does with a restored store
        own = container if "restore" not in command else container | {"MONGO_DATABASE": "another"}
        arguments = command.replace("/backups", str(tmp_path / "backups")).split()
        done = subprocess.run(arguments, cwd=image, env=own, capture_output=True, text=True)
        assert done.returncode == 0 and "sessions" in done.stderr, done.stderr
    with closing(MongoStore(container["MONGO_URI"], "another", 5)) as store:
        assert (store.get("sessions", kept["pk"], kept["sk"]) or {}).items() >= kept.items()
    assert f"{SERVICES['index']['environment']['DATA_DIR']}/secret_key" in told


def _stage(name: str) -> str:
    """What the Dockerfile says of one image, its first line included."""
    (found,) = [one for one in re.split(r"^(?=FROM )", DOCKERFILE, flags=re.MULTILINE) if f" AS {name}\n" in one]
    return found


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
