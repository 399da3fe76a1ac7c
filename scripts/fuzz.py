"""Schemathesis over the whole OpenAPI document, on the application as it runs: no 500, and nothing but what it says.

    python scripts/fuzz.py [--seconds 60] [--seed 1]

Starts haedap with a store of its own, in a temporary folder, indexes a part of the sample FAQ and asks as an owner, as
a program and as a visitor. The same seed generates the same requests; how many, the time decides. In paths `bot_id` is
always `default` and `session_id` always one and the same, which the visitor's first question makes: so what lies behind
a bot and a session is reached, and not their 404 alone; other values of the two are not tried. Not checked: whether
what fits the schema is accepted, since rules that no schema can tell refuse some of it, and whether what does not fit
is refused: a text's length counts without control signs and the like, which are taken out before.
"""

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx

from scripts.steps import CannotRun, guarded
from tests.app import ROOT, environment, serve

_CONTENTS = 30
_ADMIN_KEY = "ha_of_a_store_that_is_thrown_away"
_SETTINGS = {
    "ADMIN_API_KEY": _ADMIN_KEY,
    "ADMIN_FAILURES_PER_MINUTE": "0",
    "RATE_LIMIT_PER_MINUTE": "0",
    "RATE_LIMIT_PER_MINUTE_ADDRESS": "0",
}
# An id of a content may have slashes, so that there are no methods below the path of one that it does not have
_CONFIGURATION = """
continue-on-failure = true
request-timeout = 30
max-stream-events = 60
warnings = false

[auth.openapi]
"admin key".bearer = "${FUZZ_ADMIN_KEY}"
"bot key".bearer = "${FUZZ_BOT_KEY}"

[parameters]
"path.bot_id" = "default"
"path.session_id" = "0b7f6f0e-6d0c-4c1e-9a55-1f0f5f3c2b7a"

[generation]
database = "none"

[checks]
positive_data_acceptance.enabled = false
negative_data_rejection.enabled = false
allow_header_conformance.enabled = false

[[operations]]
include-path-regex = "^/v1/(sessions|streaming|faqs|feedback)"
headers = { Authorization = "Bearer ${FUZZ_VISITOR}" }

[[operations]]
include-path-regex = "/contents/|/golden/run"
checks.unsupported_method.enabled = false
"""


@guarded
def main(arguments: list[str] | None = None) -> int:
    """Run it. Returns Schemathesis' exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    if importlib.util.find_spec("schemathesis") is None:
        raise CannotRun("schemathesis is not installed: it is in the group dev of pyproject.toml")
    with tempfile.TemporaryDirectory(prefix="haedap-fuzz-") as temporary:
        folder = Path(temporary)
        _index(folder)
        with serve("local", folder, **_SETTINGS) as (address, _):
            visitor = httpx.post(f"{address}/v1/visitors", timeout=30).raise_for_status().json()["token"]
            configuration = folder / "schemathesis.toml"
            configuration.write_text(_CONFIGURATION, encoding="utf-8")
            command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(configuration), "run"]
            command += [f"{address}/openapi.json", "--seed", str(chosen.seed), "--max-time", str(chosen.seconds)]
            keys = {"FUZZ_ADMIN_KEY": _ADMIN_KEY, "FUZZ_BOT_KEY": _bot_key(folder), "FUZZ_VISITOR": visitor}
            # Its own environment, in which it is installed; from the folder, where it leaves nothing behind
            return subprocess.run(command, env={**os.environ, **keys}, cwd=folder, check=False).returncode


def _index(folder: Path) -> None:
    lines = (ROOT / "data" / "sample_faq.jsonl").read_text(encoding="utf-8").splitlines()[:_CONTENTS]
    (folder / "faq.jsonl").write_text("\n".join(lines), encoding="utf-8")
    _script(folder, "vectorize.py", "faq.jsonl")


def _bot_key(folder: Path) -> str:
    return _script(folder, "api_keys.py", "create", "--name", "fuzz", "--rate-per-minute", "0").strip()


def _script(folder: Path, name: str, *arguments: str) -> str:
    """What a script prints, in the folder's environment."""
    command = [sys.executable, str(ROOT / "scripts" / name), *arguments]
    ran = subprocess.run(command, env=environment(folder), cwd=folder, capture_output=True, text=True)
    if ran.returncode:
        raise CannotRun(f"{name}: {ran.stderr.strip()}")
    return ran.stdout


if __name__ == "__main__":
    sys.exit(main())
