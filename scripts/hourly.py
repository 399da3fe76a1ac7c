"""Run what is to be run once an hour, beside the API: popular questions and operators' figures are counted.

    python scripts/hourly.py              at once, then once an hour, until it is stopped
    python scripts/hourly.py --healthy    exit code 0 when all went well within the last two hours

Each is a process of its own, so that what one does with memory, or fails of, is not the next one's. One that fails has
said why; the others are run, and it is run again in an hour. Stopped while something runs, it breaks that off, which
does no harm: what was counted before stands.
"""

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NoReturn

_FOLDER = Path(__file__).parent
_SCRIPTS = ("popular.py", "rollups.py")
_SECONDS = 3_600
_LATE_SECONDS = 2 * _SECONDS


def main(arguments: list[str] | None = None) -> int:
    """Run them until the process is stopped, or tell whether they went well. Returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--healthy", action="store_true", help="tell by the exit code alone")
    mark = Path(tempfile.gettempdir(), "haedap-hourly")
    if parser.parse_args(arguments).healthy:
        return int(not mark.exists() or time.time() - mark.stat().st_mtime > _LATE_SECONDS)
    signal.signal(signal.SIGTERM, _stop)  # the first process of a container is not stopped by it otherwise
    while True:
        started = time.monotonic()
        failed = [name for name in _SCRIPTS if subprocess.run([sys.executable, _FOLDER / name]).returncode]
        for name in failed:
            print(f"hourly: {name} failed; it is run again in an hour", file=sys.stderr, flush=True)
        if not failed:
            mark.touch()
        time.sleep(max(0, started + _SECONDS - time.monotonic()))


def _stop(_signal: int, _frame: object) -> NoReturn:
    sys.exit(0)  # a process that is waited for is killed on the way


if __name__ == "__main__":
    sys.exit(main())
