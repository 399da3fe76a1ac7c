"""Titles that a language model gives contents: read from its answer, and kept while a content stays as it was."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from shared.models import Content
from shared.retrieval.search import is_title
from shared.retrieval.text import letters, one_line

MAX_PROPOSED_CHARACTERS = 60  # twice what the prompt asks for; the longest of the sample's questions has 58
MIN_LETTERS = 4
_MAX_ANSWER_CHARACTERS = 4_000

_WRAPS = 3  # a number, then "제목:", then quotes

_JSON = re.compile(r'[\[{]\s*[\[{"]')
_STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"(\s*:)?')
# A number, a bullet or a name in front of a line that is an item of a list
_MARKED = re.compile(
    r"[*_\"“]{0,3}(?:[-*•·–]|\(?\d{1,2}[.):](?!\d)|[①-⑳]|(?:Q|질문|제목|title)\s*\d{0,2}\s*[.:)])\s*", re.IGNORECASE
)
_AROUND = " \t,*_`"
_QUOTES = "\"'“”‘’「」『』«»"
_QUOTED = re.compile(f"[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]")
_MARKUP = re.compile(r"</?\w|```|https?:|^[\[{]['\"]")
_REPEATED = re.compile(r"(\S.{1,19}?)(?:\W*\1){2,}")
# How help pages speak; customers do so of what fails or what they want ("결제가 안 됩니다", "바꾸고 싶습니다")
_STATED = re.compile(r"(?:니다|(?<!주)세요|십시오)[.!]?$")
_WANTED = re.compile(r"싶|궁금|모르|없|않|\b[안못] |못하")
_HANGUL = re.compile(r"[가-힣]")
_LATIN = re.compile(r"[A-Za-z]")


def digest(content: Content) -> str:
    """What a summary title is made from, as 64 bits of a hash in hexadecimal: the title and the text."""
    return hashlib.sha256(f"{content.title}\0{content.content}".encode()).hexdigest()[:16]


def with_summary_titles(contents: Sequence[Content], stored: Sequence[Content]) -> tuple[list[Content], int]:
    """The contents with the summary titles that their stored selves have, or, where they bring some, with these.

    Left out are those that were made from another title or text.

    Returns
    -------
    tuple
        The contents, in order, and how many titles were left out.
    """
    known = {one.faq_id: one.summary_titles for one in stored if one.summary_titles}
    result, outdated = [], 0
    for content in contents:
        titles = content.summary_titles or known.get(content.faq_id)
        if titles:
            made_from = digest(content)
            fitting = [one for one in titles if one.made_from == made_from]
            outdated += len(titles) - len(fitting)
            content = content.model_copy(update={"summary_titles": fitting})
        result.append(content)
    return result, outdated


def read_titles(answer: str, content: Content, count: int, taken: Collection[str], dropped: Counter[str]) -> list[str]:
    """Up to `count` new titles of a content in a model's answer, whatever form that has.

    Parameters
    ----------
    taken
        The `letters` of what all contents are found by: a question that asks for another's title is the other's.
    dropped
        Told what was left out, and how often.
    """
    titles: dict[str, str] = {}
    said = letters(content.content)
    for text in map(one_line, _texts(answer[:_MAX_ANSWER_CHARACTERS])):
        key = letters(text)
        if (problem := _problem(text)) is not None:
            dropped[problem] += 1
        elif key in said:
            dropped["copied from the text"] += 1
        elif is_title(text, content) or key in titles:
            dropped["a title that the content has"] += 1
        elif key in taken:
            dropped["a title that another content has"] += 1
        elif len(titles) == count:
            dropped["more than were asked for"] += 1
        else:
            titles[key] = text
    return list(titles.values())


def _texts(answer: str) -> Iterator[str]:
    """The strings of JSON but for names, cut off or whole; else the items of a list; else the lines."""
    if (start := _JSON.search(answer)) is not None:
        yield from (_bare(_unescaped(text)) for text, name in _STRING.findall(answer, start.start()) if not name)
        return
    lines = [line.strip() for line in answer.splitlines() if line.strip()]
    yield from map(_bare, [line for line in lines if _MARKED.match(line)] or lines)


def _bare(line: str) -> str:
    """A line without what models put around it."""
    for _ in range(_WRAPS):
        marked = _MARKED.match(line)
        line = line[marked.end() if marked else 0 :].strip(_AROUND)
        line = quoted[1] if (quoted := _QUOTED.fullmatch(line)) else line
    return line


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return text


def _problem(text: str) -> str | None:
    """Why a text can be no customer's question, or nothing."""
    hangul, latin = len(_HANGUL.findall(text)), len(_LATIN.findall(text))
    if len(letters(text)) < MIN_LETTERS or len(text) > MAX_PROPOSED_CHARACTERS:
        return "too short or too long"
    if text.endswith(":") or _MARKUP.search(text) or _REPEATED.search(text):
        return "no question or title"
    if hangul <= latin or hangul + latin < sum(map(str.isalpha, text)):
        return "not Korean"
    if _STATED.search(text) and not _WANTED.search(text):
        return "an answer, not a question"
    return None
