"""What is known of vulnerabilities, and what is not: the tools' own silence is never taken for an answer."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts.audit_dependencies import Outcome, of_npm, of_python
from tests.app import ROOT

SAFE = {"name": "fastapi", "version": "0.165.0", "vulns": []}
NOT_FOUND = {"name": "numpy", "skip_reason": "Dependency not found: numpy (2.2.0)"}
KNOWN = {
    "name": "h11",
    "version": "0.14.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["0.16.0"], "aliases": ["CVE-2025-1"], "description": "…"}],
}


def test_packages_that_could_not_be_looked_up_are_not_called_safe() -> None:
    assert of_python({"dependencies": [SAFE], "fixes": []}) == Outcome(1, [])
    assert of_python({"dependencies": [SAFE, NOT_FOUND]}) == Outcome(
        1, [], "1 of 2 packages: Dependency not found: numpy (2.2.0)"
    )
    assert of_python({"dependencies": [KNOWN]}).found == ["h11 0.14.0: PYSEC-1, CVE-2025-1; mended in 0.16.0"]


def test_a_registry_without_such_a_database_is_not_called_safe_either() -> None:
    assert of_npm({"message": "405 Method Not Allowed", "error": {}}).unknown == "all packages: 405 Method Not Allowed"
    known = {"lodash": {"severity": "high", "range": "<4.17.21", "fixAvailable": True}}
    report = {"vulnerabilities": known, "metadata": {"dependencies": {"total": 300}}}
    assert of_npm(report) == Outcome(300, ["lodash <4.17.21: high; can be mended"])


@pytest.mark.parametrize(
    ("python", "npm", "code"),
    [
        ({"dependencies": [SAFE]}, {"vulnerabilities": {}, "metadata": {"dependencies": {"total": 1}}}, 0),
        ({"dependencies": [KNOWN]}, {"message": "away"}, 1),
        ({"dependencies": [NOT_FOUND]}, {"vulnerabilities": {}, "metadata": {"dependencies": {"total": 1}}}, 2),
        (None, None, 2),
    ],
)
def test_the_exit_code_tells_the_three_apart(tmp_path: Path, python: Any, npm: Any, code: int) -> None:
    options = []
    for name, report in (("pip-audit", python), ("npm", npm)):
        tool = tmp_path / name
        if report is not None:
            tool.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(report)}\nEND\n")
            tool.chmod(0o755)
        options += [f"--{name}", str(tool)]
    script = [sys.executable, str(ROOT / "scripts" / "audit_dependencies.py"), *options]
    ran = subprocess.run(script, capture_output=True, text=True, timeout=300, check=False)
    assert (ran.returncode, ran.stderr) == (code, "")
    assert ("NOT KNOWN" in ran.stdout) == (code == 2 or npm == {"message": "away"})
