"""Training the similarity head of an index: from the served version to a saved head, or to nothing."""

import json
import os
import shutil
import zlib
from collections.abc import AsyncGenerator, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from scripts import train_similarity, vectorize
from scripts.steps import BAD_ROWS, FAILED
from shared import assembly, wiring
from shared.bot import Bot, Weights
from shared.errors import LlmUnavailable
from shared.llm.base import Message, Vectors
from shared.retrieval import calibration as calibrations
from shared.retrieval import manifest as manifests
from shared.retrieval.artefacts import ArtefactMissing, DirectoryArtefacts
from shared.retrieval.calibration import Calibration
from shared.retrieval.chroma import embedded_client
from shared.retrieval.similarity import Head, Recipe
from shared.settings import get_settings
from shared.storage.sqlite import SqliteStore
from tests.fakes.embedder import FakeEmbedder

FAQS = 110
NOUNS = ("반품", "교환", "배송", "정산", "쿠폰", "가입", "탈퇴", "포인트", "영수증", "재고", "리뷰")
PLACES = ("화분", "의자", "책상", "모자", "신발", "가방", "연필", "시계", "안경", "우산")


def _word(n: int) -> str:
    return f"{PLACES[n % 10]}{NOUNS[n // 10]}{PLACES[n % 7]}"


TITLES = [f"{_word(n)} {_word(n)[::-1]} {_word(n)} 어떻게 하나요?" for n in range(FAQS)]  # each word tells which it is


class NoisyQuestions(FakeEmbedder):
    """Mixes into all questions but titles what has nothing to do with them, always on the same axes."""

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        vectors = super().embed_queries(texts)
        for vector, text in zip(vectors, texts, strict=True):
            if text not in TITLES:
                vector[1:7] += np.random.default_rng(zlib.crc32(text.encode())).normal(scale=2, size=6)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


class FakeEncoder:
    """A second opinion that needs no model."""

    name = "fake-encoder/1"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `SentenceEncoder.encode`."""
        return FakeEmbedder().embed_passages(texts)


class Model:
    """A `ChatModel` that writes what it is fed, and then fails."""

    name = "fake"

    def __init__(self, *replies: str) -> None:
        self.replies, self.asked = list(replies), 0

    async def stream(self, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
        self.asked += 1
        if not self.replies:
            raise LlmUnavailable(detail="told to fail")
        yield self.replies.pop(0)


def installed(folder: Path, patch: pytest.MonkeyPatch, embedder: NoisyQuestions) -> SqliteStore:
    """Back ends in a folder, and a bot that hears vectors alone, since words tell all of these contents apart."""
    for name in [name for name in os.environ if name.lower() in type(get_settings()).model_fields]:
        patch.delenv(name)
    patch.setenv("DATA_DIR", str(folder / "var"))
    for made in (get_settings, wiring.get_bot, wiring.get_artefact, assembly.get_search):
        made.cache_clear()
    store, client = SqliteStore(get_settings().sqlite_path), embedded_client(get_settings().chroma_path)
    artefacts = DirectoryArtefacts(folder / "artefacts")
    patch.setattr(wiring, "get_store", lambda: store)
    patch.setattr(wiring, "get_chroma", lambda: client)
    patch.setattr(wiring, "get_embedder", lambda: embedder)
    patch.setattr(wiring, "get_artefacts", lambda: artefacts)
    patch.setattr(wiring, "get_sentence_encoder", FakeEncoder)
    patch.setattr(wiring, "get_bot", lambda _: Bot(weights=Weights(sentence=0, lexical=0)))
    return store


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An index of a small FAQ, made once with an engine that needs no model."""
    folder = tmp_path_factory.mktemp("built")
    rows = [{"id": f"c{n}", "title": TITLES[n], "content": f"{_word(n)} 화면에서 {_word(n)}."} for n in range(FAQS)]
    path = folder / "faq.jsonl"
    path.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in rows), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        store = installed(folder, patch, NoisyQuestions(dimensions=128))
        assert vectorize.main([str(path)]) == 0
        store.close()
    yield folder


@pytest.fixture
def embedder() -> NoisyQuestions:
    return NoisyQuestions(dimensions=128)


@pytest.fixture(autouse=True)
def data_dir(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedder: NoisyQuestions) -> Iterator[Path]:
    """A copy of it in a folder of the test's own."""
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    store = installed(tmp_path, monkeypatch, embedder)
    quick = partial(Recipe, rate=1e-2, rank=16, batch=64)
    monkeypatch.setattr(train_similarity, "Recipe", quick)
    monkeypatch.setattr(
        train_similarity, "off_topic_questions", lambda: ["오늘 날씨 어때?", "점심 뭐 먹지", "파이썬 정렬"]
    )
    yield tmp_path / "var"
    for made in (get_settings, wiring.get_artefact, assembly.get_search):
        made.cache_clear()
    store.close()


def version() -> str:
    served = manifests.current(wiring.get_store(), "default")
    assert served
    return served.version


def fitted() -> Calibration:
    found = calibrations.read(wiring.get_store(), "default", "default", version())
    assert found
    return found


def learned() -> str | None:
    found = fitted().learned
    return found.head if found else None


def saved() -> Head | None:
    try:
        return wiring.get_head("default", version())
    except ArtefactMissing:
        return None


def test_a_head_that_is_better_is_saved_calibrated_and_served(
    embedder: NoisyQuestions, capsys: pytest.CaptureFixture[str]
) -> None:
    before = fitted()
    assert train_similarity.main(["--limit", "300", "--epochs", "8"]) == 0
    told = capsys.readouterr()
    assert "Better: used." in told.out
    assert f"used from now on, with version {version()}" in told.err
    head = saved()
    assert head is not None
    assert learned() == head.digest
    assert (fitted().fits, fitted().scales) == (before.fits, before.scales)  # what is off topic stays so
    search = assembly.get_search(wiring.get_bot("default"), "default")
    assert search.find([TITLES[3]], limit=1).degraded == ()
    made = fitted().learned
    assert made and search.scales == made.scales != before.scales


def test_a_head_that_is_not_better_is_not_saved_unless_by_force(capsys: pytest.CaptureFixture[str]) -> None:
    before = fitted()
    arguments = ["--limit", "100", "--epochs", "1"]
    assert train_similarity.main(arguments) == 0
    told = capsys.readouterr()
    assert "Not used: recall@1 may gain as little as" in told.out
    assert "nothing is changed" in told.err
    assert (saved(), fitted()) == (None, before)
    assert train_similarity.main([*arguments, "--force"]) == 0
    head = saved()
    assert head is not None
    assert learned() == head.digest


def test_a_dry_run_changes_nothing_and_vectors_are_kept_for_the_next(
    embedder: NoisyQuestions, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train_similarity.main(["--limit", "100", "--epochs", "2", "--dry-run"]) == 0
    first, asked = capsys.readouterr().out, embedder.texts
    assert "recall@1" in first
    assert (saved(), learned()) == (None, None)
    assert train_similarity.main(["--limit", "100", "--epochs", "2", "--dry-run"]) == 0
    assert capsys.readouterr().out == first
    assert embedder.texts == asked
    (data_dir / "steps" / "similarity-asked.npz").write_bytes(b"PK damaged")
    assert train_similarity.main(["--limit", "100", "--epochs", "2", "--dry-run"]) == 0
    assert embedder.texts > asked


def test_a_new_version_begins_without_a_head_and_the_old_ones_goes_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train_similarity.main(["--limit", "100", "--epochs", "1", "--force"])
    first = version()
    folder = tmp_path / "artefacts" / "default"
    assert (folder / f"{first}-head").is_dir()
    for extra in ("하나", "둘"):
        row = {"id": extra, "title": f"{extra}은 무엇인가요?", "content": "답입니다."}
        with (tmp_path / "faq.jsonl").open("a", encoding="utf-8") as out:
            out.write("\n" + json.dumps(row, ensure_ascii=False))
        assert vectorize.main([str(tmp_path / "faq.jsonl")]) == 0
        assert (saved(), learned()) == (None, None)
        told = capsys.readouterr().err
        assert ("left behind" in told and "run scripts/train_similarity.py" in told) == (extra == "하나")
    assert not (folder / f"{first}-head").exists()
    assert not (folder / first).exists()


def test_a_head_can_be_trained_again_and_removed(capsys: pytest.CaptureFixture[str]) -> None:
    train_similarity.main(["--limit", "100", "--epochs", "1", "--force"])
    first = saved()
    train_similarity.main(["--limit", "100", "--epochs", "1", "--force", "--seed", "7"])
    second = saved()
    assert first and second and first.digest != second.digest
    assert learned() == second.digest
    assert train_similarity.main(["--remove"]) == 0
    assert (saved(), learned()) == (None, None)


def test_what_cannot_be_done_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    monkeypatch.setattr(train_similarity, "FEWEST", 1_000)
    assert train_similarity.main([]) == FAILED
    assert capsys.readouterr().err == "haedap: source 'default' has 110 contents; 1000 are needed to learn\n"
    assert train_similarity.main(["--source", "shop"]) == FAILED
    assert capsys.readouterr().err == "haedap: source 'shop' has no index: run scripts/vectorize.py <corpus>\n"
    monkeypatch.setattr(train_similarity, "FEWEST", 100)
    monkeypatch.setattr(wiring, "get_chat_model", lambda: None)
    assert train_similarity.main(["--questions", str(tmp_path / "q.jsonl"), "--generate", "2"]) == FAILED
    assert capsys.readouterr().err.startswith("haedap: --generate needs a language model")
    with pytest.raises(SystemExit):
        train_similarity.main(["--generate", "2"])


# Questions of a language model


def test_the_models_questions_are_asked_for_once_and_what_it_wrote_before_it_failed_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "deep" / "questions.jsonl"
    model = Model("1. 이거 어떻게 해요?\n2. 방법 알려줘", "- 이건 뭐예요\n")
    monkeypatch.setattr(wiring, "get_chat_model", lambda: model)
    arguments = ["--limit", "100", "--dry-run", "--questions", str(path), "--generate", "4"]
    assert train_similarity.main(arguments) == FAILED
    assert "llm_unavailable: told to fail" in capsys.readouterr().err
    kept = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert sorted(one["question"] for one in kept) == ["방법 알려줘", "이거 어떻게 해요?", "이건 뭐예요"]
    model.replies, model.asked = ["우산 살래요"] * 4, 0
    assert train_similarity.main(arguments) == 0
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert (len(lines), model.asked) == (7, 4)
    assert len({one["faq_id"] for one in lines}) == 6


def test_asking_goes_on_after_a_line_that_a_killed_run_left_half(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "questions.jsonl"
    whole = '{"faq_id": "c3", "question": "책장 넘기기"}\n'
    path.write_text(whole + '{"faq_id": "c4", "ques', encoding="utf-8")
    monkeypatch.setattr(wiring, "get_chat_model", lambda: Model(*["우산 살래요"] * 2))
    arguments = ["--limit", "100", "--dry-run", "--questions", str(path), "--generate", "2"]
    assert train_similarity.main(arguments) == 0
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == whole.strip()
    assert [json.loads(line)["question"] for line in lines[1:]] == ["우산 살래요"] * 2


def test_a_file_of_something_else_is_not_written_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("끝나지 않은 줄", encoding="utf-8")
    monkeypatch.setattr(wiring, "get_chat_model", lambda: Model("우산 살래요"))
    assert train_similarity.main(["--dry-run", "--questions", str(path), "--generate", "1"]) == FAILED
    assert path.read_text(encoding="utf-8") == "끝나지 않은 줄"
    assert "its last line is not whole" in capsys.readouterr().err


def test_a_seed_is_not_negative(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        train_similarity.main(["--seed", "-1"])
    assert "not negative" in capsys.readouterr().err


def test_lines_that_name_no_content_are_left_out_and_told(
    tmp_path: Path, embedder: NoisyQuestions, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "questions.jsonl"
    rows = ['{"faq_id": "c3", "question": "책장 넘기기"}', '{"faq_id": "zz", "question": "누구?"}', '{"faq_id": "c4"}']
    path.write_text("\n".join([*rows, '{"faq_id": "c4", "question": " "}']), encoding="utf-8")
    assert train_similarity.main(["--limit", "100", "--dry-run", "--questions", str(path)]) == BAD_ROWS
    told = capsys.readouterr().err
    for line in ("line 2 left out: no content 'zz'", "line 3 left out: question", "line 4 left out: question is empty"):
        assert line in told
    assert "책장 넘기기" in embedder.queries
    assert "누구?" not in embedder.queries
