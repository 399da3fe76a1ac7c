"""GET, POST, DELETE /v1/admin/keys — operators' keys; /v1/admin/bots/{bot_id}/keys — programs'; GET /v1/admin/me.

A key is in the answer that made it and in no other.
"""

from typing import Annotated, Any

from fastapi import APIRouter
from mangum import Mangum
from pydantic import BaseModel, BeforeValidator, Field, StrictInt, StringConstraints

from shared import wiring
from shared.admin_http import BotOwner, Owner, Viewer
from shared.admin_keys import AdminKey, Operator, Role
from shared.api_keys import RATE_PER_MINUTE, ApiKey
from shared.errors import AdminKeyNotFound, ApiKeyNotFound, NotAllowed
from shared.http import create_app
from shared.models import BotId
from shared.retrieval.text import one_line

router = APIRouter(prefix="/v1/admin", tags=["admin: keys"])

_Name = Annotated[
    str,
    BeforeValidator(lambda value: one_line(value) if isinstance(value, str) else value),
    StringConstraints(min_length=1, max_length=60),
]


class Me(BaseModel):
    """Whose key the caller has shown; `bots` is null for all."""

    key_id: str
    name: str
    role: Role
    bots: list[str] | None


class NewAdminKey(BaseModel):
    """A key to be made; `bots` is null, or left out, for all."""

    name: _Name
    role: Role
    bots: Annotated[list[BotId], Field(min_length=1, max_length=100)] | None = None


class MadeAdminKey(AdminKey):
    """The key, with what nobody can read again."""

    key: str


class NewBotKey(BaseModel):
    """A key to be made; a rate of 0 is no limit."""

    name: _Name
    rate_per_minute: StrictInt = Field(RATE_PER_MINUTE, ge=0, le=1_000_000)


class MadeBotKey(ApiKey):
    """The key, with what nobody can read again."""

    key: str


@router.get("/me")
def me(operator: Viewer) -> Me:
    """Who the caller is, for the console."""
    bots = None if operator.bots is None else sorted(operator.bots)
    return Me(key_id=operator.key_id, name=operator.name, role=operator.role, bots=bots)


@router.get("/keys")
def list_keys(operator: Owner) -> list[AdminKey]:
    """Keys of the owner's bots, the revoked ones too, oldest first."""
    return [key for key in wiring.get_admin_keys().all() if operator.sees_all(key.bots)]


@router.post("/keys", status_code=201)
def create_key(body: NewAdminKey, operator: Owner) -> MadeAdminKey:
    """Make a key, for bots of the owner's own only."""
    if not operator.sees_all(body.bots):
        raise NotAllowed("맡고 있는 챗봇의 키만 만들 수 있습니다.")
    with wiring.get_audit().change(operator, "admin_key.create", body.bots) as change:
        key, token = wiring.get_admin_keys().create(body.name, body.role, body.bots)
        change.subject, change.after = key.key_id, _recorded(key)
    return MadeAdminKey(**key.model_dump(), key=token.get_secret_value())


@router.delete("/keys/{key_id}")
def revoke_key(key_id: str, operator: Owner) -> AdminKey:
    """End a key; within two seconds it is refused everywhere."""
    key = _visible(operator, key_id)
    with wiring.get_audit().change(operator, "admin_key.revoke", key.bots, key_id, before=_recorded(key)):
        return wiring.get_admin_keys().revoke(key_id)


@router.get("/bots/{bot_id}/keys")
def list_bot_keys(bot_id: str, _operator: BotOwner) -> list[ApiKey]:
    """Keys that programs call the bot with, the revoked ones too, oldest first."""
    return wiring.get_api_keys().all(bot_id)


@router.post("/bots/{bot_id}/keys", status_code=201)
def create_bot_key(bot_id: str, body: NewBotKey, operator: BotOwner) -> MadeBotKey:
    """Make a key for a program."""
    with wiring.get_audit().change(operator, "bot_key.create", [bot_id]) as change:
        key, token = wiring.get_api_keys().create(bot_id, body.name, body.rate_per_minute)
        change.subject, change.after = key.key_id, _recorded(key)
    return MadeBotKey(**key.model_dump(), key=token.get_secret_value())


@router.delete("/bots/{bot_id}/keys/{key_id}")
def revoke_bot_key(bot_id: str, key_id: str, operator: BotOwner) -> ApiKey:
    """End a program's key; within two seconds it is refused everywhere."""
    if all(key.key_id != key_id for key in wiring.get_api_keys().all(bot_id)):
        raise ApiKeyNotFound
    with wiring.get_audit().change(operator, "bot_key.revoke", [bot_id], key_id):
        return wiring.get_api_keys().revoke(bot_id, key_id)


def _visible(operator: Operator, key_id: str) -> AdminKey:
    """A key of the owner's bots alone. Raises `AdminKeyNotFound`, also for others'."""
    key = wiring.get_admin_keys().get(key_id)
    if not operator.sees_all(key.bots):
        raise AdminKeyNotFound
    return key


def _recorded(key: AdminKey | ApiKey) -> dict[str, Any]:
    """What the record of changes says of a key."""
    told: dict[str, Any] = key.model_dump(mode="json", include={"name", "role", "bots", "rate_per_minute", "ends_with"})
    return told


app = create_app(router)
handler = Mangum(app, lifespan="off")
