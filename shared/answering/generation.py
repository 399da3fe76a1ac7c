"""The words of an answer: from the language model, or from the content itself."""

import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing

from shared.llm.prompts import NO_ANSWER
from shared.markdown import as_text
from shared.models import Content

_CITATION = re.compile(r"\[(\d{1,2})\]")
_PIECE = re.compile(r".{1,80}?(?:\n+|(?<=[.!?다요])\s+|$)|.{80}", re.DOTALL)


class NoAnswer(Exception):
    """The model said that the contents do not hold the answer."""


async def without_marker(pieces: AsyncGenerator[str, None]) -> AsyncGenerator[str, None]:
    """The pieces of an answer, up to the marker that says that there is none; `NoAnswer` then.

    Text is held back only while it could still become the marker. `pieces` is closed at the end, however it comes.
    """
    held = ""
    async with aclosing(pieces):
        async for piece in pieces:
            before, marker, _ = (held + piece).partition(NO_ANSWER)
            keep = 0 if marker else _overlap(before)
            said, held = before[: len(before) - keep], before[len(before) - keep :]
            if said and not (marker and said.isspace()):
                yield said
            if marker:
                raise NoAnswer
    if held:
        yield held


def _overlap(text: str) -> int:
    """How many characters at the end of a text could be the beginning of the marker."""
    return next((n for n in range(min(len(text), len(NO_ANSWER) - 1), 0, -1) if NO_ANSWER.startswith(text[-n:])), 0)


def content_pieces(content: Content, service_type: str | None) -> Iterator[str]:
    """A content's own answer as a stream would bring it: its title, its text by sentences, its link.

    Joined, the pieces are the whole text unchanged.
    """
    yield f"**{as_text(content.title)}**\n\n"
    for found in _PIECE.finditer(content.answer_for(service_type)):
        yield found[0]
    if content.url:
        yield f"\n\n[자세히 보기]({content.url})"


def cited_numbers(text: str, sources: int) -> Sequence[int]:
    """The numbers of sources that a text cites, `[1]` to `[sources]`, in order of appearance."""
    return list(dict.fromkeys(n for n in map(int, _CITATION.findall(text)) if 1 <= n <= sources))
