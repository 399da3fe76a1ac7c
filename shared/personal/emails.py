"""E-mail addresses, also as they are dictated: "abc 골뱅이 naver.com"."""

import re
from collections.abc import Iterator

from shared.personal.context import Place, detector

_AT = r" ?(?:@|골뱅이|[(\[]at[)\]]) ?"
_PROVIDER = r"(?:naver|gmail|daum|hanmail|nate|kakao|hotmail|outlook|yahoo|icloud)(?: ?[.,] ?(?:com|net))?(?![a-z0-9])"
_SPOKEN_PROVIDER = r"(?:네이버|지메일|다음|한메일|네이트|카카오|핫메일)(?: ?(?:점|닷|쩜|\.) ?(?:컴|넷|com|net))?"
_DOT = r"(?:\.| ?(?:점|닷|쩜|[(\[]dot[)\]]) ?|,(?=(?:com|net|kr|co)\b))"
_NO_FILE = r"(?!(?:png|jpe?g|gif|webp|svg|js|css|pdf)\b)"
_DOMAIN = rf"(?:[a-z0-9-]++{_DOT})++{_NO_FILE}[a-z]{{2,24}}(?![a-z0-9])"
_KOREAN_DOMAIN = (
    rf"(?:[a-z0-9-]++\.)*+[a-z0-9-]*+[가-힣][a-z0-9가-힣-]{{0,62}}\.(?:한국|{_NO_FILE}[a-z]{{2,24}}(?![a-z0-9]))"
)
_SIGN = re.compile(r"@|골뱅이|[(\[]at[)\]]")


def _is_address(match: re.Match[str]) -> bool:
    return any(map(str.isalnum, _SIGN.split(match[0], maxsplit=1)[0]))


_addresses = detector(
    rf"[a-z0-9._%+-](?<![a-z0-9._%+-].)[a-z0-9._%+-]*+{_AT}(?:{_DOMAIN}|{_PROVIDER}|{_SPOKEN_PROVIDER}|{_KOREAN_DOMAIN})",
    _is_address,
)


def emails(text: str) -> Iterator[Place]:
    """Where e-mail addresses stand."""
    return _addresses(text) if _SIGN.search(text) else iter(())
