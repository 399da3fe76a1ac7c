"""Where a request may go: hosts as they are named, and the addresses behind them."""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeAlias

import httpx

Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]

# The special-purpose registries of IANA (RFC 6890 and its updates), and multicast; `ipaddress.is_global` differs
# between patch releases of Python and takes multicast for global
_SPECIAL_V4 = [
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
]
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
# Inside of it: protocol assignments with Teredo, documentation, 6to4
_SPECIAL_V6 = [ipaddress.IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]
_LAST_PORT = 65_535
_HOST = re.compile(rb"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*")  # the latter IPv6
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the internet at large.

    An IPv4 address inside an IPv6 one (mapped, NAT64) is judged by itself; 6to4 and Teredo, which nobody uses any more,
    are refused whole.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv4Address):
        return not any(parsed in network for network in _SPECIAL_V4)
    if parsed.scope_id is not None:
        return False
    if parsed.ipv4_mapped is not None:
        return is_public(str(parsed.ipv4_mapped))
    if parsed in _NAT64:
        return is_public(str(ipaddress.IPv4Address(int(parsed) & 0xFFFF_FFFF)))
    return parsed in _GLOBAL_V6 and not any(parsed in network for network in _SPECIAL_V6)


def parse(text: str) -> httpx.URL:
    """An address that a request can be sent to, without a dot at the end of its host.

    Raises
    ------
    ValueError
        In words that do not repeat it.
    """
    try:
        url = httpx.URL(text)
        url = url.copy_with(host=url.host.removesuffix("."), fragment=None)
    except (httpx.InvalidURL, ValueError):  # the latter from the codec of internationalized names
        url = None
    if url is None or url.scheme not in ("http", "https") or not _HOST.fullmatch(url.raw_host) or url.port == 0:
        raise ValueError("no address of a web server")
    if (url.port or 0) > _LAST_PORT:
        raise ValueError("no address of a web server: there is no such port")
    if url.userinfo:
        raise ValueError("an address with a user name or a password")
    return url


def authority(url: httpx.URL) -> str:
    """Its host as it is sent, in ASCII, with its port unless that is the scheme's own."""
    return url.netloc.decode("ascii").lower()


def origin(url: httpx.URL) -> tuple[str, str]:
    """What two addresses of one server have in common: scheme, host and port."""
    return url.scheme, authority(url)


def is_named(url: httpx.URL, hosts: Iterable[str]) -> bool:
    """Whether one of `hosts` is this URL's, the port included: without one, the port is the scheme's own."""
    for host in hosts:
        try:
            if authority(parse(f"{url.scheme}://{host}")) == authority(url):
                return True
        except ValueError:
            continue
    return False


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system knows them. Raises `OSError`, or `UnicodeError` for an impossible name."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
