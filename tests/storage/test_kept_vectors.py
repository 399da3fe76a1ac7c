"""Vectors of questions that are kept in the store, on every back end."""

from collections.abc import Mapping

import numpy as np
import pytest

from shared.errors import EmbeddingUnavailable
from shared.retrieval.base import Vector
from shared.retrieval.kept_vectors import KeptVectors
from shared.storage import keys
from shared.storage.base import Store
from tests.fakes.embedder import FakeEmbedder
from tests.storage.backends import HandClock

TEXTS = ["배송비 얼마예요", "반품 되나요", "언제 와요"]


def vectors(
    store: Store, pk: str, embedder: FakeEmbedder, clock: HandClock, given: Mapping[str, Vector] | None = None
) -> KeptVectors:
    """What another process would open."""
    return KeptVectors(store, pk, embedder.name, embedder.dimensions, embedder.embed_queries, given or {}, clock)


def test_what_was_made_once_is_made_by_no_process_again(store: Store, pk: str, clock: HandClock) -> None:
    embedder = FakeEmbedder()
    made = vectors(store, pk, embedder, clock)([*TEXTS, TEXTS[0]])
    assert embedder.queries == TEXTS
    again = vectors(store, pk, embedder, clock)([*TEXTS, TEXTS[0]])
    assert embedder.queries == TEXTS
    assert again.shape == (4, embedder.dimensions)
    assert np.allclose(again, made, atol=1e-3)


def test_another_engines_vectors_are_not_taken(store: Store, pk: str, clock: HandClock) -> None:
    vectors(store, pk, FakeEmbedder(), clock)(TEXTS)
    other, wider = FakeEmbedder("fake/2"), FakeEmbedder(dimensions=32)
    vectors(store, pk, other, clock)(TEXTS)
    assert other.queries == TEXTS
    assert vectors(store, pk, wider, clock)(TEXTS).shape == (3, 32)
    assert wider.queries == TEXTS


def test_a_given_vector_is_neither_made_nor_kept(store: Store, pk: str, clock: HandClock) -> None:
    embedder = FakeEmbedder()
    given = np.ones(embedder.dimensions, np.float32)
    found = vectors(store, pk, embedder, clock, {TEXTS[0]: given, TEXTS[1]: given[:5]})(TEXTS)
    assert np.array_equal(found[0], given)
    assert embedder.queries == TEXTS[1:]  # one of another width is none
    assert store.get("evaluations", keys.vectors_pk(pk), keys.vector_sk(embedder.name, TEXTS[0])) is None


def test_what_is_kept_tells_nothing_of_the_text(store: Store, pk: str, clock: HandClock) -> None:
    vectors(store, pk, FakeEmbedder(), clock)(TEXTS)
    items = store.query("evaluations", keys.vectors_pk(pk), limit=10).items
    assert len(items) == 3
    assert not [text for text in TEXTS for item in items if text in str(item)]


def test_what_was_made_before_a_failure_is_kept(
    store: Store, pk: str, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.retrieval.kept_vectors._AT_ONCE", 1)
    failing = FakeEmbedder(fail_after=2)
    with pytest.raises(EmbeddingUnavailable):
        vectors(store, pk, failing, clock)(TEXTS)
    embedder = FakeEmbedder()
    vectors(store, pk, embedder, clock)(TEXTS)
    assert embedder.queries == TEXTS[2:]
