"""Bots from files: all are checked first, and what is wrong is told in a line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import bot_versions, publish_bots
from scripts.steps import FAILED
from shared import assembly, wiring
from shared.admin_keys import Operator
from shared.bot import Bot, Category
from tests.app import ROOT
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.sentences import FakeSentenceEncoder


@pytest.fixture(autouse=True)
def data_dir(configure: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    configure()
    monkeypatch.setattr(wiring, "get_embedder", lambda: FakeEmbedder())
    monkeypatch.setattr(wiring, "get_sentence_encoder", lambda: FakeSentenceEncoder())


def file(folder: Path, **fields: object) -> Path:
    path = folder / f"{len(list(folder.glob('*.json')))}.json"
    path.write_text(json.dumps(fields), encoding="utf-8")
    return path


def test_a_bot_is_published_and_its_unbuilt_source_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = file(tmp_path, bot_id="flowers", name="꽃집", source_ids=["flowers"])
    assert publish_bots.main([str(path)]) == 0
    assert "source flowers has no index yet" in capsys.readouterr().err
    [version], _ = wiring.get_bots().version_page("flowers", 1, None)
    assert version.published_by == "scripts/publish_bots.py"
    audit = wiring.get_audit()
    [entry] = audit.page(Operator("k", "owner", "owner"), audit.today()).entries
    assert (entry.action, entry.name, entry.after["name"]) == ("bot.publish", "scripts/publish_bots.py", "꽃집")
    assert wiring.get_bot("flowers").name == "꽃집"


def test_a_pinned_question_that_no_content_has_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = file(tmp_path, bot_id="flowers", source_ids=["flowers"], pinned=["꽃은 언제 오나요?"])
    assert publish_bots.main([str(path)]) == 0
    assert "pinned: no content is called '꽃은 언제 오나요?'" in capsys.readouterr().err


def test_every_bot_that_ships_can_be_published() -> None:
    shipped = sorted((ROOT / "data" / "bots").glob("*.json"))
    assert publish_bots.main([str(path) for path in shipped]) == 0
    assert [bot.bot_id for bot in wiring.get_bots().all()] == sorted(path.stem for path in shipped)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"bot_id": "Flowers"}, "bot_id"),
        ({"bot_id": "flowers", "weights": {"titel": 1}}, "weights.titel"),
        ({"bot_id": "flowers", "weights": {"title": -1}}, "weights.title"),
        ({"bot_id": "flowers", "weights": {"title": float("inf")}}, "weights.title"),
        ({"bot_id": "flowers", "synonyms": [{"words": [], "terms": "꽃"}]}, "synonyms.0.words"),
        ({"bot_id": "flowers", "sources": []}, "sources"),
        ({"bot_id": "flowers", "sources": [{"kind": "vector", "source_id": "꽃"}]}, "sources.0.vector.source_id"),
        ({"bot_id": "flowers", "word_lists": ["flowers"]}, "word_lists.0"),
        ({"bot_id": "flowers", "synonyms": [{"words": [""], "terms": "꽃"}]}, "synonyms.0.words.0"),
        ({"bot_id": "flowers", "chat": {"input_won": float("nan")}}, "chat.input_won"),
        ({"bot_id": "flowers", "sources": [{}, {"body": {"a": [float("inf")]}}]}, "sources.1.body.a.0"),
        ({"bot_id": "flowers", "categories": [{"name": "배송"}, {"name": " 배송"}]}, "categories"),
        (
            {"bot_id": "flowers", "feedback_reasons": [{"code": "a", "label": one} for one in "가나"]},
            "feedback_reasons",
        ),
        (
            {
                "bot_id": "flowers",
                "categories": [{"name": "배송"}],
                "links": [{"title": "반품", "url": "https://a.example", "category": "반품"}],
            },
            "links.0.category",
        ),
        ({"bot_id": "flowers", "replies": {"greeting": "{name}의 {nmae}예요"}}, "replies.greeting.ko"),
        ({"bot_id": "flowers", "replies": {"short": {"ko": "네", "en": "{}"}}}, "replies.short.en"),
        ({"bot_id": "flowers", "weights": dict.fromkeys(["title", "content", "sentence", "lexical"], 0)}, "weights"),
    ],
)
def test_a_wrong_field_is_named_and_no_bot_is_published(
    tmp_path: Path, fields: dict[str, object], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    right, wrong = file(tmp_path, bot_id="right"), file(tmp_path, **fields)
    assert publish_bots.main([str(right), str(wrong)]) == FAILED
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{wrong}: {told}: " in line
    assert wiring.get_bots().all() == []


def test_what_only_looks_wrong_is_published(tmp_path: Path) -> None:
    link = {"title": "반품", "url": "https://a.example"}
    fields: dict[str, object] = {
        "links": [{**link, "category": "반품"}],  # of its contents' categories: it lists none
        "replies": {"greeting": "{name}입니다. {name}! :-{"},
        "weights": {"title": 0, "content": 0, "sentence": 0, "lexical": 0.1},
    }
    assert publish_bots.main([str(file(tmp_path, bot_id="flowers", **fields))]) == 0
    listed = {"categories": [{"name": "반품"}, {"name": "배송"}], "links": [link, {**link, "category": "배송"}]}
    assert publish_bots.main([str(file(tmp_path, bot_id="flowers", **listed))]) == 0


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"service_types": ["가온배송", "가온 배송"]}, "service_types: '가온 배송' reads like one before it"),
        ({"categories": [{"name": "배송"}, {"name": "배송"}]}, "categories: '배송' reads like one before it"),
        ({"categories": [{"name": "FAQ"}, {"name": "faq"}]}, "categories: 'faq' reads like one before it"),
    ],
)
def test_choices_that_customers_could_not_tell_apart_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], fields: dict[str, object], told: str
) -> None:
    assert publish_bots.main([str(file(tmp_path, bot_id="flowers", **fields))]) == FAILED
    assert told in capsys.readouterr().err
    assert wiring.get_bots().all() == []


def test_a_link_that_may_not_be_followed_is_told_before_it_is_published(
    tmp_path: Path, configure: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    configure(LINK_HOSTS="b.example")
    links = [{"title": "반품", "url": f"https://{host}.example/"} for host in ("b", "a")]
    assert publish_bots.main([str(file(tmp_path, bot_id="flowers", links=links))]) == FAILED
    assert "links.1.url: host not allowed (LINK_HOSTS)" in capsys.readouterr().err


def test_a_stored_version_that_could_not_be_published_now_is_read_and_restored() -> None:
    wiring.get_store().prepare()
    stored = wiring.get_bots().publish(Bot(bot_id="flowers", categories=[Category(name="배송")] * 2))
    assert wiring.get_bot("flowers") == stored
    assert bot_versions.main(["restore", "flowers", stored.version]) == 0


def test_a_bot_that_no_store_holds_is_told_in_a_line_before_any_bot_is_published(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right, wrong = (
        file(tmp_path, bot_id="right"),
        file(tmp_path, bot_id="wrong", service_types=[f"{n:050}" for n in range(9_000)]),
    )
    assert publish_bots.main([str(right), str(wrong)]) == FAILED
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{wrong}: item of " in line
    assert wiring.get_bots().all() == []


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "\ufeff[]"])
def test_what_is_no_json_is_told_in_a_line(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bot.json"
    path.write_text(text, encoding="utf-8")
    assert publish_bots.main([str(path)]) == FAILED
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_two_files_of_one_bot_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert publish_bots.main([str(file(tmp_path, bot_id="a", name=name)) for name in ("하나", "둘")]) == FAILED
    assert "'a'" in capsys.readouterr().err
    assert wiring.get_bots().all() == []


def test_a_file_that_is_not_there_is_told_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert publish_bots.main([str(tmp_path / "absent.json")]) == FAILED
    assert len(capsys.readouterr().err.splitlines()) == 1


JOB_ID: dict[str, object] = {
    "type": "object",
    "properties": {"job_id": {"type": "string"}},
    "required": ["job_id"],
}
JOBS: dict[str, object] = {
    "kind": "http",
    "source_id": "jobs",
    "name": "채용공고",
    "description": "채용공고를 찾습니다.",
    "url": "https://api.example.com/jobs/{job_id}",
    "parameters": JOB_ID,
    "headers": {"Authorization": "Bearer {secret:jobs_key}"},
    "fields": {"title": {"path": "title", "label": "공고"}},
}


def test_a_bot_with_a_company_s_api_is_published(tmp_path: Path, configure: Callable[..., Path]) -> None:
    configure(BOT_SECRETS='{"jobs_key": {"value": "key-1234", "hosts": ["api.example.com"]}}')
    assert publish_bots.main([str(file(tmp_path, bot_id="jobs", sources=[JOBS]))]) == 0
    (source,) = wiring.get_bot("jobs").sources
    assert source.kind == "http" and assembly.get_facts(source) is assembly.get_facts(source.model_copy())


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({}, "headers.Authorization: the secret jobs_key is not for this host"),
        ({"headers": {"Authorization": "{secret:other}"}}, "headers.Authorization: the secret other is not in BOT_SEC"),
        ({"url": "https://api.example.com/jobs/{id}"}, "url: {id} is none of the parameters"),
        ({"records": "jobs["}, "records: no JMESPath: "),
        ({"parameters": {"type": "array"}}, "parameters: an object with properties is expected"),
        (
            {"parameters": {**JOB_ID, "properties": {"job_id": {"type": "string", "pattern": "^(a+)+$"}}}},
            "parameters.properties.job_id.pattern: it may take too long on 1000 characters",
        ),
    ],
)
def test_what_is_wrong_with_an_api_is_told_in_a_line_and_nothing_published(
    tmp_path: Path,
    wrong: dict[str, object],
    told: str,
    configure: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure(BOT_SECRETS='{"jobs_key": {"value": "key-1234", "hosts": ["www.example.com"]}}')
    path = file(tmp_path, bot_id="jobs", sources=[{"kind": "vector"}, {**JOBS, **wrong}])
    assert publish_bots.main([str(path)]) == FAILED
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{path}: sources.1.{told}" in line and "key-1234" not in line
    assert wiring.get_bots().all() == []
