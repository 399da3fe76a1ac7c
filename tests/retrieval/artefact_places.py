"""The forms of `Artefacts` under test, as something that can be sent to another process and opened there."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from shared.retrieval.artefacts import Artefacts, DirectoryArtefacts
from tests.app import ROOT

REGION = "ap-northeast-2"
TIMEOUT_SECONDS = 20.0  # a slow machine is not an unreachable server

_RUN = """
import sys
from pathlib import Path
from tests.retrieval.artefact_places import Place
place, verb, arguments = Place.read(sys.argv[1]), sys.argv[2], sys.argv[3:]
artefacts = place.open()
print("ready", flush=True)
sys.stdin.readline()
print(getattr(artefacts, verb)(*arguments[:2], *map(Path, arguments[2:])), flush=True)
"""


@dataclass(frozen=True)
class Place:
    """A directory, or a bucket with the cache in that directory."""

    directory: str
    bucket: str | None = None
    endpoint_url: str | None = None
    timeout_seconds: float = TIMEOUT_SECONDS
    prefix: str = "some/prefix"

    def open(self) -> Artefacts:
        """A form of one's own in it."""
        if self.bucket is None:
            return DirectoryArtefacts(Path(self.directory))
        from shared.retrieval.s3_artefacts import S3Artefacts

        return S3Artefacts(
            self.bucket, self.prefix, REGION, self.endpoint_url, Path(self.directory), self.timeout_seconds
        )

    @classmethod
    def read(cls, text: str) -> "Place":
        """The place that a process was given."""
        return cls(**json.loads(text))


@contextmanager
def process(place: Place, verb: str, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """A process that has opened the place and calls `verb` when told to `go`. It is killed when the block ends."""
    command = [sys.executable, "-c", _RUN, json.dumps(asdict(place)), verb, *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            assert running.stdout.readline() == "ready\n"
            yield running
        finally:
            running.kill()


def go(running: "subprocess.Popen[str]") -> None:
    """Have the process begin."""
    assert running.stdin is not None
    running.stdin.write("\n")
    running.stdin.flush()


def make(folder: Path, files: dict[str, bytes]) -> Path:
    """A folder of these files."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def files_in(folder: Path) -> dict[str, bytes]:
    """What a folder holds, all of it."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
