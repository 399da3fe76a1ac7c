"""Vectors in Chroma: the same behaviour embedded and on a server."""

from collections.abc import Iterator

import numpy as np
import pytest
from chromadb.api import ClientAPI
from ulid import ULID

from shared.errors import IndexUnavailable
from shared.retrieval import chroma
from shared.retrieval.base import Kind, Row, Vector, parse_row_id, row_id
from shared.retrieval.chroma import ChromaReader, ChromaWriter
from tests.chroma_server import chroma as chroma_server
from tests.servers import ServerUnavailable, free_port, silent_server

DIMENSIONS = 16


@pytest.fixture(scope="module", params=["embedded", "server"])
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClientAPI]:
    if request.param == "embedded":
        yield chroma.embedded_client(tmp_path_factory.mktemp("chroma"))
        return
    try:
        with chroma_server() as port:
            yield chroma.server_client("127.0.0.1", port, ssl=False, token=None, timeout_seconds=20)
    except ServerUnavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture
def version() -> str:
    return str(ULID())


def test_a_content_has_its_best_row_of_each_kind_for_each_vector(client: ClientAPI, version: str) -> None:
    rows = [*rows_of("a", titles=2, chunks=3), *rows_of("b", titles=1, chunks=1)]
    vectors = np.stack([axis(0), axis(1), axis(2), mixed(0, 3), axis(4), axis(5), axis(6)])
    write(client, version, rows, vectors)

    best = ChromaReader(client, "s", version).best(np.stack([axis(0), axis(4)]), limit=10)

    assert best["title"]["a"] == pytest.approx([1, 0], abs=1e-5)
    assert best["content"]["a"] == pytest.approx([np.sqrt(0.5), 1], abs=1e-5)
    assert best["title"].keys() == best["content"].keys() == {"a", "b"}


def test_contents_that_are_near_by_one_kind_only_have_exact_scores_of_the_other(
    client: ClientAPI, version: str
) -> None:
    rng = np.random.default_rng(5)
    rows = [row for n in range(40) for row in rows_of(f"c{n}", titles=1 + n % 3, chunks=1 + n % 4)]
    vectors = unit(rng.standard_normal((len(rows), DIMENSIONS)))
    asked = unit(rng.standard_normal((2, DIMENSIONS)))
    write(client, version, rows, vectors)
    reader = ChromaReader(client, "s", version)

    best = reader.best(asked, limit=4)

    similarities = vectors @ asked.T
    near: set[str] = set()
    for column in range(2):
        for kind in ("title", "content"):
            of_kind = [at for at in np.argsort(-similarities[:, column]) if rows[at].kind == kind]
            near |= {rows[at].faq_id for at in of_kind[:4]}
    assert best["title"].keys() == best["content"].keys() == near == reader.nearest(asked, limit=4)
    for kind, found in best.items():
        for faq_id, scores in found.items():
            own = [at for at, row in enumerate(rows) if (row.kind, row.faq_id) == (kind, faq_id)]
            assert scores == pytest.approx(similarities[own].max(axis=0), abs=1e-5)


def test_an_index_with_fewer_rows_than_the_limit_gives_all(client: ClientAPI, version: str) -> None:
    write(client, version, rows_of("only", titles=1, chunks=1), np.stack([axis(0), axis(1)]))
    assert ChromaReader(client, "s", version).nearest(axis(7)[None], limit=60) == {"only"}


def test_row_ids_are_parsed_as_they_are_made() -> None:
    counts: dict[Kind, int] = {"title": 3, "content": 12}
    assert parse_row_id(row_id("반품 1/2", 7, counts)) == ("반품 1/2", 7, counts)


def test_vectors_come_back_with_the_hashes_of_their_texts_over_many_pages(client: ClientAPI, version: str) -> None:
    rows = [row for n in range(650) for row in rows_of(f"한글 {n}", titles=1, chunks=1)]
    vectors = unit(np.random.default_rng(1).standard_normal((len(rows), DIMENSIONS)))
    write(client, version, rows, vectors)

    found = dict(chroma.stored_vectors(client, "s", version))

    assert found.keys() == {row.text_hash for row in rows}
    for row, vector in zip(rows, vectors, strict=True):
        assert np.allclose(found[row.text_hash], vector, atol=1e-6)


def test_a_row_that_is_written_twice_is_replaced(client: ClientAPI, version: str) -> None:
    rows = rows_of("a", titles=1, chunks=1)
    write(client, version, rows, np.stack([axis(0), axis(1)]))
    write(client, version, rows, np.stack([axis(2), axis(3)]))
    best = ChromaReader(client, "s", version).best(axis(2)[None], limit=5)
    assert best["title"]["a"] == pytest.approx([1], abs=1e-5)
    assert len(dict(chroma.stored_vectors(client, "s", version))) == 2


def test_versions_and_sources_do_not_see_each_other(client: ClientAPI, version: str) -> None:
    other = str(ULID())
    write(client, version, rows_of("a", titles=1, chunks=1), np.stack([axis(0), axis(1)]))
    write(client, other, rows_of("b", titles=1, chunks=1), np.stack([axis(0), axis(1)]))
    assert ChromaReader(client, "s", version).nearest(axis(0)[None], limit=5) == {"a"}
    assert ChromaReader(client, "s", other).nearest(axis(0)[None], limit=5) == {"b"}


def test_a_dropped_version_is_gone_and_dropping_it_again_is_no_error(client: ClientAPI, version: str) -> None:
    write(client, version, rows_of("a", titles=1, chunks=1), np.stack([axis(0), axis(1)]))
    reader = ChromaReader(client, "s", version)
    assert chroma.stands(client, "s", version)
    chroma.drop(client, "s", version)
    chroma.drop(client, "s", version)
    assert not chroma.stands(client, "s", version)
    assert list(chroma.stored_vectors(client, "s", version)) == []
    with pytest.raises(IndexUnavailable):
        ChromaReader(client, "s", version)
    with pytest.raises(IndexUnavailable):
        reader.best(axis(0)[None], limit=5)


def test_a_server_that_is_away_is_an_unavailable_index() -> None:
    with pytest.raises(IndexUnavailable):
        chroma.server_client("127.0.0.1", free_port(), ssl=False, token=None, timeout_seconds=5)


def test_a_server_that_says_nothing_is_given_up_after_the_time_out() -> None:
    with silent_server() as port, pytest.raises(IndexUnavailable):
        chroma.server_client("127.0.0.1", port, ssl=False, token=None, timeout_seconds=0.3)


def test_a_server_that_goes_away_makes_its_index_unavailable(version: str) -> None:
    try:
        with chroma_server() as port:
            client = chroma.server_client("127.0.0.1", port, ssl=False, token=None, timeout_seconds=20)
            write(client, version, rows_of("a", titles=1, chunks=1), np.stack([axis(0), axis(1)]))
            reader = ChromaReader(client, "s", version)
            assert reader.best(axis(0)[None], limit=5)["title"]
    except ServerUnavailable as reason:
        pytest.skip(str(reason))
    with pytest.raises(IndexUnavailable):
        reader.best(axis(0)[None], limit=5)
    with pytest.raises(IndexUnavailable):
        ChromaReader(client, "s", version)


def rows_of(faq_id: str, titles: int, chunks: int) -> list[Row]:
    counts: dict[Kind, int] = {"title": titles, "content": chunks}
    return [
        Row(kind, faq_id, n, f"{faq_id} {kind} {n}", counts) for kind, count in counts.items() for n in range(count)
    ]


def write(client: ClientAPI, version: str, rows: list[Row], vectors: Vector) -> None:
    ChromaWriter(client, "s", version).write(rows, vectors)


def axis(n: int) -> Vector:
    vector: Vector = np.eye(DIMENSIONS, dtype=np.float32)[n]
    return vector


def mixed(*axes: int) -> Vector:
    vector: Vector = unit(np.sum([axis(n) for n in axes], axis=0)[None, :])[0]
    return vector


def unit(vectors: object) -> Vector:
    array = np.asarray(vectors, dtype=np.float32)
    array /= np.linalg.norm(array, axis=1, keepdims=True)
    return array
