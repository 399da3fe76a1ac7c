"""Korean sentences for what is wrong: one for every reason that haedap's models and checks give in English."""

import ast
import re
from collections.abc import Iterator

import pytest

from shared.problems import path_of, said_in_korean
from tests.app import ROOT

CHECKS = ["shared/bot.py", "shared/bot_check.py", "shared/sources/check.py", "shared/sources/patterns.py"]
CHECKS += ["shared/sources/addresses.py"]


_PATH = re.compile(r"^[\w.]+: ")


def reasons(path: str) -> Iterator[str]:
    """What the file raises or yields as a sentence, with something in place of what it fills in."""
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        match node:
            case ast.Raise(exc=ast.Call(func=ast.Name(id="ValueError"), args=[said])) | ast.Yield(value=said) if said:
                text = filled(said)
                if text and text != "x":
                    yield text


def filled(said: ast.expr) -> str:
    match said:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(filled(one) for one in values)
        case ast.FormattedValue(conversion=conversion):
            return "'x'" if conversion == ord("r") else "x"
        case _:
            return ""


def test_every_reason_has_a_korean_sentence() -> None:
    told = [(path, _PATH.sub("", one)) for path in CHECKS for one in reasons(path)]
    assert len(told) > 30
    english = [one for one in told if said_in_korean(one[1]).startswith("쓸 수 없는 값입니다. (")]
    assert [one for one in english if one[1] != "x"] == []  # those whose reason another of these gives


@pytest.mark.parametrize(
    ("english", "korean"),
    [
        ("the secret jobs is not in BOT_SECRETS", "비밀 값 jobs이(가) BOT_SECRETS에 없습니다."),
        ("{nmae} is not filled in; {name} alone is", "{nmae}은(는) 채워지지 않습니다. {name}만 쓸 수 있습니다."),
        ("nothing but {secret:NAME} can stand in braces here", "중괄호에는 {secret:이름}만 쓸 수 있습니다."),
        ("something new", "쓸 수 없는 값입니다. (something new)"),
    ],
)
def test_a_reason_is_told_with_what_it_names(english: str, korean: str) -> None:
    assert said_in_korean(english) == korean


def test_a_field_that_is_called_as_a_part_of_the_request_keeps_its_name() -> None:
    assert path_of(("body", "source", "body", "query")) == "source.body.query"
    assert path_of(("sources", 0, "body")) == "sources.0.body"
