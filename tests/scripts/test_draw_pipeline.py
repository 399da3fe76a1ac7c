"""The picture of the pipeline is the code's."""

from pathlib import Path

import pytest

from scripts import draw_pipeline


def test_the_picture_in_the_docs_is_that_of_the_code() -> None:
    assert draw_pipeline.main(["--check"]) == 0


def test_another_picture_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "pipeline.md"
    document.write_text(f"앞\n\n{draw_pipeline.BEGIN}\n\n옛 그림\n\n{draw_pipeline.END}\n\n뒤\n", encoding="utf-8")
    monkeypatch.setattr(draw_pipeline, "DOCUMENT", document)
    assert draw_pipeline.main(["--check"]) == 1
    assert "run scripts/draw_pipeline.py" in capsys.readouterr().err
    assert draw_pipeline.main([]) == 0
    assert draw_pipeline.main(["--check"]) == 0
    text = document.read_text(encoding="utf-8")
    assert text.startswith("앞\n") and text.endswith("뒤\n") and "옛 그림" not in text


def test_branches_failures_and_what_runs_beside_are_told_apart(tmp_path: Path) -> None:
    for folder in ("answering", "retrieval", "sources", "llm"):
        (tmp_path / folder).mkdir()
    for name in ("retrieval", "sources", "llm"):
        (tmp_path / name / "base.py").write_text("", encoding="utf-8")
    (tmp_path / "answering" / "pipeline.py").write_text(
        '''
class Answering:
    async def events(self):
        """Everything. And more."""
        if self.short:
            await self._reply()
        task = asyncio.create_task(self._beside())
        try:
            await self._tell()
        except Broken:
            helped()

    async def _reply(self):
        """Say a word."""

    async def _beside(self):
        """Do something else."""

    async def _tell(self):
        """Say more."""


def helped():
    """Help."""
''',
        encoding="utf-8",
    )
    arrows = {line.strip() for line in draw_pipeline.draw(tmp_path / "answering").split("\n")}
    assert {
        'Answering_events -->|"self.short"| Answering__reply',
        "Answering_events ==> Answering__beside",
        "Answering_events --> Answering__tell",
        'Answering_events -.->|"Broken"| helped',
    } <= arrows
