"""A real Chroma server for tests, on a free port of 127.0.0.1, with its files in a temporary folder."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import ServerUnavailable, serving


@contextmanager
def chroma() -> Iterator[int]:
    """`chroma run`; its port.

    Raises
    ------
    ServerUnavailable
        When the command, which comes with the package chromadb, is absent.
    """
    binary = Path(sys.executable).with_name("chroma")
    if not binary.is_file():
        raise ServerUnavailable("the command chroma is not installed: the package chromadb has it")
    with tempfile.TemporaryDirectory(prefix="haedap-chroma-") as temporary:

        def command(port: int) -> list[str]:
            return [str(binary), "run", "--path", f"{temporary}/data", "--host", "127.0.0.1", "--port", str(port)]

        with serving("chroma", command, Path(temporary)) as listening:
            yield listening
