"""What contents may link to and show: `https` alone, and of media only what stands on hosts that the operator names.

Never loses text. A link whose target may not stay becomes its own label; what only looks like one, as
`[정산](예정)`, gets a space in its middle, which Markdown reads as text. HTML is not looked at: the page renders
none. Nor are bare addresses, which are text.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from shared.models import Content, Media

_KINDS = {
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg"), "image"),
    **dict.fromkeys((".mp4", ".webm", ".mov", ".m4v"), "video"),
}
_HOST = re.compile(r"[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)*")  # no sign that Markdown or a URL decodes
# What browsers and Markdown change in an address before they follow it
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\\<>\"`]")
_SCHEME = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:|//)")
_TARGET = r"<[^<>\n]*>|[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*"
_LINK = re.compile(
    rf"(?P<image>!?)\[(?P<label>(?:\\.|[^\[\]\\])*)\]"
    rf"\(\s*(?P<target>{_TARGET})(?:\s+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?\s*\)"
)
_OPENED = re.compile(r"\]\((?=\s*(?P<target><[^<>\n]*>|[^\s()<>]*))")  # whatever a parser makes of the rest
_DEFINED = re.compile(r"(?m)(?<=\]):(?=[\s>]*(?P<target><[^<>\n]*>|[^\s<>]+)(?P<alone>[ \t]*(?:[\"'(].*)?$)?)")
_AUTOLINK = re.compile(  # as CommonMark has them: addresses, and those of mail
    r"<(?P<target>[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*|[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9][A-Za-z0-9.-]*)>"
)
_SHOWN = 80  # characters of an address in a warning
_NESTED = 20  # links in labels of links; what is nested deeper is broken apart instead


@dataclass(frozen=True)
class Allowed:
    """Hosts: `example.com` is that one, `*.example.com` those below it.

    Parameters
    ----------
    media_hosts
        Where images and videos may stand; none: nowhere.
    link_hosts
        Where links may lead; none: anywhere.
    """

    media_hosts: Sequence[str] = ()
    link_hosts: Sequence[str] = ()


def kind_of(url: str) -> str | None:
    """`image` or `video`, by the address's ending; `None` when it does not tell."""
    try:
        return _KINDS.get(PurePosixPath(urlsplit(url).path).suffix.lower())
    except ValueError:
        return None


def moderated(contents: Iterable[Content], allowed: Allowed) -> tuple[list[Content], list[tuple[str, str]]]:
    """The contents without what they may not link to or show, and for each such thing the content's id and a reason.

    Those with nothing of it are the same objects, so that their digests stay.
    """
    result: list[Content] = []
    warnings: list[tuple[str, str]] = []
    for content in contents:
        told: list[str] = []
        result.append(_moderated(content, allowed, told))
        warnings += [(content.faq_id, reason) for reason in dict.fromkeys(told)]
    return result, warnings


def moderated_text(text: str, allowed: Allowed, told: list[str]) -> str:
    """Markdown whose links all lead to `https`, and to hosts that are allowed. Reasons are added to `told`."""
    if not any(sign in text for sign in ("](", "]:", "<")):
        return text

    def problem(found: re.Match[str]) -> str | None:
        return _problem(_bare(found["target"]), allowed.link_hosts)

    def keeps(found: re.Match[str]) -> bool:
        return problem(found) is None

    def label_of(found: re.Match[str]) -> str:
        target = _bare(found["target"])
        if keeps(found) or not _SCHEME.match(target):
            return found[0]
        told.append(_reason("link", target, problem(found)))
        return found["label"]

    def text_of(found: re.Match[str]) -> str:
        if keeps(found):
            return found[0]
        told.append(_reason("link", found["target"], problem(found)))
        return f"< {found['target']}>"

    def apart(found: re.Match[str]) -> str:
        return found[0] if keeps(found) else f"{found[0][:-1]} {found[0][-1]}"

    def defined(found: re.Match[str]) -> str:
        if keeps(found) or (found["alone"] is None and not _SCHEME.match(_bare(found["target"]))):
            return found[0]
        return " :"

    text = _without_links(text, label_of)
    text = _AUTOLINK.sub(text_of, text)
    return _OPENED.sub(apart, _DEFINED.sub(defined, text))


def _moderated(content: Content, allowed: Allowed, told: list[str]) -> Content:
    changes: dict[str, object] = {}
    if (text := moderated_text(content.content, allowed, told)) != content.content:
        changes["content"] = text
    answers = {kind: moderated_text(text, allowed, told) for kind, text in content.service_answers.items()}
    if answers != content.service_answers:
        changes["service_answers"] = answers
    if content.url and (problem := _problem(content.url, allowed.link_hosts)):
        told.append(_reason("url", content.url, problem))
        changes["url"] = None
    media = [one for one in content.media if _may_show(one, allowed, told)]
    if media != content.media:
        changes["media"] = media
    return content.model_copy(update=changes) if changes else content


def _may_show(media: Media, allowed: Allowed, told: list[str]) -> bool:
    if not allowed.media_hosts:
        problem: str | None = "no host is allowed (MEDIA_HOSTS)"
    else:
        problem = _problem(media.url, allowed.media_hosts)
    if problem is not None:
        told.append(_reason(media.kind, media.url, problem))
    return problem is None


def _problem(url: str, hosts: Sequence[str]) -> str | None:
    """Why an address may not be followed; `None` when it may. Without `hosts`, any host may."""
    if not url.lower().startswith("https://"):
        return "not https"
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return "no address"
    if _UNSAFE.search(url) or "@" in parts.netloc or not _HOST.fullmatch(host):
        return "no plain address"
    if hosts and not any(_is_host(host, one.lower()) for one in hosts):
        return "host not allowed"
    return None


def _is_host(host: str, allowed: str) -> bool:
    return host.endswith(allowed[1:]) and host != allowed[2:] if allowed.startswith("*.") else host == allowed


def _without_links(text: str, replace: Callable[[re.Match[str]], str]) -> str:
    """Replace links until nothing changes: one may stand in another's label."""
    for _ in range(_NESTED):
        changed = _LINK.sub(replace, text)
        if changed == text:
            break
        text = changed
    return text


def _bare(target: str) -> str:
    return target[1:-1].strip() if target.startswith("<") else target


def _reason(what: str, url: str, problem: str | None) -> str:
    return f"{what} {url[:_SHOWN]!r} dropped: {problem}"
