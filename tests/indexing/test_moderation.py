"""What contents may link to and show."""

import re
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.bubbles import media_bubbles
from shared.indexing.moderation import kind_of, moderated, moderated_content
from shared.indexing.preprocess import CleanRow, Report, preprocess
from shared.indexing.structure import StructureReport, structure
from shared.links import ANYWHERE, Allowed, moderated_text
from shared.models import Content, Media
from shared.settings import Settings
from tests.app import ROOT

HELD = Allowed(media_hosts=["img.example"], link_hosts=["a.example", "*.b.example"])


def content(text: str = "답", **more: object) -> Content:
    return Content.model_validate({"faq_id": "c1", "source_id": "s", "title": "제목", "content": text, **more})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[도움말](https://a.example/x?y=1)을 보세요", "[도움말](https://a.example/x?y=1)을 보세요"),
        ("![그림](<https://a.example/가 나.png>)", "그림"),
        ("[도움말](http://a.example) 보기", "도움말 보기"),
        ("[여기](javascript:alert(1)) 눌러요", "여기 눌러요"),
        ("[여기]( <JavaScript:alert(1)> '제목' )", "여기"),
        ("![그림](data:image/png;base64,AAAA)", "그림"),
        ("[메일](mailto:a@b.example) [전화](tel:1588-0000)", "메일 전화"),
        ("[![그림](http://a.example/x.png)](javascript:x)", "그림"),
        ("[밖](//a.example/x)", "밖"),
        ("[정산](예정) 금액", "[정산] (예정) 금액"),
        ("[숨긴](java&#115;cript:x)", "[숨긴] (java&#115;cript:x)"),
        ("[a [b] c](http://a.example)", "[a [b] c] (http://a.example)"),
        (
            "<javascript:alert(1)> <a@b.example> <https://a.example/>",
            "< javascript:alert(1)> < a@b.example> <https://a.example/>",
        ),
        ("<!--@import(/a/list.html)-->", "<!--@import(/a/list.html)-->"),
        ("[1]: http://a.example\n[1]", "[1] : http://a.example\n[1]"),
        ("[1]: https://a.example\n[1]", "[1]: https://a.example\n[1]"),
        ("[기간]: 결제일부터 7일", "[기간]: 결제일부터 7일"),
        ("주소는 http://a.example 입니다", "주소는 http://a.example 입니다"),
        ("[x](https://user@a.example/)", "x"),
        ("[x](https://a.example\\@b.example/)", "x"),
    ],
)
def test_only_the_targets_of_links_go(text: str, expected: str) -> None:
    assert moderated_text(text, ANYWHERE, []) == expected


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://a.example/x", True),
        ("https://A.example:8443/x", True),
        ("https://img.b.example/", True),
        ("https://b.example/", False),
        ("https://evilb.example/", False),
        ("https://a.example.evil.example/", False),
        ("https://evil.example/?https://a.example/", False),
        ("https://evil.example&sol;.b.example/", False),
        ("https://evil.example#.b.example", False),
        ("https://[::1]/", False),
        ("https://a.example:x/", False),
    ],
)
def test_links_are_held_to_hosts_only_where_some_are_named(url: str, kept: bool) -> None:
    allowed = Allowed(link_hosts=["a.example", "*.b.example"])
    assert moderated_text(f"[보기]({url})", allowed, []) == (f"[보기]({url})" if kept else "보기")


@pytest.mark.parametrize(
    ("text", "expected", "told"),
    [
        ("![화면](https://img.example/1.png)", "![화면](https://img.example/1.png)", []),
        ("![화면](https://a.example/1.png)", "화면", ["image 'https://a.example/1.png' dropped: host not allowed"]),
        ("[화면](https://img.example/1.png)", "화면", ["link 'https://img.example/1.png' dropped: host not allowed"]),
        (
            "주소: https://c.example/x",
            "주소: https:// c.example/x",
            ["address 'https://c.example/x' dropped: host not allowed"],
        ),
    ],
)
def test_images_in_a_text_are_held_to_the_hosts_of_media(text: str, expected: str, told: list[str]) -> None:
    reasons: list[str] = []
    assert moderated_text(text, HELD, reasons) == expected
    assert reasons == told


_LINKISH = st.lists(
    st.sampled_from(
        [
            *(
                "[",
                "]",
                "(",
                ")",
                "](",
                "]:",
                "<",
                ">",
                "!",
                "\\",
                '"',
                "'",
                " ",
                "\n",
                "a",
                "가",
                "//",
                "/",
                "#",
                "&#58;",
            ),
            *("http://a.b", "https://a.b", "https://", "javascript:", "data:x", "mailto:a@b.c", "a@b.c", "HTTPS://a.b"),
        ]
    ),
    max_size=24,
).map("".join)
_INLINE = re.compile(r"\]\(\s*(<[^<>\n]*>|[^\s()<>]*)")
_AUTO = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*|[\w.+-]+@[A-Za-z0-9][A-Za-z0-9.-]*)>")
_REFERENCE = re.compile(r"\]:\s*(<[^<>\n]*>|[^\s<>]+)")


@given(st.text() | _LINKISH)
@example("[[a](http://x)](javascript:y)")
@example("<<http://a>>")
@example("]:](<")
def test_no_target_is_left_that_is_not_https_and_no_word_is_lost(text: str) -> None:
    cleaned = moderated_text(text, ANYWHERE, [])
    targets = [one.strip("<>").strip() for one in _INLINE.findall(cleaned) + _AUTO.findall(cleaned)]
    assert [one for one in targets if not one.lower().startswith("https://")] == []
    schemes = [one for one in _REFERENCE.findall(cleaned) if re.match(r"<?\s*(?:[A-Za-z][\w+.-]*:|//)", one)]
    assert [one for one in schemes if not one.strip("<> ").lower().startswith("https://")] == []
    assert moderated_text(cleaned, ANYWHERE, []) == cleaned
    if "](" not in text:  # else a target may go; spaces may come
        assert re.sub(r"\s", "", cleaned) == re.sub(r"\s", "", text)


# Whatever the notation


@pytest.mark.parametrize(
    ("text", "expected", "told"),
    [
        (
            '앞 <img alt="화면" src="http://img.example/1.png"> 뒤',
            "앞 화면 뒤",
            ["image 'http://img.example/1.png' dropped: not https"],
        ),
        ("<IMG SRC=https://c.example/1.png/>끝", "끝", ["image 'https://c.example/1.png/' dropped: host not allowed"]),
        (
            "<a class=x\nhref='https://c.example/'>보기</a>와 <a href='https://a.example/'>여기</a>",
            "보기와 <a href='https://a.example/'>여기</a>",
            ["link 'https://c.example/' dropped: host not allowed"],
        ),
        ('<a href="java&#115;cript:alert(1)">보기</a>', "보기", ["link 'javascript:alert(1)' dropped: not https"]),
        (
            '<iframe src="https://evil.example/x"></iframe>끝',
            "끝",
            ["tag 'https://evil.example/x' dropped: host not allowed"],
        ),
        ("<video poster=//img.example/1.png>끝", "끝", ["tag '//img.example/1.png' dropped: not https"]),
        (
            '<img srcset="https://img.example/1.png 1x, http://img.example/2.png 2x">끝',
            "끝",
            ["image 'http://img.example/2.png' dropped: not https"],
        ),
        (
            "<p style=\"background: url('http://a.example/x')\">끝</p>",
            "끝",
            ["tag 'http://a.example/x' dropped: not https"],
        ),
        ("<b onclick='x()'>굵게</b>", "굵게", ["tag 'x()' dropped: it runs a script"]),
        ("<script>x()</script>끝", "x()끝", ["tag 'script' dropped: it runs a script"]),
        ('<meta http-equiv=refresh content="0;url=x">끝', "끝", ["tag 'meta' dropped: it changes the page"]),
        (
            '<iframe srcdoc="&lt;img src=https://c.example/1.png&gt;"></iframe>끝',
            "끝",
            ["tag '<img src=https://c.example/1.png>' dropped: it is a page of its own"],
        ),
        (
            "<a href=https://a.example/ ping=https://c.example/>보기</a>",
            "보기",
            ["link 'https://c.example/' dropped: host not allowed"],
        ),
        (
            "<p style=\"background: image-set('https://c.example/x' 1x)\">끝</p>",
            "끝",
            ["tag 'https://c.example/x' dropped: host not allowed"],
        ),
        (
            "<p style='background: u\\72l(//c.example/x)'>끝</p>",
            "끝",
            ["tag 'background: u\\\\72l(//c.example/x)' dropped: an address may be hidden in it"],
        ),
        ("<img src='data:x", "< img src='data:x", ['tag "img src=\'data:x" dropped: no whole tag']),
        (
            "http://a.example/x, javascript:alert(1)",
            "http:// a.example/x, javascript: alert(1)",
            [
                "address 'http://a.example/x,' dropped: not https",
                "address 'javascript:alert(1)' dropped: not https",
            ],
        ),
        ("<b>굵게</b> 3 < 5, 오전 9:00<br>JavaScript: 켜기", "<b>굵게</b> 3 < 5, 오전 9:00<br>JavaScript: 켜기", []),
        (
            "https&colon;&sol;&sol;c.example 또는 https:\\/\\/a.example",
            "https:// c.example 또는 https://a.example",
            ["address 'https://c.example' dropped: host not allowed"],
        ),
        ("[보기](https://a.example/?to=http://b)", "[보기](https://a.example/?to=http://b)", []),
    ],
)
def test_what_may_not_stay_goes_from_a_content_however_it_is_written(text: str, expected: str, told: list[str]) -> None:
    reasons: list[str] = []
    assert moderated_content(text, HELD, reasons) == expected
    assert list(dict.fromkeys(reasons)) == told


def test_bare_addresses_are_held_to_https_where_no_host_is_named() -> None:
    (kept,), warnings = moderated([content("http://a.example 또는 https://any.example/x")], ANYWHERE)
    assert kept.content == "http:// a.example 또는 https://any.example/x"
    assert warnings == [("c1", "address 'http://a.example' dropped: not https")]


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("https://c.example/x 접속이 안 돼요", "https:// c.example/x 접속이 안 돼요"),
        ("http://a.example 접속", "http:// a.example 접속"),
        ("https://a.example 접속", "https://a.example 접속"),
        ("[정산](예정) 금액: 2/3", "[정산](예정) 금액: 2/3"),
    ],
)
def test_a_bare_address_in_a_title_is_held_like_one_in_a_text(title: str, kept: str) -> None:
    (made,), warnings = moderated([content().model_copy(update={"title": title})], HELD)
    assert made.title == kept
    assert bool(warnings) is (title != kept)


@pytest.mark.parametrize(
    "code",
    [
        '`<img src="http://x.example/1.png">`',
        "`` a`[b](javascript:x) ``",
        "`[정산](예정)`",
        '```html\n<a href="http://x.example">보기</a>\n\nhttp://x.example\n```',
        "~~~\n![그림](http://x.example/1.png)\n``` \n~~~",
        "```\nhttp://x.example 끝까지",
    ],
)
def test_code_stays_as_it_is(code: str) -> None:
    said = f"[밖](http://x.example)에서\n\n{code}"
    told: list[str] = []
    assert moderated_content(said, ANYWHERE, told) == f"밖에서\n\n{code}"
    assert told == ["link 'http://x.example' dropped: not https"]


@pytest.mark.parametrize(
    "text",
    [
        "\\`[보기](http://x.example)`",
        "`[보기](http://x.example)",
        "`\n- [보기](http://x.example)`",
        "`가\n나` [보기](http://x.example) `다`",
        '<b title="`">[보기](http://x.example) `',
        "<div>\n```\n\n[보기](http://x.example)\n```",
        "<!--\n\n```\n-->\n[보기](http://x.example)\n```",
    ],
)
def test_what_only_looks_like_code_is_held_like_any_text(text: str) -> None:
    assert "(http://" not in moderated_content(text, ANYWHERE, [])


@given(st.lists(st.sampled_from([*"`~<>\\\n \"'/=a", "```", "<a href=", "<img src=", "</a>", "http://a.b", "[x]("])))
@example(["<a href=", "<img src=", "http://a.b", ">", ">"])
def test_what_was_held_once_is_held_for_good(parts: list[str]) -> None:
    once = moderated_content("".join(parts), ANYWHERE, [])
    assert moderated_content(once, ANYWHERE, []) == once


@pytest.mark.parametrize(
    "text", [f"<img {'a' * 50_000}>", "www." * 5_000, "https://" * 5_000, "![\n" * 5_000 + "](http://x)" * 5_000]
)
def test_no_text_takes_long(text: str) -> None:
    started = time.process_time()
    moderated_content(text, HELD, [])
    assert time.process_time() - started < 2


def test_the_sample_faq_stays_as_it_is() -> None:
    rows = preprocess(((n, row) for n, row in enumerate(_rows(ROOT / "data" / "sample_faq.jsonl"), 1)), Report())
    contents = structure(rows, "default", StructureReport())
    default = Settings.model_fields["media_hosts"].default
    kept, warnings = moderated(contents, Allowed(media_hosts=default))
    assert sum("![" in one.content for one in contents) >= 5
    assert len(contents) > 100 and warnings == []
    assert all(one is other for one, other in zip(kept, contents, strict=True))


def _rows(path: Path) -> list[dict[str, object]]:
    import json

    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_content_is_told_by_its_id_and_goes_on_without_what_was_dropped() -> None:
    made = content(
        "[보기](http://a.example)",
        url="http://a.example/",
        service_answers={"배달": "[여기](javascript:x)"},
        media=[{"kind": "image", "url": "https://a.example/x.png"}],
    )
    (kept,), warnings = moderated([made], ANYWHERE)
    assert (kept.content, kept.service_answers, kept.url, kept.media) == ("보기", {"배달": "여기"}, None, [])
    assert warnings == [
        ("c1", "link 'http://a.example' dropped: not https"),
        ("c1", "link 'javascript:x' dropped: not https"),
        ("c1", "url 'http://a.example/' dropped: not https"),
        ("c1", "image 'https://a.example/x.png' dropped: no host is allowed (MEDIA_HOSTS)"),
    ]
    assert kept.faq_id == made.faq_id and kept.title == made.title


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://cdn.example/x.png", None),
        ("http://cdn.example/x.png", "not https"),
        ("data:image/png;base64,AA", "not https"),
        ("https://other.example/x.png", "host not allowed"),
        ("https://cdn.example/x y.png", "no plain address"),
    ],
)
def test_media_stand_on_allowed_hosts_or_nowhere(url: str, reason: str | None) -> None:
    made = content(media=[{"kind": "image", "url": url}])
    (kept,), warnings = moderated([made], Allowed(media_hosts=["cdn.example"]))
    assert len(kept.media) == (reason is None)
    assert [told.rpartition(": ")[2] for _, told in warnings] == ([reason] if reason else [])


# From a corpus


def test_media_are_read_as_addresses_or_objects_and_what_is_neither_is_told() -> None:
    media = [
        "https://a.example/x.PNG?w=1",
        {"url": "https://a.example/v", "kind": "video", "caption": " 여는 법 "},
        "https://a.example/no-ending",
        {"kind": "image"},
        7,
        {"url": "https://a.example/x.mp4", "caption": 3},
    ]
    report = Report()
    (row,) = preprocess([(4, {"title": "제목", "content": "답", "media": media})], report)
    assert [(one.kind, one.url, one.caption) for one in row.media] == [
        ("image", "https://a.example/x.PNG?w=1", None),
        ("video", "https://a.example/v", "여는 법"),
    ]
    assert [number for number, _ in report.warnings] == [4, 4, 4, 4]
    assert report.bad == []
    (made,) = structure([row], "default", StructureReport())
    assert made.media == row.media


@pytest.mark.parametrize(
    ("url", "kind"),
    [("https://a/x.jpeg", "image"), ("https://a/x.webm#t=1", "video"), ("https://a/x", None), ("https://[", None)],
)
def test_a_kind_is_told_by_an_addresss_ending(url: str, kind: str | None) -> None:
    assert kind_of(url) == kind


# As bubbles


def test_media_become_bubbles_in_order_and_those_without_captions_share_one() -> None:
    made = content(
        media=[
            Media(kind="image", url="https://a/1"),
            Media(kind="image", url="https://a/2"),
            Media(kind="image", url="https://a/3", caption="셋"),
            Media(kind="video", url="https://a/4"),
        ]
    )
    assert [(one.bubble_id, one.bubble_type, one.source_url, one.caption) for one in media_bubbles(made)] == [
        ("m1", "image", ["https://a/1", "https://a/2"], None),
        ("m2", "image", ["https://a/3"], "셋"),
        ("m3", "video", ["https://a/4"], None),
    ]
    assert media_bubbles(content()) == []


def test_media_stand_with_the_answer_of_their_own_service_alone() -> None:
    rows = [
        CleanRow(row=n, title="제목", content=f"답 {n}", service_type=kind, media=[Media(kind="image", url=url)])
        for n, (kind, url) in enumerate([("배민1", "https://a/1"), ("가게배달", "https://a/2"), ("", "https://a/0")])
    ]
    (made,) = structure(rows, "s", StructureReport())

    def shown(of: Content, service_type: str | None) -> list[str]:
        return [url for one in media_bubbles(of, service_type) for url in one.source_url or []]

    assert shown(made, "배민1") == ["https://a/1", "https://a/0"]
    assert shown(made, "가게배달") == ["https://a/2", "https://a/0"]
    assert shown(made, None) == shown(made, "포장") == ["https://a/0"]
    (without_general,) = structure(rows[:2], "s", StructureReport())  # its general answer is that of both
    assert shown(without_general, None) == ["https://a/1", "https://a/2"]
    assert shown(without_general, "배민1") == ["https://a/1"]
