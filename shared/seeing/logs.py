"""The log: lines for a terminal, or JSON, one object a line, with the ids of what is worked on.

Neither holds what a customer wrote, an address or a secret: whoever logs sees to that. A bug's own message may quote
any value, so that in JSON, which is kept and searched elsewhere, only its type is told, and where it came from.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any, Literal

from shared.seeing.around import now

_TEXT = "%(asctime)s %(levelname)s %(name)s %(message)s"
_OWN = ("functions", "shared", "scripts", "__main__")


class JsonLines(logging.Formatter):
    """`time` (UTC), `level`, `logger`, `message`, ids as far as they are known, and what the line tells in `fields`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **now().ids(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = _errors(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up(form: Literal["text", "json"], level: str) -> None:
    """Log the project's own lines from this level on, and others' from WARNING on: they tell addresses and bodies."""
    root = logging.getLogger()
    if not root.handlers:  # Lambda has put its own there
        root.addHandler(logging.StreamHandler())
    root.setLevel(logging.WARNING)
    for handler in root.handlers:
        handler.setFormatter(JsonLines() if form == "json" else logging.Formatter(_TEXT))
    for own in _OWN:
        logging.getLogger(own).setLevel(level)


def _errors(error: BaseException) -> list[dict[str, Any]]:
    """An error and what it came from, the outermost first."""
    told: list[dict[str, Any]] = []
    seen: BaseException | None = error
    while seen is not None and len(told) < 5:
        frames = traceback.StackSummary.extract(traceback.walk_tb(seen.__traceback__), lookup_lines=False)
        told.append(
            {
                "type": f"{type(seen).__module__}.{type(seen).__qualname__}",
                "stack": [f"{one.filename}:{one.lineno} {one.name}" for one in frames],
            }
        )
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return told
