"""Contents as operators edit them: what is served, a draft beside it, and what was removed and can come back.

A draft waits in a partition of its own (`source#drafts`) until it is published, so that nobody is answered from it. It
has a revision, another one whenever it is saved: who saves what has changed meanwhile is told.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from shared.errors import Conflict, DraftNotFound, FaqNotFound
from shared.models import Content, Model
from shared.storage import keys
from shared.storage.base import MAX_MANY, Clock, ConditionFailed, InvalidItem, Item, Store, now
from shared.storage.items import is_key

REMOVED_DAYS = 90  # that a removed content can be brought back
_NOTHING = "none"
_DAY_SECONDS = 86_400
_PAGE = 200
Drafted: TypeAlias = Literal["edit", "new", "removal"]


class ContentDraft(Model):
    """An edit that waits to be published.

    Parameters
    ----------
    content
        The content as it is to be; `None`: it is to be removed.
    base
        When the content that it was made on was last published; `None`: it is new.
    saved_by
        The name of the operator's key.
    """

    faq_id: str
    source_id: str
    content: Content | None
    revision: str
    base: datetime | None = None
    saved_at: datetime
    saved_by: str

    def drafted(self, published: Content | None) -> Drafted:
        """What publishing it would do to what is served."""
        return "removal" if self.content is None else "edit" if published else "new"


@dataclass(frozen=True)
class ContentState:
    """One content: as it is served, as it is drafted, as it was when it was removed."""

    faq_id: str
    published: Content | None
    draft: ContentDraft | None
    removed: Content | None = None
    removed_at: datetime | None = None

    @property
    def based_on(self) -> str:
        """What an edit names that was made on this state: another one once somebody else has edited or published."""
        if self.draft is not None:
            return self.draft.revision
        if self.published is not None and self.published.updated_at is not None:
            return self.published.updated_at.isoformat()
        return _NOTHING

    @property
    def outdated(self) -> bool:
        """Whether the content was published again after this draft of it was begun."""
        published_at = self.published.updated_at if self.published else None
        return self.draft is not None and self.draft.base != published_at

    @property
    def changed_at(self) -> datetime | None:
        """When it was last drafted, published or removed. A draft that was thrown away leaves no trace."""
        times = (
            self.draft.saved_at if self.draft else None,
            self.published.updated_at if self.published else None,
            self.removed_at,
        )
        return max((one for one in times if one is not None), default=None)


class Contents:
    """Verbs over the table `contents`. They raise `StoreUnavailable`."""

    def __init__(self, store: Store, clock: Clock = now) -> None:
        self._store, self._clock = store, clock

    def state(self, source_id: str, faq_id: str) -> ContentState:
        """One content. Raises `FaqNotFound` when there never was one, or not for long."""
        try:
            published = self._store.get("contents", source_id, faq_id)
            draft = self._store.get("contents", keys.drafts_pk(source_id), faq_id)
            removed = None if published else self._store.get("contents", keys.removed_pk(source_id), faq_id)
        except InvalidItem:  # no such id can be
            raise FaqNotFound from None
        if not (published or draft or removed):
            raise FaqNotFound
        return _state(faq_id, published, draft, removed)

    def states(self, source_id: str, faq_ids: Iterable[str]) -> dict[str, ContentState]:
        """Those of many contents that there are, or were not long ago, by id; in a few requests for each `MAX_MANY`."""
        found, unique = {}, list(dict.fromkeys(faq_ids))
        for some in (unique[at : at + MAX_MANY] for at in range(0, len(unique), MAX_MANY)):
            published = self._store.get_many("contents", source_id, some)
            drafts = self._store.get_many("contents", keys.drafts_pk(source_id), some)
            gone = [one for one in some if one not in published]
            removed = self._store.get_many("contents", keys.removed_pk(source_id), gone) if gone else {}
            for one in some:
                if one in published or one in drafts or one in removed:
                    found[one] = _state(one, published.get(one), drafts.get(one), removed.get(one))
        return found

    def titles(self, source_id: str) -> dict[str, str]:
        """The title of every content of a source, as it is drafted where it is, by id."""
        pages = self._items(source_id, only=["title"])
        found = {str(item["sk"]): str(item["title"]) for item in pages}
        return found | {one.faq_id: one.content.title for one in self.drafts(source_id) if one.content}

    def knows(self, source_id: str, faq_id: str) -> bool:
        """Whether an id is taken, also by what was removed."""
        try:
            self.state(source_id, faq_id)
        except FaqNotFound:
            return False
        return True

    def save(
        self, state: ContentState | None, content: Content | None, source_id: str, faq_id: str, by: str
    ) -> ContentDraft:
        """Keep an edit in place of the draft there is.

        Parameters
        ----------
        state
            What it was made on; `None` for a content that is new.
        content
            `None` when it is to be removed.

        Raises
        ------
        Conflict
            When somebody else has edited meanwhile. Nothing was changed.
        """
        draft = ContentDraft(
            faq_id=faq_id,
            source_id=source_id,
            content=content,
            revision=keys.new_revision(),
            base=state.published.updated_at if state and state.published else None,
            saved_at=self.now(),
            saved_by=by,
        )
        pk, body = keys.drafts_pk(source_id), draft.model_dump(mode="json")
        try:
            if state is None or state.draft is None:
                self._store.put("contents", {"pk": pk, "sk": faq_id, **body}, if_absent=True)
            else:
                self._store.update("contents", pk, faq_id, body, if_={"revision": state.draft.revision})
        except ConditionFailed as error:
            raise Conflict from error
        return draft

    def discard(self, draft: ContentDraft) -> None:
        """Throw a draft away. Raises `Conflict` when it was saved again meanwhile."""
        ended = int(self._clock())  # an expired item is gone; a deletion could not be conditional
        pk, this = keys.drafts_pk(draft.source_id), {"revision": draft.revision}
        try:
            self._store.update("contents", pk, draft.faq_id, {"content": None}, if_=this, expires_at=ended)
        except ConditionFailed as error:
            raise Conflict from error

    def drafts(self, source_id: str, faq_ids: Sequence[str] | None = None) -> list[ContentDraft]:
        """The drafts of a source, by id; of some contents only, where these are named.

        Raises
        ------
        DraftNotFound
            When one that is named has none.
        """
        if faq_ids is None:
            return [ContentDraft.model_validate(item) for item in self._items(keys.drafts_pk(source_id))]
        found = []
        for faq_id in dict.fromkeys(faq_ids):
            item = self._store.get("contents", keys.drafts_pk(source_id), faq_id) if is_key(faq_id) else None
            if item is None:
                raise DraftNotFound
            found.append(ContentDraft.model_validate(item))
        return found

    def keep_removed(self, contents: Sequence[Content]) -> None:
        """Keep contents that are about to be removed, for `REMOVED_DAYS`."""
        expires_at = int(self._clock()) + REMOVED_DAYS * _DAY_SECONDS
        self._store.batch_put(
            "contents",
            [
                {
                    "pk": keys.removed_pk(one.source_id),
                    "sk": one.faq_id,
                    "content": one.model_dump(mode="json"),
                    "expires_at": expires_at,
                }
                for one in contents
            ],
        )

    def removed(self, source_id: str) -> Iterator[Content]:
        """What was removed and is not there again, by id."""
        for item in self._items(keys.removed_pk(source_id)):
            if self._store.get("contents", source_id, str(item["sk"])) is None:
                yield Content.model_validate(item["content"])

    def published(self, source_id: str, after: str | None = None) -> Iterator[Content]:
        """What is served, by id, behind `after`."""
        return (Content.model_validate(item) for item in self._items(source_id, after))

    def now(self) -> datetime:
        """By the clock that drafts are dated with."""
        return datetime.fromtimestamp(self._clock(), UTC)

    def _items(self, pk: str, after: str | None = None, only: Sequence[str] | None = None) -> Iterator[Item]:
        while True:
            page = self._store.query("contents", pk, after=after, limit=_PAGE, only=only)
            yield from page.items
            if page.cursor is None:
                return
            after = page.cursor


def _state(faq_id: str, published: Item | None, draft: Item | None, removed: Item | None) -> ContentState:
    # Whole seconds are stored: it was within the one before
    ended = None if removed is None else int(removed["expires_at"]) - REMOVED_DAYS * _DAY_SECONDS + 1
    return ContentState(
        faq_id,
        Content.model_validate(published) if published else None,
        ContentDraft.model_validate(draft) if draft else None,
        Content.model_validate(removed["content"]) if removed else None,
        None if ended is None else datetime.fromtimestamp(ended, UTC),
    )
