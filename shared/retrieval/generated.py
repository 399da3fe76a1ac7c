"""Questions made from contents by rule, where nobody labelled any: what calibration and training are fitted on.

They are harder than they look natural: everyday words for the terms, another ending, words left out. Pure functions.
"""

import hashlib
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.models import Content
from shared.retrieval.lexicon import Entry

DROPPED = 0.4  # share of words left out: the first content is then right for about three in four, as for real questions
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
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._everyday: dict[str, list[str]] = {}
        for entry in entries:
            if not entry.is_stem and len(entry.literal) > 1:
                self._everyday.setdefault(entry.terms.split()[0], []).append(entry.literal)

    def say(self, title: str, rng: random.Random, dropped: float = DROPPED) -> str:
        """The title in other words, two at least where it has two."""
        said = _MARKS.sub("", title).strip() or title
        for pattern, endings in _ENDINGS:
            if pattern.search(said):
                if rng.random() < 0.8:
                    said = pattern.sub(rng.choice(endings), said)
                break
        words = [self._in_everyday_words(word, rng) for word in said.split()]
        kept = [word for word in words if rng.random() >= dropped]
        if len(kept) < 2:
            kept = words if len(words) <= 2 else [words[at] for at in sorted(rng.sample(range(len(words)), 2))]
        return " ".join(kept)

    def _in_everyday_words(self, word: str, rng: random.Random) -> str:
        for length in range(len(word), 1, -1):
            if (said := self._everyday.get(word[:length])) and rng.random() < 0.6:
                return rng.choice(said) + word[length:]
        return word


def generate(contents: Iterable[Content], speaker: Speaker, limit: int) -> list[Generated]:
    """One question of each of `limit` contents, the same whenever the contents are the same.

    Which contents is decided by their ids' hashes, so that a build after an edit asks nearly the same questions.
    """
    ordered = sorted(contents, key=lambda content: hashlib.sha256(content.faq_id.encode()).digest())
    return [
        Generated(speaker.say(content.title, random.Random(content.faq_id)), content.faq_id, content.title)
        for content in ordered[:limit]
    ]
