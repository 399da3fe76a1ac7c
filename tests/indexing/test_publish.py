"""Publishing a bot fits its thresholds on the served version of each of its sources."""

from collections.abc import Mapping
from typing import Any

import pytest

from shared.bot import Bot, Weights
from shared.bots import Bots
from shared.errors import EmbeddingUnavailable, IndexUnavailable, StoreUnavailable
from shared.indexing.publish import publish
from shared.retrieval import calibration as calibrations
from shared.retrieval.lexicon import Entry, Lexicon
from shared.retrieval.search import Profile
from shared.storage.base import InvalidItem
from tests.fakes.embedder import FakeEmbedder
from tests.indexing.corpora import PROFILE, SOURCE, Place, asked_of, contents

TITLES_ALONE = Profile("titles", Weights(title=1, content=0, sentence=0, lexical=0), Lexicon([]))
BOT = Bot(bot_id="titles", source_ids=[SOURCE])


def published(place: Place, bot: Bot = BOT, profile: Profile = TITLES_ALONE, **engines: FakeEmbedder) -> list[str]:
    return publish(bot, profile, bots=Bots(place.store), store=place.store, engines=place.engines(**engines))[1]


def test_a_bots_thresholds_are_fitted_on_the_version_that_is_served(place: Place) -> None:
    made = place.build(contents(8)).manifest
    assert published(place) == []
    own = calibrations.read(place.store, "titles", SOURCE, made.version)
    default = calibrations.read(place.store, "default", SOURCE, made.version)
    assert own is not None and default is not None
    assert own.fits != default.fits
    served = Bots(place.store).published("titles")
    assert served is not None and served.source_ids == [SOURCE]


def test_a_later_publication_fits_them_again(place: Place) -> None:
    made = place.build(contents(8)).manifest
    published(place)
    before = calibrations.read(place.store, "titles", SOURCE, made.version)
    published(place, profile=Profile("titles", Weights(title=0, lexical=1), Lexicon([])))
    assert calibrations.read(place.store, "titles", SOURCE, made.version) != before


def test_what_the_build_asked_is_not_embedded_again(place: Place) -> None:
    place.build(contents(8))
    embedder = FakeEmbedder()
    published(place, profile=Profile("titles", Weights(title=1), PROFILE.lexicon), embedder=embedder)
    assert not set(embedder.queries) & set(asked_of(contents(8)))  # but the shipped ones, which this build had not


def test_a_source_without_an_index_is_told_and_the_bot_is_published(place: Place) -> None:
    assert published(place) == [SOURCE]
    assert Bots(place.store).published("titles") is not None


@pytest.mark.parametrize(
    ("embedder", "error"),
    [(FakeEmbedder("other/1"), IndexUnavailable), (FakeEmbedder(fail_after=0), EmbeddingUnavailable)],
)
def test_a_bot_whose_thresholds_cannot_be_fitted_is_not_published(
    place: Place, embedder: FakeEmbedder, error: type[Exception]
) -> None:
    made = place.build(contents(8)).manifest
    with pytest.raises(error):
        published(place, embedder=embedder)
    assert Bots(place.store).published("titles") is None
    assert calibrations.read(place.store, "titles", SOURCE, made.version) is None


def test_a_bot_that_cannot_be_stored_is_refused_before_anything_is_fitted(place: Place) -> None:
    made = place.build(contents(8)).manifest
    published(place)
    before = calibrations.read(place.store, "titles", SOURCE, made.version)
    embedder = FakeEmbedder()
    broken = BOT.model_copy(update={"name": "꽃집\ud800"})
    with pytest.raises(InvalidItem):
        published(place, broken, Profile("titles", Weights(title=0, lexical=1), Lexicon([])), embedder=embedder)
    assert embedder.queries == []
    assert calibrations.read(place.store, "titles", SOURCE, made.version) == before


class Failing(Bots):
    """Bots that can be read and not published."""

    def publish(self, bot: Bot, notes: Mapping[str, Any] | None = None, by: str | None = None) -> Bot:
        """See `Bots.publish`."""
        raise StoreUnavailable(detail="told to fail")


@pytest.mark.parametrize("published_before", [True, False])
def test_a_publication_that_fails_leaves_the_thresholds_as_they_were(place: Place, published_before: bool) -> None:
    made = place.build(contents(8)).manifest
    if published_before:
        published(place)
    before = calibrations.read(place.store, "titles", SOURCE, made.version)
    other = Profile("titles", Weights(title=0, lexical=1), Lexicon([]))
    with pytest.raises(StoreUnavailable):
        publish(BOT, other, bots=Failing(place.store), store=place.store, engines=place.engines())
    assert calibrations.read(place.store, "titles", SOURCE, made.version) == before
    assert (before is not None) is published_before


def test_a_build_fits_them_for_each_bot_and_embeds_a_question_once(place: Place) -> None:
    embedder = FakeEmbedder()
    synonyms = Profile("words", Weights(), Lexicon([Entry("되돌리기", "반품")]))
    made = place.build(contents(8), embedder, profiles=[PROFILE, TITLES_ALONE, synonyms]).manifest
    for bot_id in ("default", "titles", "words"):
        assert calibrations.read(place.store, bot_id, SOURCE, made.version) is not None
    assert len(embedder.queries) == len(set(embedder.queries))


def test_the_calibration_of_a_bot_that_came_later_is_that_of_the_default_one(place: Place) -> None:
    place.build(contents(8))
    found = place.search(profile=Profile("new", Weights(), Lexicon([]))).find(["반품0 하고 싶어요"], limit=3)
    assert found.degraded == ()
