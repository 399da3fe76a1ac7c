"""Questions made from contents by rule, where nobody labelled any: what calibration and training are fitted on.

They are harder than they look natural: everyday words for the terms, another ending, words left out. Pure functions.
"""

import hashlib
import random
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from shared.models import Content
from shared.retrieval.lexicon import Entry

DROPPED = 0.4  # share of words left out: the first content is then right for about three in four, as for real questions
SHARES = (DROPPED, 0.2, 0.6, 0.0)  # by turns, where a content is asked more than once
MISTYPED = 0.25  # of these questions
_TURNS = 40  # after which a small corpus has nothing new to say
T = TypeVar("T")
_MARKS = re.compile(r"\([^)]*\)|['\"“”‘’★※]")
_ENDINGS: Sequence[tuple[re.Pattern[str], Sequence[str]]] = [
    (
        re.compile(r"(은|는)? ?어떻게 (되나요|하나요|해야 하나요|설정하나요|확인하나요)\??$"),
        [" 어떻게 해요", " 하는 법 알려줘요", " 방법 좀", " 어떻게 하는 거예요?"],
    ),
    (re.compile(r"(할 수 있나요|가능한가요|되나요)\??$"), ["돼요?", "되는지 궁금해요", "될까요?"]),
    (re.compile(r"왜 ?그런가요\??$"), ["왜 이래요", "이유가 뭐예요?", "왜 이러죠"]),
    (re.compile(r"(이란|란)? ?무엇인가요\??$"), [" 뭐예요?", "이 뭔지 알려줘요"]),
    (re.compile(r"(하고 ?싶어요|싶습니다)\.?$"), ["하려면요?", "하고 싶은데 어떻게 해요?"]),
    (re.compile(r"(어디서|어디에서) ?(확인|조회)?하나요\??$"), ["어디서 봐요?", "어디 있어요?"]),
    (re.compile(r"나요\??$"), ["나여?", "는 건가요?", "는지 궁금해요"]),
]


def _together(text: str, rng: random.Random) -> str:
    """Without one of its spaces."""
    return _but_one(text, [at for at, letter in enumerate(text) if letter == " "], rng, lambda _: "")


def _swapped(text: str, rng: random.Random) -> str:
    """With two neighbouring syllables in the wrong order."""
    places = [found.start() for found in re.finditer(r"(?<=[가-힣])[가-힣](?=[가-힣])", text)]
    if not places:
        return text
    at = rng.choice(places)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _open(text: str, rng: random.Random) -> str:
    """With one syllable's final consonant left out."""
    closed = [at for at, letter in enumerate(text) if len(_jamo(letter)) == 3]
    return _but_one(text, closed, rng, lambda letter: unicodedata.normalize("NFC", _jamo(letter)[:2]))


def _doubled(text: str, rng: random.Random) -> str:
    """With one syllable typed twice."""
    return _but_one(text, [at for at, letter in enumerate(text) if "가" <= letter <= "힣"], rng, lambda one: one * 2)


def _but_one(text: str, places: Sequence[int], rng: random.Random, change: Callable[[str], str]) -> str:
    if not places:
        return text
    at = rng.choice(places)
    return text[:at] + change(text[at]) + text[at + 1 :]


def _jamo(letter: str) -> str:
    return unicodedata.normalize("NFD", letter)


_SLIPS = (_together, _swapped, _open, _doubled)


@dataclass(frozen=True)
class Generated:
    """A question, and the content that it was made from."""

    text: str
    faq_id: str
    title: str


class Speaker:
    """Says titles as customers would.

    Parameters
    ----------
    entries
        A word list; nouns only are said in its everyday words, for a stem without its ending is no word.
    half
        0 or 1: of every rule one half only. What is learned from questions of one half is tried on those of the other,
        else a head that only learns how these rules speak would look better than none.
    """

    def __init__(self, entries: Iterable[Entry], half: int | None = None) -> None:
        self._everyday: dict[str, list[str]] = {}
        for entry in entries:
            if not entry.is_stem and len(entry.literal) > 1 and half in (None, _half_of(entry.literal)):
                self._everyday.setdefault(entry.terms.split()[0], []).append(entry.literal)
        self._endings = [(pattern, _part(endings, half)) for pattern, endings in _ENDINGS]
        self._slips = _part(_SLIPS, half)

    def say(self, title: str, rng: random.Random, dropped: float = DROPPED) -> str:
        """The title in other words, two at least where it has two."""
        said = _MARKS.sub("", title).strip() or title
        for pattern, endings in self._endings:
            if pattern.search(said):
                if rng.random() < 0.8:
                    said = pattern.sub(rng.choice(endings), said)
                break
        words = [self._in_everyday_words(word, rng) for word in said.split()]
        kept = [word for word in words if rng.random() >= dropped]
        if len(kept) < 2:
            kept = words if len(words) <= 2 else [words[at] for at in sorted(rng.sample(range(len(words)), 2))]
        return " ".join(kept)

    def mistype(self, text: str, rng: random.Random) -> str:
        """The text as somebody in a hurry types it."""
        return rng.choice(self._slips)(text, rng)

    def _in_everyday_words(self, word: str, rng: random.Random) -> str:
        for length in range(len(word), 1, -1):
            if (said := self._everyday.get(word[:length])) and rng.random() < 0.6:
                return rng.choice(said) + word[length:]
        return word


def _half_of(text: str) -> int:
    return hashlib.sha256(text.encode()).digest()[0] % 2


def _part(rules: Sequence[T], half: int | None) -> Sequence[T]:
    return rules if half is None else rules[half::2]


def generate(contents: Iterable[Content], speaker: Speaker, limit: int) -> list[Generated]:
    """One question of each of `limit` contents, the same whenever the contents are the same.

    Which contents is decided by their ids' hashes, so that a build after an edit asks nearly the same questions.
    """
    return [
        Generated(speaker.say(content.title, random.Random(content.faq_id)), content.faq_id, content.title)
        for content in in_order(contents)[:limit]
    ]


def in_order(contents: Iterable[Content]) -> list[Content]:
    """The contents in an order that has nothing to do with what they say, and that an edit does not change."""
    return sorted(contents, key=lambda content: hashlib.sha256(content.faq_id.encode()).digest())


def generate_many(contents: Iterable[Content], speaker: Speaker, limit: int) -> list[Generated]:
    """`limit` questions: one of each content, then another, titles and shares of words left out by turns."""
    ordered = in_order(contents)
    titles = {one.faq_id: list(dict.fromkeys([one.title, *one.similar_titles])) for one in ordered}
    made: dict[tuple[str, str], Generated] = {}
    for turn in range(_TURNS):
        for content in ordered:
            if len(made) >= limit:
                return list(made.values())
            title = titles[content.faq_id][turn % len(titles[content.faq_id])]
            rng = random.Random(f"{content.faq_id} {turn}")
            text = speaker.say(title, rng, SHARES[turn % len(SHARES)])
            if rng.random() < MISTYPED:
                text = speaker.mistype(text, rng)
            made.setdefault((text, content.faq_id), Generated(text, content.faq_id, title))
    return list(made.values())
