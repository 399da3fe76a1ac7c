"""The names of a Korean text: menu paths, what is quoted, Latin words, companies. Pure functions."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from shared.answering.companies import companies
from shared.lazy_patterns import lazy

_BRACKETED = r"\[(?P<bracketed>[^\[\]\n]{1,60})\](?!\()|「(?P<corner>[^」\n]{1,40})」|『(?P<double>[^』\n]{1,40})』"
_QUOTED = (
    r"‘(?P<curly>[^’\n]{1,30})’|“(?P<curlies>[^”\n]{1,30})”|(?<!\w)'(?P<single>[^'\n]{1,30})'"
    r'|"(?P<doubled>[^"\n]{1,30})"|`(?P<code>[^`\n]{1,40})`'
)
_PATH = r"(?P<path>[\w()·-]+(?:\s?[>→›▶]\s?[\w()·-]+)+)"
_ADDRESS = r"(?P<address>https?://\S+|[\w.+-]+@[\w-]+\.[\w.-]+|(?:[A-Za-z0-9-]+\.){1,4}[a-z]{2,}(?:/[^\s가-힣]*)?)"
_LATIN = r"(?<![A-Za-z0-9_°])(?P<latin>[A-Za-z][A-Za-z0-9]*(?:[-+&'][A-Za-z0-9]+)*)"
_NAME = lazy(f"{_BRACKETED}|{_QUOTED}|{_PATH}|{_ADDRESS}|{_LATIN}")
_LATIN_WORD = lazy("[a-z][a-z0-9]*")
_LATIN_NAME = lazy(_LATIN)
_STEP = lazy(r"\s*[>→›▶]\s*")
_SENTENCE = lazy(r"(?:[다요죠까]|세요)[.?!]?$")
_SIGNS = lazy(r"[\W_]+")
# What a name may be followed by, written inside its quotes or not: it adds no name
_KIND = lazy(r"(?:버튼|메뉴|탭|화면|페이지|항목|아이콘|링크|앱)$")
_PARTICLE = lazy(r"(?:에서|으로|까지|부터|이나|에|로|을|를|이|가|은|는|의|과|와|도|란)$")
# Latin words that name nothing, or that FAQs write in Korean as often
_COMMON = frozenset(("am", "pm", "ok", "q", "a", "o", "x", "n", "vs", "step", "tip", "faq", "no", "yes", "on", "off"))
_KOREAN = {
    **{
        "ios": "아이폰",
        "galaxy": "갤럭시",
        "sms": "문자",
        "pc": "컴퓨터",
        "app": "앱",
        "id": "아이디",
        "url": "주소",
        "qr": "큐알",
        "ars": "자동응답",
    },
    **{
        "email": "메일",
        "mail": "메일",
        "wifi": "와이파이",
        "iphone": "아이폰",
        "android": "안드로이드",
        "vip": "브이아이피",
    },
    **{
        "google": "구글",
        "apple": "애플",
        "naver": "네이버",
        "kakao": "카카오",
        "kakaotalk": "카카오톡",
        "link": "링크",
    },
    **{"samsung": "삼성", "youtube": "유튜브", "instagram": "인스타그램", "facebook": "페이스북", "windows": "윈도우"},
    **{
        "chrome": "크롬",
        "bluetooth": "블루투스",
        "usb": "유에스비",
        "pdf": "피디에프",
        "excel": "엑셀",
        "otp": "오티피",
    },
}


_AS_LATIN = {korean: [latin for latin, one in _KOREAN.items() if one == korean] for korean in set(_KOREAN.values())}


@dataclass(frozen=True)
class Name:
    """One name as it is written, where it stands in the text in compatibility form, and its parts: a path's steps."""

    text: str
    parts: tuple[str, ...]
    start: int
    end: int
    latin: bool = False


@dataclass(frozen=True)
class Named:
    """What a text holds that a name could be found in: its letters in a row, and its Latin words."""

    letters: str
    latin: frozenset[str]

    def holds(self, name: Name) -> bool:
        """Whether the text has every part of a name, with whatever spaces, signs and cases."""
        if name.latin:
            return self._latin(name.parts[0])
        return all(self._part(part) for part in name.parts)

    def _part(self, part: str) -> bool:
        bare = _KIND.sub("", part)
        forms = {part, bare, _PARTICLE.sub("", part), _KIND.sub("", _PARTICLE.sub("", part))}
        return any(form and form in self.letters for form in forms) or not self.latin.isdisjoint(
            _AS_LATIN.get(part, ())
        )

    def _latin(self, word: str) -> bool:
        if word in _COMMON or word in self.latin or (len(word) > 3 and word in self.letters):
            return True
        return word in _KOREAN and _KOREAN[word] in self.letters


def read(text: str) -> Iterator[Name]:
    """The names of a text, companies last. Quoted sentences, citation marks and the labels of links are none.

    >>> [one.parts for one in read("[설정 > 회원 탈퇴]에서 '탈퇴하기'를")]
    [('설정', '회원탈퇴'), ('탈퇴하기',)]
    """
    text = plain(text)
    told: list[tuple[int, int]] = []
    for match in _NAME.finditer(text):
        kind = str(match.lastgroup)
        inside = match[kind].strip()
        if kind == "latin":
            yield Name(inside, (letters(inside),), match.start(), match.end(), latin=True)
            continue
        if kind == "address" or not (kind in ("bracketed", "path") or not _SENTENCE.search(inside)):
            continue
        parts = tuple(filter(None, map(letters, _STEP.split(inside))))
        if parts and not all(part.isdigit() for part in parts):
            yield Name(inside, parts, match.start(), match.end())
            told.append(match.span())
    for match in companies(text):
        if not any(start <= match.start() < end for start, end in told):
            yield Name(match[0], (letters(match[0]),), match.start(), match.end())


def named(text: str) -> Named:
    """A text as names are looked up in it."""
    text = plain(text)
    joined = (letters(name) for name in _LATIN_NAME.findall(text))
    return Named(letters(text), frozenset((*_LATIN_WORD.findall(text.casefold()), *joined)))


def plain(text: str) -> str:
    """A text in compatibility form, in which names are read."""
    return unicodedata.normalize("NFKC", text)


def letters(text: str) -> str:
    """Letters and digits in a row, in one case."""
    return _SIGNS.sub("", text).casefold()
