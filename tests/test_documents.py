"""What the documents say exists, does."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.app import ROOT

DOCUMENTS = sorted(path for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_and_picture_leads_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    targets = [one.split("#")[0] for one in re.findall(r"\]\(([^)\s]+)\)", text) if not one.startswith("http")]
    assert [one for one in targets if one and not (path.parent / one).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_script_and_file_that_is_named_is_there(path: Path) -> None:
    named = re.findall(
        r"(?<![./\w])((?:scripts|shared|functions|tests|data|docs|infra)/[\w./-]+\.\w+)\b", path.read_text("utf-8")
    )
    assert [one for one in named if not (ROOT / one).exists()] == []


def test_both_readmes_hold_the_same_commands() -> None:
    english, korean = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.ko.md"))
    commands = [[re.sub(r"\s*#.*", "", line) for line in blocks_of(text)] for text in (english, korean)]
    assert commands[0] == commands[1]


def test_every_make_target_that_the_readme_names_is_one() -> None:
    targets = set(re.findall(r"^make (\w+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE))
    for target in targets:
        subprocess.run(
            ["make", "-n", "-o", ".venv/.run", "-o", ".venv/.dev", target], cwd=ROOT, check=True, capture_output=True
        )
    assert {"run", "test"} <= targets


def test_every_phony_target_of_the_makefile_has_a_rule() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = {name for line in re.findall(r"^\.PHONY:(.*)$", makefile, re.MULTILINE) for name in line.split()}
    made = {name for line in re.findall(r"^([\w -]+):", makefile, re.MULTILINE) for name in line.split()}
    assert phony and phony <= made


def test_what_the_commands_of_the_readme_write_is_not_for_git() -> None:
    written = re.findall(r"curl .*?-c (\S+)", (ROOT / "README.md").read_text(encoding="utf-8"))
    ignored = subprocess.run(["git", "check-ignore", *written], cwd=ROOT, capture_output=True, text=True, check=False)
    assert written and ignored.stdout.split() == written


def blocks_of(text: str) -> list[str]:
    return [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
