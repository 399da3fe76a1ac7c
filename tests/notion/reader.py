"""Reading from the fake server without waiting: the clock passes when the reader sleeps."""

from collections.abc import Callable
from dataclasses import dataclass, field

from shared.notion.api import Notion, Pacing, Session
from tests.fakes.notion_server import TOKEN, FakeNotion


@dataclass
class Watch:
    """A clock that stands still but while somebody sleeps; what they slept."""

    at: float = 0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds


def session(
    server: FakeNotion,
    watch: Watch | None = None,
    seconds: float | None = None,
    token: str = TOKEN,
    each: Callable[[], None] = lambda: None,
) -> Session:
    """What reads the server."""
    watch = watch or Watch()
    return Notion(token, server.url, 5, Pacing(clock=watch.now, sleep=watch.sleep)).session(seconds, each)
