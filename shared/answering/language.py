"""Which language somebody writes in, as far as the bot's own words need it."""

from shared.bot import Language
from shared.lazy_patterns import lazy

_HANGUL, _KANA, _HAN = lazy("[가-힣ㄱ-ㅎㅏ-ㅣ]"), lazy("[ぁ-ゖァ-ヺ]"), lazy("[一-鿿]")
_WORD = lazy(r"[A-Za-z]{2,}")
_WORDS = 3  # fewer are a code or a brand that Korean customers write so, or Korean typed with the English layout


def language_of(text: str) -> Language:
    """Korean unless nothing of it is Korean and enough of it is something else.

    >>> language_of("How do I return an item?"), language_of("BSB code"), language_of("返品したい")
    ('en', 'ko', 'ja')
    """
    if _HANGUL.search(text):
        return "ko"
    if _KANA.search(text):
        return "ja"
    if _HAN.search(text):
        return "zh"
    return "en" if len(_WORD.findall(text)) >= _WORDS else "ko"
