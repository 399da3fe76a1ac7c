"""Golden questions: what an operator knows the right answer to, so that no edit loses it unseen."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from shared.errors import Conflict, GoldenNotFound, TooManyGolden
from shared.models import Model
from shared.personal_data import mask
from shared.retrieval.text import normalize
from shared.storage import keys
from shared.storage.base import Clock, ConditionFailed, InvalidItem, Item, Store, now

MAX_NOTE_CHARACTERS = 300
MAX_GOLDEN = 1_000  # of a bot; docs/admin.md says how long a rehearsal of them takes
_PAGE = 200


def _question(text: str) -> str:
    if not normalize(text):  # of signs that nobody sees
        raise ValueError("질문을 입력해 주세요.")
    return text


Revision: TypeAlias = Annotated[
    str, StringConstraints(max_length=64), Field(description="The revision of the golden question, as it was read")
]
_Text: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]


class GoldenEdit(BaseModel):
    """A question, and the contents any of which answers it; without any it is not to be answered."""

    question: Annotated[_Text, AfterValidator(_question)]
    faq_ids: Annotated[list[Annotated[str, StringConstraints(min_length=1, max_length=200)]], Field(max_length=20)] = []
    note: Annotated[str, StringConstraints(max_length=MAX_NOTE_CHARACTERS)] = ""


class GoldenChange(GoldenEdit):
    """What one is to be, and the revision that this was made of."""

    based_on: Revision


class GoldenQuestion(Model):
    """A question and what is right to do with it.

    Parameters
    ----------
    faq_ids
        Contents any of which answers it; none: it is not to be answered.
    revision
        Another one with each change; empty as long as nothing has changed since an earlier version kept it.
    """

    golden_id: str
    question: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    faq_ids: list[str] = Field([], max_length=20)
    note: Annotated[str, StringConstraints(max_length=MAX_NOTE_CHARACTERS)] = ""
    updated_at: datetime
    revision: str = ""


class KeptGolden(GoldenQuestion):
    """A golden question as it was kept; `masked` tells that personal data in it was not."""

    masked: bool


class Golden:
    """Verbs over the table `evaluations`. They raise `StoreUnavailable`."""

    def __init__(self, store: Store, clock: Clock = now) -> None:
        self._store, self._clock = store, clock

    def all(self, bot_id: str) -> list[GoldenQuestion]:
        """A bot's golden questions, oldest first."""
        found: list[GoldenQuestion] = []
        after = None
        while True:
            page = self._store.query("evaluations", keys.golden_pk(bot_id), after=after, limit=_PAGE)
            found += [GoldenQuestion.model_validate(item) for item in page.items]
            if page.cursor is None:
                return found
            after = page.cursor

    def add(self, bot_id: str, question: str, faq_ids: Sequence[str], note: str = "") -> KeptGolden:
        """Keep a new one, without personal data, as customers' questions are kept. Raises `TooManyGolden`."""
        if len(self.all(bot_id)) >= MAX_GOLDEN:
            raise TooManyGolden
        made = self._made(keys.new_revision(), question, faq_ids, note)
        self._store.put("evaluations", {"pk": keys.golden_pk(bot_id), "sk": made.golden_id, **_attributes(made)})
        return made

    def replace(
        self, bot_id: str, golden_id: str, based_on: str, question: str, faq_ids: Sequence[str], note: str = ""
    ) -> KeptGolden:
        """Change one, by the same rule.

        Raises
        ------
        GoldenNotFound
        Conflict
            When `based_on` is not its revision any more. Nothing has changed.
        """
        made = self._made(golden_id, question, faq_ids, note)
        self._update(bot_id, golden_id, based_on, _attributes(made))
        return made

    def get(self, bot_id: str, golden_id: str) -> GoldenQuestion:
        """One of them. Raises `GoldenNotFound`."""
        try:
            item = self._store.get("evaluations", keys.golden_pk(bot_id), golden_id)
        except InvalidItem:  # no such id can be
            raise GoldenNotFound from None
        if item is None:
            raise GoldenNotFound
        return GoldenQuestion.model_validate(item)

    def remove(self, bot_id: str, golden_id: str, based_on: str) -> None:
        """Throw one away. Raises what `replace` does."""
        self._update(bot_id, golden_id, based_on, {"revision": keys.new_revision()})  # nobody changes it any more
        self._store.delete("evaluations", keys.golden_pk(bot_id), golden_id)

    def _update(self, bot_id: str, golden_id: str, based_on: str, changes: Item) -> None:
        self.get(bot_id, golden_id)
        try:
            self._store.update(
                "evaluations", keys.golden_pk(bot_id), golden_id, changes, if_={"revision": based_on or None}
            )
        except ConditionFailed:
            raise Conflict from None

    def _made(self, golden_id: str, question: str, faq_ids: Sequence[str], note: str) -> KeptGolden:
        asked, noted = mask(question), mask(note)
        return KeptGolden(
            golden_id=golden_id,
            question=asked.text,
            faq_ids=list(dict.fromkeys(faq_ids)),
            note=noted.text[:MAX_NOTE_CHARACTERS],
            updated_at=datetime.fromtimestamp(self._clock(), UTC),
            revision=keys.new_revision(),
            masked=bool(asked.values or noted.values),
        )


def _attributes(one: KeptGolden) -> Item:
    return one.model_dump(mode="json", exclude={"masked"})
