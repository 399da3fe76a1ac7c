"""What browsers are told of every response, so that a flaw elsewhere does less harm.

A response that says something itself keeps it: a page has a content security policy of its own, and says who may frame
it; what other sites may load says so in `Cross-Origin-Resource-Policy`.
"""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders

# Of what is no page: nothing in it is run or shown, should it ever be taken for one
_NO_PAGE = "default-src 'none'; frame-ancestors 'none'"
_ALWAYS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # addresses of this server are nobody else's business
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_HTTPS_ONLY = "max-age=31536000"  # a year; of other hosts of the domain nothing is known here


def add_security_headers(headers: MutableHeaders, *, https_only: bool) -> None:
    """Add them to a response's.

    Parameters
    ----------
    https_only
        Whether browsers are to ask by HTTPS alone from now on.
    """
    for name, value in _ALWAYS.items():
        headers.setdefault(name, value)
    if "content-security-policy" not in headers:
        headers["Content-Security-Policy"] = _NO_PAGE
        headers.setdefault("X-Frame-Options", "DENY")
    if https_only:
        headers.setdefault("Strict-Transport-Security", _HTTPS_ONLY)
