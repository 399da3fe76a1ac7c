"""Origins of web pages: a scheme, a host and a port, written exactly as browsers send them."""

import re
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, StringConstraints

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ORIGIN = re.compile(rf"(?P<scheme>https?)://(?P<host>{_LABEL}(?:\.{_LABEL})*)(?::(?P<port>[1-9][0-9]{{0,4}}))?")
_LOOPBACK = ("localhost", "127.0.0.1")  # not [::1]: the grammar of `frame-ancestors` has no place for it
_DEFAULT_PORTS = {"https": "443", "http": "80"}


def canonical_origin(text: str) -> str:
    """An origin as a browser would send it: in lower case, without its scheme's own port.

    What it returns can stand in a header: it holds letters, digits, `-`, `.`, `:` and `/` alone.

    Raises
    ------
    ValueError
        In Korean, for the operator who wrote it.

    Examples
    --------
    >>> canonical_origin("https://Shop.example:443")
    'https://shop.example'
    """
    found = _ORIGIN.fullmatch(text.lower())
    if found is None:
        raise ValueError(
            "https://shop.example처럼 https, 호스트, 필요하면 포트만 적어 주세요."
            " 경로, 끝의 /, 와일드카드(*), 한글 도메인(xn--로 시작하는 주소로 적습니다)은 쓸 수 없습니다"
        )
    scheme, host, port = found["scheme"], found["host"], found["port"]
    if scheme == "http" and host not in _LOOPBACK:
        raise ValueError("http는 localhost와 127.0.0.1에만 쓸 수 있습니다. https 주소를 적어 주세요")
    if port is not None and int(port) > 65_535:
        raise ValueError("포트는 1부터 65535까지입니다")
    return f"{scheme}://{host}" + (f":{port}" if port not in (None, _DEFAULT_PORTS[scheme]) else "")


Origin: TypeAlias = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=260), AfterValidator(canonical_origin)
]
