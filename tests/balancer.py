"""One address before several: each connection goes to the next of those that take one, as a load balancer's does."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count


class Balancer:
    """Connections in turn; which backend is next, everybody's connections decide together."""

    def __init__(self, ports: Sequence[int]) -> None:
        self.ports = list(ports)  # may be changed while it serves
        self.carried: list[int] = []  # the port of each connection, in order
        self._turns = count()

    def connect(self) -> socket.socket:
        """A connection to the next backend that is there."""
        for _ in self.ports:
            port = self.ports[next(self._turns) % len(self.ports)]
            with suppress(OSError):
                found = socket.create_connection(("127.0.0.1", port), timeout=5)
                found.settimeout(None)
                self.carried.append(port)
                return found
        raise ConnectionRefusedError


@contextmanager
def balanced(balancer: Balancer) -> Iterator[str]:
    """Serve on a free port; the address."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:

        def take() -> None:
            with suppress(OSError):  # the listening socket was shut down
                while True:
                    caller = server.accept()[0]
                    threading.Thread(target=_join, args=(caller, balancer), daemon=True).start()

        thread = threading.Thread(target=take)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)  # a close alone does not wake `accept`
            thread.join()


def _join(caller: socket.socket, balancer: Balancer) -> None:
    with caller:
        try:
            behind = balancer.connect()
        except OSError:
            return
        with behind:
            back = threading.Thread(target=_carry, args=(behind, caller), daemon=True)
            back.start()
            _carry(caller, behind)
            back.join()


def _carry(source: socket.socket, target: socket.socket) -> None:
    """Pass on until one side ends, and tell the other side, as a cut and not as silence."""
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
