"""Reading Notion from the command line."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scripts import notion_sync
from scripts.steps import BAD_ROWS, FAILED
from shared import wiring
from shared.notion.pages import faq_id_of
from shared.notion_sync import known_targets
from tests.app import forget
from tests.fakes.notion_server import TOKEN, FakeNotion, Fed, block, paragraph, select


@pytest.fixture
def notion(_environment: None, configure: Callable[..., Path]) -> Iterator[FakeNotion]:
    with FakeNotion() as server:
        configure(NOTION_TOKEN=TOKEN, NOTION_BASE_URL=server.url)
        yield server


def titles() -> dict[str, str | None]:
    return {one.faq_id: one.content.title if one.content else None for one in wiring.get_contents().drafts("default")}


def test_a_database_is_read_tried_first_and_again_without_its_name(
    notion: FakeNotion, capsys: pytest.CaptureFixture[str]
) -> None:
    faq = notion.add_database("도움말")
    page = notion.add_page("질문", [paragraph("답"), block("unsupported")], faq, Group=select("배송"))
    named = ["--database", faq, "--property", "category=Group"]
    assert notion_sync.main([*named, "--dry-run"]) == 0
    assert "1 new" in capsys.readouterr().out and titles() == {}
    assert notion_sync.main(named) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[1:] == [f"  create: 질문 ({faq_id_of(page)})"]
    assert "left out: 1 of unsupported" in err and "1page" in err.replace(" ", "")
    notion.edit(page, [paragraph("고친 답")])
    assert notion_sync.main([]) == 0
    assert "1 changed" in capsys.readouterr().out
    (draft,) = wiring.get_contents().drafts("default")
    assert draft.content is not None and (draft.content.content, draft.content.category) == ("고친 답", "배송")
    assert draft.saved_by == "scripts/notion_sync.py"
    assert [one.open for one in known_targets("default")] == [True]  # to the source's editors


def test_a_page_tree_is_read_and_what_cannot_be_taken_ends_in_code_3(
    notion: FakeNotion, capsys: pytest.CaptureFixture[str]
) -> None:
    root = notion.add_page("안내", [paragraph("첫 글")])
    notion.add_page("", [paragraph("제목이 없는 글")], root)
    assert notion_sync.main(["--page", f"https://www.notion.so/gaon/FAQ-{root.replace('-', '')}"]) == BAD_ROWS
    assert "invalid: (제목 없음)" in capsys.readouterr().out
    assert list(titles().values()) == ["안내"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "say --database or --page"),
        (["--database", "도움말"], "invalid_input"),
        (["--database", "0" * 32], "notion_not_found"),
        (["--database", "0" * 32, "--property", "colour=x"], "FIELD is one of category"),
        (["--database", "0" * 32, "--bot", "nobody"], "bot_not_found"),
        (["--database", "0" * 32, "--source", "other"], "source_not_found"),
    ],
)
def test_what_cannot_be_read_ends_in_one_line(
    notion: FakeNotion, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert notion_sync.main(arguments) == FAILED
    (line,) = [one for one in capsys.readouterr().err.splitlines() if one.startswith("haedap: ")]
    assert said in line and TOKEN not in line


def test_without_a_token_or_with_a_wrong_one_it_ends_in_one_line(
    notion: FakeNotion, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    faq = notion.add_database("도움말")
    notion.enqueue(Fed(401, "unauthorized"))
    assert notion_sync.main(["--database", faq]) == FAILED
    assert "notion_token_invalid" in capsys.readouterr().err
    monkeypatch.delenv("NOTION_TOKEN")
    forget()
    assert notion_sync.main(["--database", faq]) == FAILED
    assert "notion_token_missing" in capsys.readouterr().err
