"""Arguments and secrets, put where a source's request has a place for them. No I/O."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from shared.bot import HttpSource
from shared.errors import SourceUnavailable
from shared.sources.addresses import is_named, parse
from shared.sources.base import ArgumentsInvalid, Secret

ARGUMENT = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
SECRET = re.compile(r"\{secret:([A-Za-z][A-Za-z0-9_]*)\}")
# Percent-encoded all the same; but servers in front of servers are known to decode them, and to resolve dots after that
_LEAVES_SEGMENT = re.compile(r"[/\\%\x00-\x1f\x7f-\x9f\ud800-\udfff]")

URL_PARTS = re.compile(r"(?P<start>https?://[^/?#\\]+)(?P<path>[^?#]*)(?P<query>\?[^#]*)?", re.IGNORECASE)


def filled_url(source: HttpSource, arguments: Mapping[str, Any]) -> httpx.URL:
    """The address to ask.

    Raises
    ------
    ArgumentsInvalid
        When an argument can't be part of one segment of the path.
    ValueError
        When the source's URL is none.
    """
    parts = URL_PARTS.fullmatch(source.url)
    if parts is None:
        raise ValueError("no address of a web server")
    path = "/".join(_segment(segment, arguments) for segment in parts["path"].split("/"))
    url = parse(f"{parts['start']}{path}{parts['query'] or ''}")
    query = [(key, one) for key, template in source.query.items() for one in _values(template, arguments)]
    return url.copy_with(params=url.params.merge(_grouped(query))) if query else url


def filled_body(source: HttpSource, arguments: Mapping[str, Any]) -> bytes | None:
    """The JSON to send, if any."""
    if source.body is None:
        return None
    return json.dumps(_filled(source.body, arguments), ensure_ascii=False).encode("utf-8")


def filled_headers(source: HttpSource, url: httpx.URL, secrets: Mapping[str, Secret]) -> dict[str, str]:
    """The source's own headers, for `url` and no other place.

    Raises
    ------
    SourceUnavailable
        When a secret is not set, or may not be told to this host.
    """

    def told(match: re.Match[str]) -> str:
        if (problem := withheld(source, url, match[1], secrets)) is not None:
            raise SourceUnavailable(detail=f"{source.source_id}: {problem}")
        return secrets[match[1]].value.get_secret_value()

    return {name: SECRET.sub(told, value) for name, value in source.headers.items()}


def withheld(source: HttpSource, url: httpx.URL, name: str, secrets: Mapping[str, Secret]) -> str | None:
    """Why a secret can't be sent to `url`, if so; the words name it and do not tell it."""
    if name not in secrets:
        return f"the secret {name} is not in BOT_SECRETS"
    if not is_named(url, secrets[name].hosts):
        return f"the secret {name} is not for this host"
    if url.scheme != "https" and not is_named(url, source.allowed_hosts):
        return f"the secret {name} would be sent unencrypted to a host that is not in allowed_hosts"
    return None


def _segment(template: str, arguments: Mapping[str, Any]) -> str:
    def encoded(match: re.Match[str]) -> str:
        text = _text(arguments[match[1]])
        if not text or _LEAVES_SEGMENT.search(text):
            raise ArgumentsInvalid(
                f"{match[1]}: must not be empty nor hold a slash, a backslash, % or control characters"
            )
        return quote(text, safe="")

    segment = ARGUMENT.sub(encoded, template)
    if segment != template and segment in (".", ".."):
        raise ArgumentsInvalid(f"{', '.join(ARGUMENT.findall(template))}: must not be dots alone")
    return segment


def _values(template: str, arguments: Mapping[str, Any]) -> list[str]:
    """The values of one key of the query: none, one, or those of a list."""
    value = _whole(template, arguments)
    return [] if value is None else [_text(one) for one in value] if isinstance(value, list) else [_text(value)]


def _grouped(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for key, value in pairs:
        grouped.setdefault(key, []).append(value)
    return grouped


def _filled(template: Any, arguments: Mapping[str, Any]) -> Any:
    match template:
        case str():
            return _whole(template, arguments)
        case dict():
            filled = {key: _filled(value, arguments) for key, value in template.items()}
            return {key: value for key, value in filled.items() if value is not None or template[key] is None}
        case list():
            values = [_filled(value, arguments) for value in template]
            return [value for value, one in zip(values, template, strict=True) if value is not None or one is None]
        case _:
            return template


def _whole(template: str, arguments: Mapping[str, Any]) -> Any:
    """A string with its arguments; `None` when one of them was not given."""
    if any(name not in arguments for name in ARGUMENT.findall(template)):
        return None
    if (alone := ARGUMENT.fullmatch(template)) is not None:
        return arguments[alone[1]]
    return ARGUMENT.sub(lambda match: _text(arguments[match[1]]), template)


def _text(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case list():
            return ",".join(map(_text, value))
        case _:
            return str(value)
