"""What all tests share: settings of their own, an index of a part of the sample FAQ, the page's way of asking."""

import asyncio
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from filelock import FileLock
from hypothesis import HealthCheck, settings

from shared.indexing.calibrate import off_topic_questions
from tests.app import ROOT, forget

FAQS = 30
FILES = 8_192
# Where tests start processes and wait for them. They come first, so that no test process is left alone with them
SLOW = ("integration", "indexing", "retrieval", "scripts", "functions")


# A test process opens some 3,000 files of indexes, and many systems allow 1,024 until more are asked for
_soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
if 0 <= _soft < FILES:  # -1: no limit
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES, _hard) if _hard >= 0 else FILES, _hard))

# How long examples take to be drawn says more of the machine than of the code
settings.register_profile("haedap", suppress_health_check=[HealthCheck.too_slow], deadline=None)
settings.load_profile("haedap")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Folders with the slowest files first."""
    folders = {name: place for place, name in enumerate(SLOW)}
    items.sort(key=lambda item: folders.get(item.path.parent.name, len(SLOW)))


@pytest.fixture(scope="session", autouse=True)
def _loop_of_mangum() -> Iterator[None]:
    """Mangum makes an event loop for a thread that has none when a function is imported, and never closes it."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    import functions.local  # noqa: F401  # imports them all

    yield
    loop.close()


@pytest.fixture(scope="session")
def _environment() -> Iterator[None]:
    """No proxy for 127.0.0.1, and no search for credentials in a network that is not there."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        patch.setenv("NO_PROXY", "127.0.0.1")
        yield


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first rows of the sample FAQ."""
    lines = (ROOT / "data" / "sample_faq.jsonl").read_text(encoding="utf-8").splitlines()[:FAQS]
    path = tmp_path_factory.mktemp("corpus") / "faq.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def off_topic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sixth of the off-topic questions that come with haedap: enough for the few contents of tests, and faster."""
    path = tmp_path_factory.mktemp("off-topic") / "questions.txt"
    path.write_text("\n".join(off_topic_questions()[::6]), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def indexed(corpus: Path, off_topic: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DATA_DIR that holds the index of `corpus`, made with the local engine by the script. Copy, do not touch.

    The first of several test processes makes it, the others wait.
    """
    base = tmp_path_factory.getbasetemp()
    data_dir = (base if "PYTEST_XDIST_WORKER" not in os.environ else base.parent) / "indexed"
    with FileLock(f"{data_dir}.lock"):
        if not data_dir.exists():
            made = tmp_path_factory.mktemp("made")
            _index(corpus, off_topic, made)
            made.rename(data_dir)
    return data_dir


def _index(corpus: Path, off_topic: Path, data_dir: Path) -> None:
    environment = {**_clean_environment(), "DATA_DIR": str(data_dir)}
    script = [sys.executable, str(ROOT / "scripts" / "vectorize.py"), str(corpus), "--name", "가온마켓 판매자센터"]
    script += ["--off-topic", str(off_topic)]
    subprocess.run(script, env=environment, cwd=data_dir, check=True, capture_output=True, timeout=300)


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Sets the environment for this test: `configure(STORAGE="mongo")`; returns DATA_DIR."""

    def configure(**environment: str) -> Path:
        for name in set(os.environ) - set(_clean_environment()):
            monkeypatch.delenv(name)
        monkeypatch.chdir(tmp_path)  # a developer's own .env is not read
        monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        forget()
        return tmp_path / "var"

    configure()
    yield configure
    forget()


@pytest.fixture
def data_dir(configure: Callable[..., Path], indexed: Path) -> Path:
    """A DATA_DIR of this test's own, indexed."""
    target = configure()
    shutil.copytree(indexed, target)
    return target


@pytest.fixture
def client(configure: Callable[..., Path]) -> Iterator[TestClient]:
    """The composed application, without an index."""
    from functions.local import app

    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def _clean_environment() -> dict[str, str]:
    """The environment without anything that haedap reads."""
    from shared.settings import Settings

    names = {name.upper() for name in Settings.model_fields} | {"OPEN_AI_KEY"}
    return {name: value for name, value in os.environ.items() if name not in names}


@pytest.fixture
def served(data_dir: Path) -> Iterator[TestClient]:
    """The composed application with an index: it answers, offline."""
    from functions.local import app

    with TestClient(app, raise_server_exceptions=False) as client:
        yield client
