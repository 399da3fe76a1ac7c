"""Ask whether a locked package, of Python or of the page, has a known vulnerability, and say so; change nothing.

    python scripts/audit_dependencies.py [--pip-audit PATH] [--npm PATH]

Both tools call a database: where it cannot be asked, this says so, and of how many packages nothing is known. Silence
is no answer: pip-audit itself finds "no known vulnerabilities" among packages that it could not look up.

Exit codes: 0 all were asked about, nothing was found; 1 something was found; 2 some could not be asked about.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
_SECONDS = 300


@dataclass(frozen=True)
class Outcome:
    """What one tool has told.

    Parameters
    ----------
    asked
        Of how many packages something is known.
    found
        One line a vulnerability.
    unknown
        Why nothing is known of the others.
    """

    asked: int = 0
    found: Sequence[str] = ()
    unknown: str | None = None


def of_python(report: Any) -> Outcome:
    """What `pip-audit --format json` has told."""
    packages = report["dependencies"]
    skipped = [one for one in packages if "skip_reason" in one]
    found = [
        f"{one['name']} {one['version']}: {', '.join([known['id'], *known.get('aliases', [])])};"
        f" mended in {', '.join(known['fix_versions']) or 'no release'}"
        for one in packages
        for known in one.get("vulns", [])
    ]
    why = f"{len(skipped)} of {len(packages)} packages: {skipped[0]['skip_reason']}" if skipped else None
    return Outcome(len(packages) - len(skipped), found, why)


def of_npm(report: Any) -> Outcome:
    """What `npm audit --json` has told."""
    if "vulnerabilities" not in report:
        return Outcome(unknown=f"all packages: {report.get('message', 'no answer')}")
    found = [
        f"{name} {one['range']}: {one['severity']}; {'can be mended' if one['fixAvailable'] else 'no release mends it'}"
        for name, one in sorted(report["vulnerabilities"].items())
    ]
    return Outcome(report["metadata"]["dependencies"]["total"], found)


def told_by(command: Sequence[str], folder: Path) -> Any:
    """The JSON that a tool prints, or a string that says why there is none."""
    try:
        ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except FileNotFoundError:
        return f"{Path(command[0]).name} is not there"
    except subprocess.TimeoutExpired:
        return f"{Path(command[0]).name} has not ended within {_SECONDS} s"
    try:
        return json.loads(ran.stdout)
    except ValueError:
        return (ran.stderr.strip().splitlines() or [f"{Path(command[0]).name} said nothing"])[-1]


def main() -> int:
    """Ask both. Returns an exit code."""
    parser = argparse.ArgumentParser(description="Known vulnerabilities of the locked packages; changes nothing.")
    parser.add_argument("--pip-audit", default="pip-audit", help="the command")
    parser.add_argument("--npm", default="npm", help="the command")
    options = parser.parse_args()
    locked = ["--requirement", "requirements.lock", "--disable-pip", "--require-hashes"]
    python = told_by([options.pip_audit, *locked, "--format", "json", "--progress-spinner", "off"], ROOT)
    npm = told_by([options.npm, "audit", "--json"], ROOT / "frontend")
    outcomes = {
        "Python": Outcome(unknown=f"all packages: {python}") if isinstance(python, str) else of_python(python),
        "npm": Outcome(unknown=f"all packages: {npm}") if isinstance(npm, str) else of_npm(npm),
    }
    for of, outcome in outcomes.items():
        print(f"{of}: {len(outcome.found)} known vulnerabilities in {outcome.asked} packages that were asked about")
        for line in outcome.found:
            print(f"  {line}")
        if outcome.unknown is not None:
            print(f"  NOT KNOWN of {outcome.unknown}")
    if any(outcome.found for outcome in outcomes.values()):
        return 1
    return 2 if any(outcome.unknown is not None for outcome in outcomes.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
