"""The first step of an answer: what gets a fixed one, decided without a model. Pure functions over word lists.

Of several kinds that hold, the first of these is taken: banned, injection, thanks, greeting, short, nonsense. A
greeting with a curse in it is a curse, one before an injection does not hide it, a loose ㄱㅅ is thanks, no nonsense.
What is not seen here is no danger to an answer: retrieval refuses what it does not find, prompts mark what is quoted.
"""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from shared.answering.banned import BannedWords
from shared.answering.hangul import fold, in_hangul
from shared.answering.injection import is_injection
from shared.answering.nonsense import is_nonsense, is_short
from shared.answering.smalltalk import smalltalk

Kind: TypeAlias = Literal["short", "nonsense", "greeting", "thanks", "banned", "injection"]


class Gate:
    """One bot's gate. Compiled once per version of the bot: the caller keeps it.

    Parameters
    ----------
    banned_words
        An operator's, beside those that come with haedap: any text, without marks.
    allowed_words
        Exceptions of theirs: words that hold a banned one, or a shipped word that this bot does not mind.
    """

    def __init__(self, banned_words: Sequence[str] = (), allowed_words: Sequence[str] = ()) -> None:
        self._banned = BannedWords(banned_words, allowed_words)

    def check(self, question: str) -> Kind | None:
        """Why a question gets a fixed answer; nothing when it is to be answered.

        Parameters
        ----------
        question
            Normalized (`shared.retrieval.text.normalize`). Any other text is read as well; it never raises.

        >>> gate = Gate()
        >>> gate.check("안녕하세요~"), gate.check("시1발"), gate.check("취소 시 발송된 상품은요?")
        ('greeting', 'banned', None)
        """
        if self._banned.found(question):
            return "banned"
        text = fold(question)
        if is_injection(text):
            return "injection"
        if (kind := smalltalk(text) or smalltalk(fold(in_hangul(question)))) is not None:
            return kind
        if is_short(text):
            return "short"
        return "nonsense" if is_nonsense(text) else None
