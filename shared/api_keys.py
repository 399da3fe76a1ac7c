"""Bot keys: what programs call with. A key is shown once and stored as its hash; each belongs to one bot."""

import hashlib
import re
import secrets
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints

from shared.errors import ApiKeyNotFound, InvalidApiKey
from shared.models import BotId, Model
from shared.storage import keys
from shared.storage.base import Clock, ConditionFailed, Item, Store, now
from shared.storage.items import is_key
from shared.storage.keys import ONLY

PREFIX = "hk_"
RATE_PER_MINUTE = 60
_TOKEN = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")  # 32 bytes in base64url
_SHOWN = 4  # characters at its end: 232 of the 256 random bits stay hidden


class ApiKey(Model):
    """A key as operators see it, without what it is made of.

    Parameters
    ----------
    rate_per_minute
        Questions; 0 is no limit.
    ends_with
        The key's last characters, to tell which it is.
    """

    key_id: str
    bot_id: BotId
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    rate_per_minute: int = Field(RATE_PER_MINUTE, ge=0, le=1_000_000)
    ends_with: str
    created_at: datetime
    revoked_at: datetime | None = None


def hashed(token: str) -> str:
    """What a key is stored as. 256 random bits need no salt and no slow hash: there is no list to try."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


class ApiKeys:
    """Verbs over the table `keys`. They raise `StoreUnavailable`."""

    def __init__(self, store: Store, clock: Clock = now) -> None:
        self._store, self._clock = store, clock

    def create(self, bot_id: str, name: str, rate_per_minute: int = RATE_PER_MINUTE) -> tuple[ApiKey, SecretStr]:
        """Make a key. The second value is the key itself, which nobody can read again.

        Raises
        ------
        pydantic.ValidationError
            When a value is not allowed.
        """
        token = PREFIX + secrets.token_urlsafe(32)
        key = ApiKey(
            key_id=keys.new_key_id(),
            bot_id=bot_id,
            name=name,
            rate_per_minute=rate_per_minute,
            ends_with=token[-_SHOWN:],
            created_at=self._now(),
        )
        item, found_by = key.model_dump(mode="json"), hashed(token)
        # The list first: a key that is listed and not valid does no harm, the reverse cannot be revoked
        self._store.put("keys", {"pk": keys.bot_keys_pk(bot_id), "sk": key.key_id, **item, "hash": found_by})
        self._store.put("keys", {"pk": found_by, "sk": ONLY, **item}, if_absent=True)
        return key, SecretStr(token)

    def verify(self, token: str) -> ApiKey:
        """The key that this is.

        It is looked up by its hash, so that the time it takes tells nothing of any key. Raises `InvalidApiKey`.
        """
        if not _TOKEN.fullmatch(token):
            raise InvalidApiKey
        item = self._store.get("keys", hashed(token), ONLY)
        if item is None:
            raise InvalidApiKey
        return ApiKey.model_validate(item)

    def all(self, bot_id: str) -> list[ApiKey]:
        """A bot's keys, the revoked ones too, oldest first."""
        pk, found, after = keys.bot_keys_pk(bot_id), [], None
        while True:
            page = self._store.query("keys", pk, after=after)
            found += [ApiKey.model_validate(item) for item in page.items]
            if page.cursor is None:
                return found
            after = page.cursor

    def revoke(self, bot_id: str, key_id: str) -> ApiKey:
        """End a key, once and for all; it stays in the list. Again, nothing happens. Raises `ApiKeyNotFound`."""
        pk = keys.bot_keys_pk(bot_id)
        item = self._store.get("keys", pk, key_id) if is_key(key_id) else None
        if item is None:
            raise ApiKeyNotFound
        self._store.delete("keys", item["hash"], ONLY)  # first: cut short after this, it can be revoked again
        return ApiKey.model_validate(self._mark(pk, item))

    def _mark(self, pk: str, item: Item) -> Item:
        changes = {"revoked_at": self._now().isoformat()}
        try:
            return self._store.update("keys", pk, item["sk"], changes, if_={"revoked_at": None})
        except ConditionFailed:
            return self._store.get("keys", pk, item["sk"]) or item

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)
