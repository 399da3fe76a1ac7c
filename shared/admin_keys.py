"""Admin keys: what operators call with. One is shown once and stored as its hash; it has a role, for all bots or some.

There is always an owner for all bots once there was one: which keys those are is kept in one item, which is changed
conditionally, so that of two owners who revoke each other at once one stays. It names no key that does not work: a key
enters it when it is whole, and leaves it before it ends.
"""

import hmac
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, SecretStr, StringConstraints, field_validator

from shared.api_keys import hashed
from shared.errors import AdminKeyNotFound, Conflict, InvalidAdminKey, LastOwner
from shared.models import BotId, Model
from shared.storage import keys
from shared.storage.base import Clock, ConditionFailed, Item, Store, now
from shared.storage.items import is_key
from shared.storage.keys import ADMIN_KEYS, ADMIN_OWNERS, ONLY

PREFIX = "ha_"
OF_SETTING = "setting"  # the id of the key in ADMIN_API_KEY; others' are ULIDs
_TOKEN = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")  # 32 bytes in base64url
_SHOWN = 4  # characters at its end: 232 of the 256 random bits stay hidden
_ATTEMPTS = 5  # at an item that several change at once

Role: TypeAlias = Literal["viewer", "editor", "owner"]
_ROLES: tuple[Role, ...] = ("viewer", "editor", "owner")  # each may do what those before it may


class AdminKey(Model):
    """A key as operators see it, without what it is made of.

    Parameters
    ----------
    bots
        Ids of those it is for; `None` is all, also those that are still to come.
    ends_with
        The key's last characters, to tell which it is.
    """

    key_id: str
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    role: Role
    bots: Annotated[list[BotId], Field(min_length=1, max_length=100)] | None = None
    ends_with: str
    created_at: datetime
    revoked_at: datetime | None = None

    @field_validator("bots")
    @classmethod
    def _each_once(cls, bots: list[str] | None) -> list[str] | None:
        return None if bots is None else sorted(set(bots))

    @property
    def owns_all(self) -> bool:
        """Whether it is one of those of which one must stay."""
        return self.role == "owner" and self.bots is None


@dataclass(frozen=True)
class Operator:
    """Who calls, and what they may do.

    Parameters
    ----------
    bots
        Ids of the bots that they may see; `None` is all.
    """

    key_id: str
    name: str
    role: Role
    bots: frozenset[str] | None = None

    @property
    def owns_all(self) -> bool:
        """Whether there is nothing that they may not do."""
        return self.role == "owner" and self.bots is None

    def has(self, role: Role) -> bool:
        """Whether they may do what this role may."""
        return _ROLES.index(self.role) >= _ROLES.index(role)

    def sees(self, bot_id: str) -> bool:
        """Whether the bot is one of theirs."""
        return self.bots is None or bot_id in self.bots

    def sees_all(self, bots: Sequence[str] | None) -> bool:
        """Whether all of these are theirs; `None` is all there are."""
        return self.bots is None or (bots is not None and self.bots.issuperset(bots))


class AdminKeys:
    """Verbs over the table `keys`. They raise `StoreUnavailable`.

    Parameters
    ----------
    configured
        `ADMIN_API_KEY`: an owner of all bots that is never stored.
    """

    def __init__(self, store: Store, configured: SecretStr | None = None, clock: Clock = now) -> None:
        self._store, self._configured, self._clock = store, configured, clock

    def create(self, name: str, role: Role, bots: Sequence[str] | None = None) -> tuple[AdminKey, SecretStr]:
        """Make a key. The second value is the key itself, which nobody can read again.

        Raises
        ------
        pydantic.ValidationError
            When a value is not allowed.
        Conflict
            Too many owners were made or revoked at once; the key is not counted among them, and is of no use.
        """
        key, token = self._put(name, role, bots)
        if key.owns_all:
            self._change_owners(lambda ids: [*ids, key.key_id])
        return key, token

    def create_first(self) -> SecretStr | None:
        """An owner of all bots, when there was never one; of several processes that ask at once one gets it.

        Cut short after this has written and before the key was shown, nobody knows the key: `ADMIN_API_KEY` lets in.
        """
        if self._configured is not None or self._store.get("keys", ADMIN_OWNERS, ONLY) is not None:
            return None
        key, token = self._put("첫 소유자", "owner", None)
        try:
            self._store.put("keys", _owners([key.key_id], 1), if_absent=True)
        except ConditionFailed:
            self.revoke(key.key_id)
            return None
        return token

    def verify(self, token: str) -> Operator:
        """Whose key this is. Raises `InvalidAdminKey`.

        It is looked up by its hash, and the configured one compared by its hash, so that the time it takes tells
        nothing of any key.
        """
        found_by, configured = hashed(token), self._configured
        if configured is not None and hmac.compare_digest(found_by, hashed(configured.get_secret_value())):
            return Operator(OF_SETTING, "ADMIN_API_KEY", "owner")
        item = self._store.get("keys", found_by, ONLY) if _TOKEN.fullmatch(token) else None
        if item is None:
            raise InvalidAdminKey
        key = AdminKey.model_validate(item)
        return Operator(key.key_id, key.name, key.role, None if key.bots is None else frozenset(key.bots))

    def all(self) -> list[AdminKey]:
        """All that are stored, the revoked ones too, oldest first."""
        found: list[AdminKey] = []
        after = None
        while True:
            page = self._store.query("keys", ADMIN_KEYS, after=after)
            found += [AdminKey.model_validate(item) for item in page.items]
            if page.cursor is None:
                return found
            after = page.cursor

    def get(self, key_id: str) -> AdminKey:
        """One of them. Raises `AdminKeyNotFound`."""
        return AdminKey.model_validate(self._item(key_id))

    def revoke(self, key_id: str) -> AdminKey:
        """End a key, once and for all; it stays in the list. Again, nothing happens.

        Raises
        ------
        AdminKeyNotFound
        LastOwner
            No other key is an owner of all bots.
        Conflict
            Too many owners were made or revoked at once; nothing happened.
        """
        item = self._item(key_id)
        if AdminKey.model_validate(item).owns_all:
            self._change_owners(lambda ids: [one for one in ids if one != key_id])
        self._store.delete("keys", item["hash"], ONLY)  # cut short after this, it can be revoked again
        return AdminKey.model_validate(self._mark(item))

    def _put(self, name: str, role: Role, bots: Sequence[str] | None) -> tuple[AdminKey, SecretStr]:
        token = PREFIX + secrets.token_urlsafe(32)
        key = AdminKey(
            key_id=keys.new_key_id(),
            name=name,
            role=role,
            bots=None if bots is None else list(bots),
            ends_with=token[-_SHOWN:],
            created_at=self._now(),
        )
        item, found_by = key.model_dump(mode="json"), hashed(token)
        # The list first: a key that is listed and not valid does no harm, the reverse cannot be revoked
        self._store.put("keys", {"pk": ADMIN_KEYS, "sk": key.key_id, **item, "hash": found_by})
        self._store.put("keys", {"pk": found_by, "sk": ONLY, **item}, if_absent=True)
        return key, SecretStr(token)

    def _change_owners(self, change: Callable[[list[str]], list[str]]) -> None:
        """Change who owns all bots. Raises `LastOwner` when that leaves nobody, `Conflict` when others were faster."""
        for _ in range(_ATTEMPTS):
            item = self._store.get("keys", ADMIN_OWNERS, ONLY)
            ids: list[str] = item["ids"] if item else []
            changed = change(ids)
            if changed == ids:
                return
            if not changed:
                raise LastOwner
            revision = item["revision"] if item else 0
            after = _owners(changed, revision + 1)
            try:
                if item is None:
                    self._store.put("keys", after, if_absent=True)
                else:
                    changes = {name: after[name] for name in ("ids", "revision")}
                    self._store.update("keys", ADMIN_OWNERS, ONLY, changes, if_={"revision": revision})
                return
            except ConditionFailed:
                continue
        raise Conflict

    def _item(self, key_id: str) -> Item:
        item = self._store.get("keys", ADMIN_KEYS, key_id) if is_key(key_id) else None
        if item is None:
            raise AdminKeyNotFound
        return item

    def _mark(self, item: Item) -> Item:
        changes = {"revoked_at": self._now().isoformat()}
        try:
            return self._store.update("keys", ADMIN_KEYS, item["sk"], changes, if_={"revoked_at": None})
        except ConditionFailed:
            return self._store.get("keys", ADMIN_KEYS, item["sk"]) or item

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)


def _owners(ids: Sequence[str], revision: int) -> Item:
    return {"pk": ADMIN_OWNERS, "sk": ONLY, "ids": list(ids), "revision": revision}
