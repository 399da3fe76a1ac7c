"""Where requests may go: never into a private network unasked, never to an address that was not checked."""

import ipaddress
import re
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from shared.errors import SourceUnavailable
from shared.sources.addresses import is_named, is_public, parse, resolve
from shared.sources.base import ArgumentsInvalid
from shared.sources.templates import filled_url
from tests.fakes.company_api import CompanyApi, Fed
from tests.sources.conftest import Internet
from tests.sources.sources import KEY, PUBLIC, Names, asking, job_search, one_job, secret

pytestmark = pytest.mark.anyio
ASKED = {"keyword": "개발자"}
PRIVATE = [
    *("0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.9.9.9", "169.254.169.254"),
    *("172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1"),
    *("198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b:1::808:808", "2002:7f00:1::", "2002:a00:1::1", "2002:808:808::"),
    *("2001:0:7f00:1::", "2001:db8::1", "3fff::1", "100::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0"),
    *("fec0::1", "ff02::1", "ff0e::1", "5f00::1", "4000::1", "2a00::1%eth0", "", "localhost", "1.1.1", "0x7f.1"),
]
ELSEWHERE = ["1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.0.1", "172.32.0.1", "223.255.255.255"]
ELSEWHERE += [PUBLIC, "2606:4700:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_of_no_public_host(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ELSEWHERE)
def test_addresses_of_public_hosts(address: str) -> None:
    assert is_public(address)


@settings(suppress_health_check=[HealthCheck.too_slow])  # the first address takes a second on a busy machine
@given(st.ip_addresses())
def test_what_python_holds_for_private_is_never_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    assume(is_public(str(address)))
    inner = getattr(address, "ipv4_mapped", None) or address
    assert not (inner.is_private or inner.is_loopback or inner.is_link_local or inner.is_multicast)
    assert not (inner.is_unspecified or (inner.is_reserved and inner not in ipaddress.ip_network("64:ff9b::/96")))


# Ways to write an address; what the system makes of them is what is checked

DISGUISED = ["127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "127.0.0.1.", "localhost"]
IN_BRACKETS = ["[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]"]


@pytest.mark.parametrize("host", [*DISGUISED, "LOCALHOST.", *IN_BRACKETS])
async def test_no_way_of_writing_this_machine_leads_there(host: str, api: CompanyApi, internet: Internet) -> None:
    source = job_search(f"http://{host}:{api.port}", allowed_hosts=["127.0.0.1", "10.0.0.1:80"])
    with pytest.raises((SourceUnavailable, ValueError)) as caught:
        await asking(source).fetch(ASKED)
    told = caught.value.reason if isinstance(caught.value, SourceUnavailable) else str(caught.value)
    assert re.search("not in the public internet|cannot resolve|no address of a web server", told)
    assert (internet.connected, api.received) == ([], [])


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1"])
async def test_a_disguised_address_is_resolved_and_would_be_this_machine(host: str) -> None:
    assert await resolve(host, 80) == ["127.0.0.1"]


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://a.example", "http://", "http:///x", "http://:80/", "http://a.example:99999", "http://[::1", "x"),
        *("http://user@a.example", "http://user:pw@a.example", "http://①②⑦.⓪.⓪.①/", "http://a..example", "http://."),
        *("http://a.example:0", "http://xn--\u2603/", "http://a b/", "file:///etc/passwd", "//a.example"),
        f"http://{'a' * 64}.example",
    ],
)
def test_what_is_no_address_of_a_web_server(url: str) -> None:
    with pytest.raises(ValueError):
        parse(url)


@pytest.mark.parametrize(
    ("url", "host", "named"),
    [
        ("http://a.example", "a.example", True),
        ("http://A.example.", "a.EXAMPLE", True),
        ("https://a.example:443", "a.example", True),
        ("https://a.example", "a.example:443", True),
        ("http://a.example:8080", "a.example:8080", True),
        ("http://한국.example", "xn--3e0b707e.example", True),
        ("http://xn--3e0b707e.example", "한국.example", True),
        ("http://[::1]:80", "[::1]", True),
        ("http://a.example:8080", "a.example", False),
        ("http://a.example:443", "a.example", False),
        ("http://b.a.example", "a.example", False),
        ("http://a.example", "*.example", False),
        ("http://2130706433", "127.0.0.1", False),
        ("http://a.example", "x@a.example", False),
        ("http://a.example", "[", False),
    ],
)
def test_a_host_is_named_exactly_with_its_port(url: str, host: str, named: bool) -> None:
    assert is_named(parse(url), [host]) is named


# Names and what is behind them


async def test_the_connection_goes_to_the_address_that_was_checked(api: CompanyApi, internet: Internet) -> None:
    internet.servers[PUBLIC] = api.port
    names = Names(jobs_example=[[PUBLIC], ["127.0.0.1"]])
    source = job_search(f"http://jobs.example:{api.port}", allowed_hosts=[])
    (job,) = await asking(source, resolve=names).fetch(ASKED)
    assert job.title == "파이썬 백엔드 개발자"
    assert (names.asked, internet.connected) == (["jobs.example"], [PUBLIC])
    assert api.received[0].headers["host"] == f"jobs.example:{api.port}"


async def test_a_name_that_has_turned_private_is_refused_the_next_time(api: CompanyApi, internet: Internet) -> None:
    internet.servers[PUBLIC] = api.port
    names = Names(jobs_example=[[PUBLIC], ["127.0.0.1"]])
    api.enqueue(Fed(503))
    source = job_search(f"http://jobs.example:{api.port}", allowed_hosts=[], retries=1)
    with pytest.raises(SourceUnavailable) as caught:
        await asking(source, resolve=names).fetch(ASKED)
    assert "not in the public internet" in caught.value.reason
    assert internet.connected == [PUBLIC]


async def test_a_redirect_resolves_its_host_once_and_checks_it(api: CompanyApi, internet: Internet) -> None:
    internet.servers[PUBLIC] = api.port
    names = Names(jobs_example=[[PUBLIC], ["127.0.0.1"]], other_example=[["10.0.0.7"]])
    api.enqueue(Fed(302, headers={"Location": "http://other.example/"}))
    with pytest.raises(SourceUnavailable) as caught:
        await asking(job_search("http://jobs.example", allowed_hosts=[]), resolve=names).fetch(ASKED)
    assert caught.value.reason == "jobs: other.example is not in the public internet, nor in allowed_hosts"
    assert internet.connected == [PUBLIC]


@pytest.mark.parametrize("addresses", [[PUBLIC, "127.0.0.1"], ["::1", PUBLIC], [PUBLIC] * 9 + ["10.0.0.1"]])
async def test_one_private_address_among_several_is_one_too_many(addresses: list[str], internet: Internet) -> None:
    names = Names(jobs_example=[addresses])
    with pytest.raises(SourceUnavailable) as caught:
        await asking(job_search("http://jobs.example", allowed_hosts=[]), resolve=names).fetch(ASKED)
    assert "not in the public internet" in caught.value.reason
    assert internet.connected == []


async def test_when_one_address_does_not_answer_the_next_is_tried(api: CompanyApi, internet: Internet) -> None:
    internet.servers[PUBLIC] = api.port
    names = Names(jobs_example=[["2606:4700::1", PUBLIC]])
    await asking(job_search("http://jobs.example", allowed_hosts=[]), resolve=names).fetch(ASKED)
    assert internet.connected == ["2606:4700::1", PUBLIC]


async def test_a_private_host_is_asked_with_leave_for_that_port(api: CompanyApi, internet: Internet) -> None:
    names = Names(api_internal=[["127.0.0.1"]])
    for allowed, asked in ((f"API.internal:{api.port}", 1), ("api.internal", 0), (f"127.0.0.1:{api.port}", 0)):
        api.received.clear()
        source = job_search(f"http://api.internal:{api.port}", allowed_hosts=[allowed])
        try:
            await asking(source, resolve=names).fetch(ASKED)
        except SourceUnavailable as error:
            assert "not in the public internet" in error.reason
        assert len(api.received) == asked


async def test_ipv6_is_spoken_too(internet: Internet) -> None:
    internet.servers["2606:4700::1"] = 0
    with CompanyApi() as api:
        internet.servers["2606:4700::1"] = api.port
        await asking(job_search("http://[2606:4700::1]:8080", allowed_hosts=[])).fetch(ASKED)
        assert api.received[0].headers["host"] == "[2606:4700::1]:8080"


@pytest.mark.parametrize("host", ["nowhere.invalid", f"{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 63}.{'e' * 63}"])
async def test_a_name_that_is_none_is_told(host: str) -> None:
    async def unknown(host: str, port: int) -> list[str]:
        raise OSError(-2, "Name or service not known") if host == "nowhere.invalid" else UnicodeError("label too long")

    with pytest.raises(SourceUnavailable) as caught:
        await asking(job_search(f"http://{host}", allowed_hosts=[]), resolve=unknown).fetch(ASKED)
    assert "cannot resolve" in caught.value.reason


# Encryption


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's side for a host of this name, and a client's that believes it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]), datetime.now(UTC)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    signed = builder.sign(key, hashes.SHA256())
    path = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cafile=str(path))


async def test_the_certificate_is_checked_against_the_name_not_the_address(internet: Internet, tmp_path: Path) -> None:
    server, client = certificate(tmp_path, "jobs.example")
    names = Names(jobs_example=[[PUBLIC]], other_example=[[PUBLIC]])
    with CompanyApi(tls=server) as api:
        internet.servers[PUBLIC] = api.port
        source = job_search("https://jobs.example", allowed_hosts=[], headers={"X-Key": "{secret:jobs_key}"})
        facts = asking(source, resolve=names, tls=client, secrets=secret("jobs.example"))
        assert len(await facts.fetch(ASKED)) == 1
        assert (api.received[0].headers["host"], api.received[0].headers["x-key"]) == ("jobs.example", KEY)

        impostor = job_search("https://other.example", allowed_hosts=[])
        with pytest.raises(SourceUnavailable) as caught:
            await asking(impostor, resolve=names, tls=client).fetch(ASKED)
        assert caught.value.reason == "jobs: no connection (SSLCertVerificationError)"
        assert len(api.received) == 1


async def test_a_redirect_never_gives_up_encryption(internet: Internet, tmp_path: Path) -> None:
    server, client = certificate(tmp_path, "jobs.example")
    with CompanyApi(tls=server) as api:
        internet.servers[PUBLIC] = api.port
        api.enqueue(Fed(301, headers={"Location": "http://jobs.example/jobs"}))
        source = job_search("https://jobs.example", allowed_hosts=[])
        with pytest.raises(SourceUnavailable) as caught:
            await asking(source, resolve=Names(jobs_example=[[PUBLIC]]), tls=client).fetch(ASKED)
        assert caught.value.reason == "jobs: a redirect from https to http"


async def test_a_secret_is_not_sent_unencrypted_into_the_internet(api: CompanyApi, internet: Internet) -> None:
    source = job_search("http://jobs.example", allowed_hosts=[], headers={"X-Key": "{secret:jobs_key}"})
    with pytest.raises(SourceUnavailable) as caught:
        await asking(source, secrets=secret("jobs.example"), resolve=Names(jobs_example=[[PUBLIC]])).fetch(ASKED)
    assert "unencrypted" in caught.value.reason
    assert internet.connected == []


# An argument in the path stays in its segment


def path_of(text: str, template: str = "/jobs/{job_id}/notes") -> str:
    url = f"http://a.example/v1{template}?fixed=1"
    filled = filled_url(one_job("http://a.example", url=url), {"job_id": text})
    assert (filled.host, filled.query) == ("a.example", b"fixed=1")
    return httpx.URL(str(filled)).raw_path.decode("ascii")


@given(st.text())
@example("..")
@example(".")
@example("../admin")
@example("a/../../b")
@example("%2e%2e%2f")
@example("..%2f")
@example("?admin=1")
@example("#top")
@example("a;b")
@example("..;")
@example("\\..\\")
@example("@evil.example")
@example("한글 공고")
@example("\ud800")
@example("a\r\nHost: b")
@example("{job_id}")
@example("．．／")
def test_a_path_argument_stays_in_its_segment(text: str) -> None:
    try:
        path = path_of(text)
    except ArgumentsInvalid:
        assert not text or set(text) <= {"."} or re.search(r"[/\\%\x00-\x1f\x7f-\x9f\ud800-\udfff]", text)
        return
    path, query = path.split("?")
    before, version, jobs, segment, notes = path.split("/")
    assert (before, version, jobs, notes, query) == ("", "v1", "jobs", "notes", "fixed=1")
    assert unquote(segment) == text and segment not in (".", "..")


@pytest.mark.parametrize("text", ["..", ".", "", "/", "a/b", "..\\", "%2f", "%", "a\x00", "\n", "\x85"])
def test_what_could_leave_its_segment_is_refused(text: str) -> None:
    with pytest.raises(ArgumentsInvalid, match=r"^job_id: must not"):
        path_of(text)


@pytest.mark.parametrize("template", ["/{job_id}{job_id}", "/.{job_id}"])
def test_dots_do_not_add_up(template: str) -> None:
    with pytest.raises(ArgumentsInvalid):
        path_of(".", template)
    assert path_of("a", template).split("?")[0] in ("/v1/aa", "/v1/.a")


@pytest.mark.parametrize(
    "text", ["../companies/c1", "%2e%2e", "101?x", "101#x", "１０１", "10 1", "101;x", "@", "*", "~"]
)
async def test_the_server_sees_one_segment(api: CompanyApi, text: str) -> None:
    try:
        assert await asking(one_job(api.url)).fetch({"job_id": text}) == ()
    except ArgumentsInvalid:
        assert api.received == []
    else:
        (target,) = api.targets
        assert target.count("/") == 2 and unquote(target.removeprefix("/jobs/")) == text


async def test_half_a_surrogate_is_no_argument(api: CompanyApi) -> None:
    with pytest.raises(ArgumentsInvalid, match="job_id: must be text"):
        await asking(one_job(api.url)).fetch({"job_id": "\ud800"})
    assert api.received == []
