"""What of Notion is read: a database or a page with the pages below it, named by its address or its id."""

import re
from typing import Literal, TypeAlias
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from shared.errors import InvalidInput
from shared.models import Model

Kind: TypeAlias = Literal["database", "page"]

_ID = re.compile(r"(?i)(?<![0-9a-f])(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-f])")
_HOSTS = ("notion.so", "notion.com", "notion.site")
_NO_ADDRESS = "Notion의 주소나 ID가 아닙니다. Notion에서 ‘링크 복사’로 얻은 주소를 적어 주세요."


class Target(Model):
    """A database, or a page and all below it; `id` is a UUID with hyphens."""

    kind: Kind
    id: str


def target_of(kind: Kind, text: str) -> Target:
    """The target of an address that Notion's “copy link” gives, or of an id.

    Raises
    ------
    InvalidInput
        When it is neither.

    >>> target_of("page", "https://www.notion.so/ws/FAQ-0123456789abcdef0123456789abcdef").id
    '01234567-89ab-cdef-0123-456789abcdef'
    """
    text = text.strip()
    found = _ID.findall(text) if "://" not in text else _in_address(kind, text)
    if not found:
        raise InvalidInput(_NO_ADDRESS)
    return Target(kind=kind, id=str(UUID(found[-1])))


def is_of_notion(address: str) -> bool:
    """Whether it leads to Notion itself, where customers would have to log in. Published sites are read by anybody."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return False
    return any(host == one or host.endswith(f".{one}") for one in _HOSTS[:2])


def _in_address(kind: Kind, text: str) -> list[str]:
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return []
    if not any(host == one or host.endswith(f".{one}") for one in _HOSTS):
        return []
    opened = parse_qs(parts.query).get("p", []) if kind == "page" else []  # a page that is open beside its database
    return _ID.findall(opened[0]) if opened else _ID.findall(parts.path)
