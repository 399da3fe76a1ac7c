"""What a typed question may mean: as typed, set right, in the help centre's words. Pure functions."""

import re
import unicodedata
from dataclasses import dataclass

from shared.lazy_patterns import lazy
from shared.retrieval.lexicon import Lexicon
from shared.retrieval.spacing import Spacing
from shared.retrieval.text import normalize

MAX_CHARACTERS = 400  # of a question that is searched; E5 reads 1,100, and what matters stands at the ends of long ones

# The keys of the Korean two-set keyboard (KS X 5002), in the order of Unicode's conjoining letters
_INITIAL_KEYS = "r R s e E f a q Q t T d w W c z x v g"
_VOWEL_KEYS = "k o i O j p u P h hk ho hl y n nj np nl b m ml l"
_FINAL_KEYS = "r R rt s sw sg e f fr fa fq ft fx fv fg a q qt t T d w c z x v g"


def _letters(keys: str, first: int) -> dict[str, str]:
    return {key: chr(first + at) for at, key in enumerate(keys.split())}


_INITIALS = _letters(_INITIAL_KEYS, 0x1100)
_VOWELS = _letters(_VOWEL_KEYS, 0x1161)
_FINALS = _letters(_FINAL_KEYS, 0x11A8)
_VOWEL = "(?:hk|ho|hl|nj|np|nl|ml|[koiOjpuPhynbml])"
_FINAL = "(?:rt|sw|sg|fr|fa|fq|ft|fx|fv|fg|qt|[rRsefaqtTdwczxvg])"
_INITIAL = "[rRseEfaqQtTdwWczxvg]"
# A consonant belongs to the next syllable when a vowel follows it
_SYLLABLE = lazy(f"({_INITIAL})({_VOWEL})({_FINAL}(?!{_VOWEL}))?")
_LATIN = lazy(r"[A-Za-z]+")
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}  # full-width letters, digits and signs
_HANGUL = lazy("[가-힣]")
_ONLY_SHIFTED = frozenset("RETQWOP")  # the other capitals type the same letter as the small ones
# What people write so in Korean sentences, and whose keys would make whole syllables
_ENGLISH = lazy(
    "audi|auto|digital|dish|disk|ebay|euro|fish|fork|forms?|gucci|risk|sign|snap|soap|sorry|special|theme|title|tofu|total"
    "|videos?|wifi|wish|world|worry",
    re.IGNORECASE,
)
_LONGER = lazy(r"([가-힣ㄱ-ㅎㅏ-ㅣ!?~.…^ㅠㅜ])\1{2,}")
_JAMO = lazy(r"[ㄱ-ㅎㅏ-ㅣ]+")
# Syllables typed apart. Runs of three are words (한 번 더); of four and more 9,500 texts of people and FAQs hold three
_APART = lazy(r"(?<!\S)[가-힣](?: [가-힣]){3,}(?![^ \n?!.,~…])")
# Loose jamo (ㅈ) → the keys that type them. Unicode's compatibility decomposition of one is its conjoining letter
_KEYS = {letter: key for letters in (_FINALS, _VOWELS, _INITIALS) for key, letter in letters.items()}
_JAMO_KEYS = {
    code: _KEYS[letter]
    for code in range(ord("ㄱ"), ord("ㅣ") + 1)
    if (letter := unicodedata.normalize("NFKC", chr(code))) in _KEYS
} | {ord("ㅀ"): "fg", ord("ㅄ"): "qt"}  # for these it is a letter that is written no more


@dataclass(frozen=True)
class Readings:
    """The readings of one question. `typed` and `repaired` compete; `formal` is weighed with the better of them."""

    typed: str
    repaired: str
    formal: str

    @property
    def texts(self) -> tuple[str, str, str]:
        """All of them, in order; equal ones stand twice."""
        return self.typed, self.repaired, self.formal


def read(question: str, lexicon: Lexicon, spacing: Spacing | None = None) -> Readings:
    """The readings of a question. A repair adds a reading; what was typed is always kept.

    Parameters
    ----------
    spacing
        Where the texts that are searched have spaces; without it none are put in.
    """
    typed = _shorten(normalize(question))
    repaired = repair(typed) or typed
    repaired = _shorten(spacing.spaced(repaired) if spacing else repaired)
    return Readings(typed, repaired, _shorten(lexicon.rewrite(repaired)))


def repair(text: str) -> str:
    """Korean typed on the English layout or letter by letter set right, syllables that were typed apart joined,
    stretched letters shortened, others that stand loose (ㅋㅋ, ㅠㅠ) left out.

    >>> repair("tmakxmtmxhdj ㅂㅐ송비ㅠㅠ 왜애애애애 안돼요!!!!"), repair("배 송 비 변 경 되나요?")
    ('스마트스토어 배송비 왜애 안돼요!', '배송비변경 되나요?')
    """
    text = text.translate(_NARROW)
    if any(from_english_layout(word) for word in _LATIN.findall(text)):
        fewest = 2 if _HANGUL.search(text) else 1  # whoever forgot to switch typed the short words so too
        text = _LATIN.sub(lambda found: from_english_layout(found[0], fewest) or found[0], text)
    text = _LONGER.sub(r"\1", text)
    text = normalize(_JAMO.sub(" ", compose(text))) or text
    return _APART.sub(lambda found: found[0].replace(" ", ""), text)


def compose(text: str) -> str:
    """Jamo that were typed one by one put together, each run of them that is whole syllables.

    >>> compose("정ㅅㅏㄴ은 ㅇㅓㄴㅈㅔ 되나요ㅋㅋ")
    '정산은 언제 되나요ㅋㅋ'
    """
    return _JAMO.sub(lambda found: _syllables(found[0].translate(_JAMO_KEYS)) or found[0], text)


def from_english_layout(word: str, fewest: int = 2) -> str | None:
    """The Hangul that these keys give on a Korean keyboard; nothing unless all of them form whole syllables.

    At least `fewest` syllables: `sms` would be one. Most English words leave letters over; some common ones that do
    not are known.

    >>> from_english_layout("cnlth"), from_english_layout("excel"), from_english_layout("sms")
    ('취소', None, None)
    """
    if _ENGLISH.fullmatch(word) or (word.isupper() and len(word) > 1):  # SMS: nobody types words with shift held
        return None
    found = _syllables("".join(key if key in _ONLY_SHIFTED else key.lower() for key in word))
    return found if found and len(found) >= fewest else None


def _syllables(keys: str) -> str | None:
    """What these keys type; nothing unless all of them form whole syllables."""
    parts, at = [], 0
    while at < len(keys):
        found = _SYLLABLE.match(keys, at)
        if found is None:
            return None
        initial, vowel, final = found.groups()
        parts.append(_INITIALS[initial] + _VOWELS[vowel] + (_FINALS[final] if final else ""))
        at = found.end()
    return unicodedata.normalize("NFC", "".join(parts))


def _shorten(text: str) -> str:
    """The beginning and the end of a long text: people begin with the topic and end with the question."""
    if len(text) <= MAX_CHARACTERS:
        return text
    return f"{text[: MAX_CHARACTERS // 2]} {text[-MAX_CHARACTERS // 2 :]}"
