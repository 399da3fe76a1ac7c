"""E-mail addresses, also as they are dictated: "abc 골뱅이 naver.com"."""

import re
from collections.abc import Iterator

from shared.personal.context import Place, detector

_AT = r" ?(?:@|골뱅이|[(\[]at[)\]]) ?"
_PROVIDER = r"(?:naver|gmail|daum|hanmail|nate|kakao|hotmail|outlook|yahoo|icloud)(?![a-z0-9])"
_DOT = r"(?:\.| ?(?:점|닷|쩜) ?|,(?=(?:com|net|kr|co)\b))"
_NO_FILE = r"(?!(?:png|jpe?g|gif|webp|svg|js|css|pdf)\b)"
_DOMAIN = rf"(?:[a-z0-9-]++{_DOT})++{_NO_FILE}[a-z]{{2,24}}(?![a-z0-9])"
_SIGN = re.compile(r"@|골뱅이|[(\[]at[)\]]")


def _is_address(match: re.Match[str]) -> bool:
    return any(map(str.isalnum, _SIGN.split(match[0], maxsplit=1)[0]))


_addresses = detector(rf"[a-z0-9._%+-](?<![a-z0-9._%+-].)[a-z0-9._%+-]*+{_AT}(?:{_DOMAIN}|{_PROVIDER})", _is_address)


def emails(text: str) -> Iterator[Place]:
    """Where e-mail addresses stand."""
    return _addresses(text) if _SIGN.search(text) else iter(())
