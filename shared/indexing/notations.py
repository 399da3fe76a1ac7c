"""Links and media of a content that are no Markdown: raw HTML and bare addresses; and its code, which holds none.

Code is what every reader of Markdown takes for it: fenced blocks, and spans that end on the line where they begin.
Where HTML or backticks that nobody closed make that doubtful, it is text.
"""

import re
from collections.abc import Iterator
from html import unescape

from shared.links import Allowed, reason

_FENCE = re.compile(r" {0,3}(?P<fence>`{3,}(?=[^`\n]*$)|~{3,})", re.MULTILINE)
_LINE = re.compile(r"[^\n]+|(?<=\n)(?=\n)")
_HTML_BLOCK = re.compile(r" {0,3}<[A-Za-z/!?]")
_LASTING_BLOCK = re.compile(r"(?i) {0,3}<(?:script|pre|style|textarea|[!?])")  # not ended by an empty line
_REST = r"(?:\"[^\"]*\"|'[^']*'|[^<>\"'])*"
_TOKEN = re.compile(rf"\\.|(?P<tag><[A-Za-z/!?]{_REST}>)|(?P<ticks>`+)", re.DOTALL)
_TICKS = re.compile("`+")
_PRIVATE = range(0xE000, 0xF900)  # characters that mean nothing by themselves

_TAG = re.compile(rf"<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9:-]*)(?P<rest>(?:[\s/]{_REST})?)>")
_ATTRIBUTE = re.compile(r"(?<![^\s\"'<>/=])(?P<name>[^\s\"'<>/=]+)\s*=\s*(?P<value>\"[^\"]*\"|'[^']*'|[^\s\"'<>]+)")
_LEADING = {"a", "area", "form", "button", "blockquote", "q", "ins", "del"}  # other tags show what they name
_NEVER = {  # what they do stands in no attribute's address
    "script": "it runs a script",
    "style": "it changes the page",
    "meta": "it changes the page",
    "base": "it changes the page",
    "animate": "it changes an address",
    "set": "it changes an address",
}
_ADDRESSES = {"href", "xlink:href", "src", "poster", "data", "action", "formaction", "background", "cite", "ping"}
_ADDRESSES |= {"lowsrc", "dynsrc"}  # of browsers that are gone
_SOURCE_SETS = {"srcset", "imagesrcset"}
_STYLE_URL = re.compile(r"(?i)url\(\s*[\"']?([^\"')]*)|[\"']([^\"']*//[^\"']*)")  # `image-set` takes strings
_BROKEN = re.compile(
    r"(?i)<(?=(?P<rest>[a-z][^<>]*[\s/\"'](?:href|src|srcset|poster|data|(?:form)?action|background)\s*=[^<>]*))"
)
_NESTED = 20  # tags in the pieces of tags; what is nested deeper is broken apart instead
_BARE = re.compile(  # a whole https address is passed over: it may hold another one
    r"(?i)https://[^\s<>]*"
    r"|(?<![a-z0-9])(?P<sign>javascript:|vbscript:|[a-z][a-z0-9+.-]{1,31}://|data:(?=[a-z]+/)|mailto:)"
    r"(?=(?P<rest>[^\s<]{1,300}))"
)


class Code:
    """The code of a text, which `prose` holds signs for."""

    def __init__(self, text: str) -> None:
        self._mark = next(sign for sign in map(chr, _PRIVATE) if sign not in text)
        self._pieces: list[str] = []
        said, at = [], 0
        for start, end in _code_in(text):
            said += [text[at:start], f"<{self._mark}{len(self._pieces)}{self._mark}>"]
            self._pieces.append(text[start:end])
            at = end
        self.prose = "".join([*said, text[at:]])

    def put_back(self, prose: str) -> str:
        """A changed prose, with the code where its signs are."""
        return re.sub(f"<{self._mark}(\\d+){self._mark}>", lambda found: self._pieces[int(found[1])], prose)


def without_tags(text: str, allowed: Allowed, told: list[str]) -> str:
    """A text without the tags that lead, or show what stands, where they may not; what they enclose, or say, stays."""
    for _ in range(_NESTED):
        changed = _without_tags(text, allowed, told)
        if changed == text:
            break
        text = changed  # what was around a tag may be one now
    else:
        text = re.sub(r"<(?=[A-Za-z/])", "< ", text)
    return _BROKEN.sub(lambda found: _broken(found, told), text)


def bare_apart(text: str, told: list[str]) -> str:
    """A text whose bare addresses are all https: others get a space, so that no page makes links of them."""

    def apart(found: re.Match[str]) -> str:
        if found["sign"] is None:
            return found[0]
        told.append(reason("address", found["sign"] + found["rest"], "not https"))
        return f"{found['sign']} "

    return _BARE.sub(apart, text)


def _without_tags(text: str, allowed: Allowed, told: list[str]) -> str:
    opened: dict[str, list[bool]] = {}  # whether each open tag of a name was dropped

    def kept(found: re.Match[str]) -> str:
        name = found["name"].lower()
        if found["end"]:
            return "" if (open_ones := opened.get(name)) and open_ones.pop() else found[0]
        problems = list(_problems(name, found["rest"], allowed))
        told.extend(problems)
        opened.setdefault(name, []).append(bool(problems))
        return _said_instead(found["rest"]) if problems else found[0]

    return _TAG.sub(kept, text)


def _said_instead(attributes: str) -> str:
    """What an image says to who cannot see it."""
    return next((_value(one) for one in _ATTRIBUTE.finditer(attributes) if one["name"].lower() == "alt"), "")


def _value(attribute: re.Match[str]) -> str:
    return unescape(attribute["value"].strip("\"'")).strip()


def _problems(name: str, attributes: str, allowed: Allowed) -> Iterator[str]:
    what = "link" if name in _LEADING else "image" if name == "img" else "tag"
    check = allowed.link_problem if name in _LEADING else allowed.media_problem
    if name in _NEVER:
        yield reason(what, name, _NEVER[name])
    for found in _ATTRIBUTE.finditer(attributes):
        attribute, value = found["name"].lower(), _value(found)
        if attribute.startswith("on"):
            yield reason(what, value, "it runs a script")
        elif attribute == "srcdoc":
            yield reason(what, value, "it is a page of its own")
        addresses = [value] if attribute in _ADDRESSES else []
        if attribute in _SOURCE_SETS:
            addresses = [one.split()[0] for one in value.split(",") if one.strip()]
        elif attribute == "style":
            if "\\" in value:
                yield reason(what, value, "an address may be hidden in it")
            addresses = [one or quoted for one, quoted in _STYLE_URL.findall(value)]
        yield from (reason(what, one, why) for one in addresses if (why := check(one)) is not None)


def _broken(found: re.Match[str], told: list[str]) -> str:
    """A tag that is not closed as it should be, which some pages mend."""
    if _TAG.match(found.string, found.start()):
        return found[0]
    told.append(reason("tag", found["rest"], "no whole tag"))
    return "< "


def _code_in(text: str) -> Iterator[tuple[int, int]]:
    """Where code begins and ends, in order (CommonMark 0.31, sections 4.5 and 6.1)."""
    begun, fence, fenced_at = 0, "", 0  # `begun` is where the paragraph does
    in_html = lasting = False
    for line in _LINE.finditer(text):
        said = line[0].strip()
        if fence:
            if len(said) >= len(fence) and set(said) == {fence[0]}:
                yield fenced_at, line.end()
                begun, fence = line.end(), ""
            continue
        if not said:
            yield from _spans(text, begun, line.start())
            begun, in_html = line.end(), lasting
        elif not in_html and (found := _FENCE.match(text, line.start(), line.end())):
            yield from _spans(text, begun, line.start())
            fence, fenced_at = found["fence"], line.start()
        elif _HTML_BLOCK.match(line[0]):
            in_html, lasting = True, lasting or bool(_LASTING_BLOCK.match(line[0]))
    if fence:
        yield fenced_at, len(text)
    else:
        yield from _spans(text, begun, len(text))


def _spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Those of one paragraph, up to where it gets doubtful."""
    while found := _TOKEN.search(text, start, end):
        start = found.end()
        if "`" in (found["tag"] or ""):
            return
        if found["ticks"] is None:
            continue
        closing = next((one for one in _TICKS.finditer(text, start, end) if one[0] == found["ticks"]), None)
        if closing is None:
            continue
        if "\n" in text[start : closing.start()]:
            return
        yield found.start(), closing.end()
        start = closing.end()
