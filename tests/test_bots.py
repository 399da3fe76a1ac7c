"""Bots in the store: each publication is a version, the newest serves, none is changed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shared import wiring
from shared.bot import Bot
from shared.bots import Bots
from shared.errors import BotNotFound
from shared.storage.sqlite import SqliteStore


@pytest.fixture
def bots(tmp_path: Path) -> Bots:
    return Bots(SqliteStore(tmp_path / "store.sqlite3"))


def test_a_bot_that_was_never_published_is_none(bots: Bots) -> None:
    assert bots.published("shop") is None
    assert bots.all() == []


def test_the_newest_version_serves(bots: Bots) -> None:
    first = bots.publish(Bot(bot_id="shop", name="꽃집"))
    second = bots.publish(Bot(bot_id="shop", name="화원"))
    assert first.version < second.version
    assert bots.published("shop") == second
    assert second.name == "화원"


def test_all_bots_are_listed_once_by_id(bots: Bots) -> None:
    for bot_id in ("shop", "bank", "shop", "default"):
        bots.publish(Bot(bot_id=bot_id))
    assert [bot.bot_id for bot in bots.all()] == ["bank", "default", "shop"]


def test_more_bots_than_a_page_holds_are_all_listed(bots: Bots) -> None:
    for n in range(105):
        bots.publish(Bot(bot_id=f"bot-{n:03}"))
    assert [bot.bot_id for bot in bots.all()] == [f"bot-{n:03}" for n in range(105)]


def test_notes_are_kept_beside_a_bot_and_never_stand_in_for_its_fields(bots: Bots) -> None:
    bots.publish(Bot(bot_id="shop", name="꽃집"), {"name_given": True, "name": "다른 이름"})
    newest = bots.newest("shop")
    assert newest is not None
    assert (newest["name_given"], newest["name"]) == (True, "꽃집")


def test_an_older_version_can_be_read_and_published_again_and_none_changes(bots: Bots) -> None:
    first = bots.publish(Bot(bot_id="shop", name="꽃집"))
    second = bots.publish(Bot(bot_id="shop", name="화원"))
    old = bots.version("shop", first.version)
    assert old == first
    restored = bots.publish(old)
    assert (restored.name, bots.published("shop")) == ("꽃집", restored)
    assert bots.versions("shop") == [restored, second, first]
    assert bots.versions("shop", limit=1, before=second.version) == [first]


def test_a_draft_does_not_serve(bots: Bots) -> None:
    served = bots.publish(Bot(bot_id="shop", name="꽃집"))
    bots.save_draft(Bot(bot_id="shop", name="화원"))
    bots.save_draft(Bot(bot_id="shop", name="온실"))
    draft = bots.draft("shop")
    assert draft is not None and (draft.name, draft.version) == ("온실", "draft")
    assert (bots.published("shop"), bots.versions("shop")) == (served, [served])
    assert bots.version("shop", "draft") is None
    assert bots.draft("default") is None


def test_versions_of_the_first_shape_are_read(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.sqlite3")
    old = {"bot_id": "shop", "version": "published#01", "source_ids": ["faq", "notices"], "refusal": "모르겠어요."}
    store.put("bots", {"pk": "shop", "sk": "published#01", **old, "weights": {"title": 1.0}})
    bot = Bots(store).published("shop")
    assert bot is not None
    assert (bot.source_ids, bot.replies.refusal, bot.weights.title) == (["faq", "notices"], {"ko": "모르겠어요."}, 1.0)


BROKEN = {"pk": "shop", "replies": {"greeting": "비밀 인사말"}, "weights": {"title": -1}}


@pytest.mark.parametrize("broken", [1, 45])
def test_a_version_that_cannot_be_read_is_told_once_without_its_words_and_an_older_one_serves(
    tmp_path: Path, broken: int, caplog: pytest.LogCaptureFixture
) -> None:
    store = SqliteStore(tmp_path / "store.sqlite3")
    bots = Bots(store)
    served = bots.publish(Bot(bot_id="shop", name="꽃집"))
    for n in range(broken):
        store.put("bots", {**BROKEN, "sk": f"published#~{n:02}"})  # after every version that is published now
    assert bots.published("shop") == bots.published("shop") == served
    assert bots.all() == [served]
    assert len(caplog.records) == broken
    assert "'shop'" in caplog.text and "published#~00" in caplog.text and "비밀" not in caplog.text


def test_a_version_that_cannot_be_read_is_left_out_of_what_is_listed(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.sqlite3")
    bots = Bots(store)
    served = bots.publish(Bot(bot_id="shop", name="꽃집"))
    store.put("bots", {**BROKEN, "sk": "published#~"})
    store.put("bots", {**BROKEN, "sk": "draft"})
    assert bots.versions("shop") == [served]
    assert (bots.version("shop", "published#~"), bots.draft("shop")) == (None, None)


def test_a_bot_of_which_no_version_can_be_read_is_not_found(configure: Callable[..., Path]) -> None:
    configure()
    store = wiring.get_store()
    store.prepare()
    store.put("bots", {**BROKEN, "sk": "published#01"})
    assert wiring.get_bots().published("shop") is None
    with pytest.raises(BotNotFound):
        wiring.get_bot("shop")
