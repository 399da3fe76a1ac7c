"""What the page's own scripts do, in a JavaScript engine where one is installed."""

import shutil
import subprocess
from uuid import UUID

import pytest

from tests.app import ROOT

PAGE = ROOT / "frontend" / "stand-in"


def test_no_script_needs_what_browsers_have_in_secure_contexts_only() -> None:
    for script in PAGE.glob("*.js"):
        assert ".randomUUID(" not in script.read_text(encoding="utf-8"), script.name


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_a_session_id_is_a_random_uuid() -> None:
    program = (
        f'const {{ newSession }} = await import("{(PAGE / "session.js").as_uri()}");'
        "for (let n = 0; n < 100; n++) console.log(newSession());"
    )
    command = ["node", "--input-type=module", "-e", program]
    made = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.split()
    assert len(set(made)) == 100
    assert {(str(UUID(one)) == one, UUID(one).version) for one in made} == {(True, 4)}
