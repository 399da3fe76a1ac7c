"""Where links may lead and what may be shown, in Markdown: `https` alone, on hosts that the operator names.

Never loses text. A link whose target may not stay becomes its own label; what only looks like one, as
`[정산](예정)`, gets a space in its middle, which Markdown reads as text. HTML is not looked at: the page renders
none, and `shared.indexing.moderation` drops it from contents. Bare addresses are text, which some pages make links of:
where hosts are named, others get a space, too, also those whose signs are escaped or character references: where
Markdown is read they are addresses like any other. Where none are named, `www.example.com` stays as it is: any host may
be led to, and haedap's own page makes no link of it, since it names no https.
"""

import re
from bisect import bisect_left
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlsplit

from shared.lazy_patterns import lazy

_HOST = lazy(r"[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)*")  # no sign that Markdown or a URL decodes
# What browsers and Markdown change in an address before they follow it
_UNSAFE = lazy(r"[\x00-\x20\x7f-\x9f\\<>\"`]")
_SCHEME = lazy(r"(?:[A-Za-z][A-Za-z0-9+.-]*:|//)")
_TARGET = r"<[^<>\n]*>|[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*"
_LINK = lazy(
    rf"(?P<image>!?)\[(?P<label>(?:\\.|[^\[\]\\])*)\]"
    rf"\(\s*(?P<target>{_TARGET})(?:\s+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?\s*\)"
)
_OPENED = lazy(r"\]\((?=\s*(?P<target><[^<>\n]*>|[^\s()<>]*))")  # whatever a parser makes of the rest
_DEFINED = lazy(r"(?m)(?<=\]):(?=[\s>]*(?P<target><[^<>\n]*>|[^\s<>]+)(?P<alone>[ \t]*(?:[\"'(].*)?$)?)")
_AUTOLINK = lazy(  # as CommonMark has them: addresses, and those of mail
    r"<(?P<target>[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*|[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9][A-Za-z0-9.-]*)>"
)
_SHOWN = 80  # characters of an address in a warning
_READ = 300  # characters of a bare address: a host has 253 at most
_BARE = lazy(rf"(?i)(?<![a-z0-9])(?P<sign>https?://|www\.)(?=(?P<rest>[^\s<]{{1,{_READ}}}))")
_SHOWN_BY_TAG = lazy(r"(?i)<(?:img|video|audio|source)\s[^<>]*?(?<![\w-])(?:src|poster)\s*=\s*[\"']?")
_TAG_BEGINS = 2_000  # characters before an address, at most
_AUTHORITY = lazy(r"[A-Za-z0-9.:-]*")
_ENDS_ADDRESS = frozenset(")]}'\"*_~,!;|·…”’」』")  # behind a host; what else stands there may be a part of another one
_NESTED = 20  # links in labels of links; what is nested deeper is broken apart instead


def _written(sign: str, *names: str) -> str:
    """A sign of an address in Markdown: itself, escaped, or a character reference."""
    codes = [form for code in {ord(sign), ord(sign.upper())} for form in (f"#0*{code}", f"#x0*{code:x}")]
    escape = "" if sign.isalnum() else r"\\?"
    return rf"(?:{escape}{re.escape(sign)}|&(?:{'|'.join([*codes, *names])});)"


_SLASH = _written("/", "sol")
_DISGUISED = lazy(
    rf"(?i)(?<![a-z0-9])(?:{''.join(map(_written, 'http'))}{_written('s')}?{_written(':', 'colon')}{_SLASH}{_SLASH}"
    rf"|{_written('w') * 3}{_written('.', 'period')})"
)
# Of a stream: what no link, image or address can begin with, as far as what follows tells
_SIGN = r"[\\&].*"  # perhaps a sign of an address, written otherwise
_BEGINS_ADDRESS = (
    rf"(?:h(?:{_SIGN}|t(?:{_SIGN}|t(?:{_SIGN}|p(?:{_SIGN}|s?(?:{_SIGN}|:(?:{_SIGN}|/(?:{_SIGN}|/.*)?)?)?)?)?)?)?"
    rf"|w(?:{_SIGN}|w(?:{_SIGN}|w(?:{_SIGN}|\..*)?)?)?)"
)
_HARMLESS = lazy(
    rf"(?is)(?:[^\[\]!<&hw]+|&(?=[^#])|[hw](?<!(?<![a-z0-9])[hw])|(?!{_BEGINS_ADDRESS}\Z)[hw]"
    r"|\[(?:(?!https?[:&]|www[.&]|&#)[^\[\]\\\n<])*\](?=[^(:])|!(?=[^\[])|<(?=[^a-z0-9.!#$%&'*+/=?^_`{|}~-]))*"
)
_BLOCK = lazy(r"\n[ \t]*\n")
_OPEN_END = lazy(r"\]:(?=[\s>]*\Z)")


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

    def link_problem(self, url: str) -> str | None:
        """Why an address may not be followed; `None` when it may."""
        return _problem(url, self.link_hosts)

    def media_problem(self, url: str) -> str | None:
        """Why what stands there may not be shown; `None` when it may."""
        return _problem(url, self.media_hosts) if self.media_hosts else "no host is allowed (MEDIA_HOSTS)"


ANYWHERE = Allowed()


def moderated_text(text: str, allowed: Allowed, told: list[str], *, whole: bool = True) -> str:
    """Markdown whose links and images all stand where they may. Reasons are added to `told`.

    Parameters
    ----------
    whole
        Whether this is all of it: else what is defined here may be shown as an image elsewhere.
    """
    if "&" in text or "\\" in text:
        text = _DISGUISED.sub(lambda found: unescape(found[0].replace("\\", "")), text)
    if not any(sign in text for sign in ("](", "]:", "<", "//")) and "www." not in text.lower():
        return text
    for _ in range(_NESTED):
        changed = _moderated(text, allowed, told, whole=whole)
        if changed == text:
            break
        text = changed  # a space may have made a definition of what was none
    return text


def _moderated(text: str, allowed: Allowed, told: list[str], *, whole: bool) -> str:
    """What one look makes of it."""

    def problem(found: re.Match[str]) -> str | None:
        check = allowed.media_problem if found["image"] else allowed.link_problem
        return check(_bare(found["target"]))

    def label_of(found: re.Match[str]) -> str:
        target = _bare(found["target"])
        if (why := problem(found)) is None or not _SCHEME.match(target):
            return found[0]
        told.append(reason("image" if found["image"] else "link", target, why))
        return found["label"]

    def text_of(found: re.Match[str]) -> str:
        if (why := allowed.link_problem(found["target"])) is None:
            return found[0]
        told.append(reason("link", found["target"], why))
        return f"< {found['target']}>"

    text = _AUTOLINK.sub(text_of, _without_links(text, label_of))
    text = _defined(text, allowed, told, shows=not whole or "![" in text)
    kept = {found.end("label"): found.span() for found in _LINK.finditer(text) if problem(found) is None}
    text = _opened(text, allowed, kept, told)
    return _bare_apart(text, allowed, problem, told) if allowed.link_hosts else text


async def allowed_links(pieces: AsyncGenerator[str, None], allowed: Allowed) -> AsyncGenerator[str, None]:
    """A stream of Markdown, whose links and images all stand where they may, however it is cut.

    Text is held back only while it could still become one: a link until it is whole, what looks like one until its
    paragraph ends. `pieces` is closed at the end, however it comes.
    """
    held = ""
    async with aclosing(pieces):
        async for piece in pieces:
            said, held = _decided(held + piece, allowed)
            if said:
                yield said
    if held:
        yield moderated_text(held, allowed, [], whole=False)


def reason(what: str, url: str, problem: str | None) -> str:
    """One line for the operator."""
    return f"{what} {url[:_SHOWN]!r} dropped: {problem}"


def _decided(text: str, allowed: Allowed) -> tuple[str, str]:
    """What of a text may be said whatever follows it, and the rest."""
    said, at = [], 0
    while True:
        harmless = _HARMLESS.match(text, at)
        assert harmless is not None  # it matches nothing, too
        said.append(harmless[0])
        at = harmless.end()
        link = _LINK.match(text, at)
        whole = link is not None and link.end() < len(text) and not set("\\<") & set(link["label"])
        if link is not None and whole and moderated_text(link[0], allowed, []) == link[0]:
            end = link.end()
        elif block := _BLOCK.search(text, at):
            end = block.end()
        else:
            return "".join(said), text[at:]
        said.append(_OPEN_END.sub("] :", moderated_text(text[at:end], allowed, [], whole=False)))
        at = end


def _defined(text: str, allowed: Allowed, told: list[str], *, shows: bool) -> str:
    """Definitions of links apart that may not stay, or that an image may use."""

    def apart(found: re.Match[str]) -> str:
        target = _bare(found["target"])
        problem = allowed.link_problem(target) or (allowed.media_problem(target) if shows else None)
        is_text = found["alone"] is None and not _SCHEME.match(target)
        if problem is None or is_text:
            return found[0]
        told.append(reason("link", target, problem))
        return " :"

    return _DEFINED.sub(apart, text)


def _opened(text: str, allowed: Allowed, kept: dict[int, tuple[int, int]], told: list[str]) -> str:
    """What a parser may take for a link or an image apart, but those that were `kept`, by where their label ends."""
    kept_starts = {start for start, _ in kept.values()}
    images = [one.start() for one in re.finditer(r"!\[", text) if one.start() not in kept_starts]

    def apart(found: re.Match[str]) -> str:
        if found.start() in kept:
            return found[0]
        target, at = _bare(found["target"]), found.start()
        nearest = bisect_left(images, at) - 1
        shows = nearest >= 0 and text.find("\n\n", images[nearest], at) < 0
        problem = allowed.link_problem(target) or (allowed.media_problem(target) if shows else None)
        if problem is None:
            return found[0]
        if _SCHEME.match(target):  # what has none is text, or leads into the page itself
            told.append(reason("link", target, problem))
        return f"{found[0][:-1]} {found[0][-1]}"

    return _OPENED.sub(apart, text)


def _bare_apart(text: str, allowed: Allowed, problem: Callable[[re.Match[str]], str | None], told: list[str]) -> str:
    """Bare addresses apart that lead elsewhere, so that no page makes links of them."""
    spans = [found.span() for found in _LINK.finditer(text) if problem(found) is None]

    def apart(found: re.Match[str]) -> str:
        if any(start <= found.start() < end for start, end in spans):
            return found[0]
        www = "" if "/" in found["sign"] else found["sign"]
        authority = re.split(r"[/?#]", www + found["rest"], maxsplit=1)[0]
        host = _AUTHORITY.match(authority)
        assert host is not None  # it matches nothing, too
        behind = authority[host.end() : host.end() + 1]
        scheme = "https://" if www else found["sign"]
        check = allowed.media_problem if _is_shown(text, found.start()) else allowed.link_problem
        why = check(scheme + host[0].rstrip(".:-"))
        if why is None and len(authority) < _READ and (not behind or behind in _ENDS_ADDRESS):
            return found[0]
        told.append(reason("address", found["sign"] + found["rest"], why or "no plain address"))
        return f"{found['sign']} "

    return _BARE.sub(apart, text)


def _is_shown(text: str, at: int) -> bool:
    """Whether the address at this place is what a tag shows, as an image: no page makes a link of that."""
    begins = text.rfind("<", max(0, at - _TAG_BEGINS), at)
    return begins >= 0 and _SHOWN_BY_TAG.fullmatch(text, begins, at) is not None and not _BLOCK.search(text, begins, at)


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
