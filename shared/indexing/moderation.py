"""What contents may link to and show: see `shared.links`. What may not stay is dropped when they are imported.

That holds for Markdown, raw HTML and bare addresses alike. Code is left as it is: it is read, not followed.
"""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from shared.indexing.notations import Code, bare_apart, without_tags
from shared.links import Allowed, moderated_text, reason
from shared.models import Content, Media

_ADDRESS = re.compile(r"(?i)://|www\.")
_HOST = re.compile(r"(?i)https://([a-z0-9.-]+)")
_KINDS = {
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg"), "image"),
    **dict.fromkeys((".mp4", ".webm", ".mov", ".m4v"), "video"),
}


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


def linked_hosts(contents: Iterable[Content]) -> Counter[str]:
    """The hosts that contents lead to, each with how many do: what `LINK_HOSTS` may name."""
    hosts: Counter[str] = Counter()
    for content in contents:
        texts = content.url or "", content.content, *content.service_answers.values()
        hosts.update({host.lower() for text in texts for host in _HOST.findall(text)})
    return hosts


def moderated_content(text: str, allowed: Allowed, told: list[str]) -> str:
    """A content's text whose links and media all stand where they may, however they are written."""
    if not any(sign in text for sign in ("<", ":", "//", "](", "&", "\\")) and "www." not in text.lower():
        return text
    code = Code(text)
    prose = moderated_text(without_tags(code.prose, allowed, told), allowed, told)
    return code.put_back(bare_apart(prose, told))


def _moderated(content: Content, allowed: Allowed, told: list[str]) -> Content:
    changes: dict[str, object] = {}
    if (text := moderated_content(content.content, allowed, told)) != content.content:
        changes["content"] = text
    if (title := _title(content.title, allowed, told)) != content.title:
        changes["title"] = title
    answers = {kind: moderated_content(text, allowed, told) for kind, text in content.service_answers.items()}
    if answers != content.service_answers:
        changes["service_answers"] = answers
    if content.url and (problem := allowed.link_problem(content.url)):
        told.append(reason("url", content.url, problem))
        changes["url"] = None
    media = [one for one in content.media if _may_show(one, allowed, told)]
    if media != content.media:
        changes["media"] = media
    return content.model_copy(update=changes) if changes else content


def _title(title: str, allowed: Allowed, told: list[str]) -> str:
    """A title is no Markdown, but stands in it: a bare address is a link there."""
    return bare_apart(moderated_text(title, allowed, told), told) if _ADDRESS.search(title) else title


def _may_show(media: Media, allowed: Allowed, told: list[str]) -> bool:
    if (problem := allowed.media_problem(media.url)) is not None:
        told.append(reason(media.kind, media.url, problem))
    return problem is None
