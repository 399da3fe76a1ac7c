"""What the documents say exists, does."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from scripts.shapes import anchor
from tests.app import ROOT

DOCUMENTS = sorted(path for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_and_picture_leads_somewhere(path: Path) -> None:
    astray = []
    for link in links_of(path):
        file, _, heading = link.partition("#")
        target = path.parent / file if file else path
        if not target.exists() or (heading and heading not in anchors_of(target.resolve())):
            astray.append(link)
    assert astray == []


def test_every_page_and_every_picture_is_shown_somewhere() -> None:
    led_to = {path: {(path.parent / link.split("#")[0]).resolve() for link in links_of(path)} for path in DOCUMENTS}
    index = ROOT / "docs" / "README.md"
    decisions = ROOT / "docs" / "decisions"
    pages = {path for path in DOCUMENTS if path.parent in (index.parent, index.parent / "ko")} - {index}
    assert sorted(pages - led_to[index]) == []
    assert sorted(set(decisions.glob("0*.md")) - led_to[decisions / "README.md"]) == []
    assert all(index in led_to[ROOT / name] for name in ("README.md", "README.ko.md"))
    assert sorted(set((ROOT / "docs" / "images").iterdir()) - {one for many in led_to.values() for one in many}) == []


def test_the_operators_guide_names_what_the_console_shows() -> None:
    console = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "frontend/src/admin").rglob("*.ts*"))
    guide = (ROOT / "docs" / "ko" / "operator-guide.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\*\*(.+?)\*\*", guide))
    assert len(named) > 50
    assert sorted(one for one in named if one not in console) == []


def test_the_reference_of_the_api_is_the_codes() -> None:
    from scripts import api_reference

    assert api_reference.main(["--check"]) == 0


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


@cache
def links_of(path: Path) -> list[str]:
    """Where a document leads within the project."""
    text = re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [one for one in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"[a-z]+:", one)]


@cache
def anchors_of(path: Path) -> set[str]:
    """What a document's headings are called in addresses."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    headings = [
        anchor(re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", one)) for one in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    ]
    assert len(headings) == len(set(headings)), f"{path.name} has two headings of one name"
    return set(headings)
