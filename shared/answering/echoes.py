"""Whether an answer only repeats a figure or name of the customer's, or says that it holds. Pure functions.

"3일 전에 주문하셨다면" repeats the customer's circumstance; "네, 5%입니다" confirms what no content says.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from shared.answering.hangul import PAST
from shared.lazy_patterns import lazy

# What makes a figure a rule's: it is where something begins or ends
_LIMIT = lazy(r"\s?(?:까지|부터|이상|이하|이내|이전|안에|내에|내로|동안|간은|마다|씩|미만|초과|이후|만에|당)")
_BOUNDARY = lazy(
    r"\s?[이가을를은는]?\s?(?:지나면|지나야|넘으면|넘어야|초과|이상|이하|미만|이후|[후뒤]에|부터|지난|된\s?[후뒤])"
)
_REPEATED_AFTER = lazy(
    r"\s?(?:전|째|어치|짜리)이?면"
    r"|(?:\s?(?:전|째|정도|쯤|어치|짜리|남짓))?(?:이|가|이?시)?(?:라면|라서|라\s|라도|므로|시면|신데|시니|시더라도|신\s?경우|시군요|시네요)"
    rf"|[^,.!?;]{{0,20}}?(?:{PAST}(?:다면|으면|으니|으므로|는데|지만|기\s?때문|더라도|어도|군요|네요|을)"
    r"|시더라도|[는은신던]\s것이(?:니|라면|므로)|[은는인신던을실할]\s(?:경우|때)|신\s(?!뒤|후|다음|날|지\s|분))"
)
_REPEATED_BEFORE = lazy(r"(?:말씀|문의|질문|언급|입력|구매|주문|결제)하신\s$|[담찾보받]으?신\s$")
_NOT_SO = lazy(r"[\]'’”\"]?\s?[^\s,.!?]{0,6}?[이가은는]?\s?아니(?:라|고|며|에요|예요|어요)|\s?[이가은는]?\s?아닙")
_DENIED = lazy(
    r"지\s?(?:않|못)(?!아도|으면|으셔도)|수[는가도]?\s?없|안\s?(?:[되돼됩]|올라)|불가|어렵습|어려[워우]|없습니다|없어요|못\s?[하합해]|아닙니다|아니에요"
)
_HEARD = lazy(r"[^,.!?;]{0,20}?(?:들으[셨신]|알고\s?계|생각하[셨신]|보[셨신])")
_CONFIRMS = lazy(r"^(?:네|예|맞|그럼요|물론|그렇)")
# The customer has a figure of the company's confirmed, or heard it somewhere
_HAS_CONFIRMED = lazy(
    r"죠|지요|맞[나아는은죠지]|[라다]면서|[라다]던데|[라다]는데|[라다]고\s?[들하했아알]|[대래]요\s?[?.!]?$|걸로\s?[아알]"
)


@dataclass(frozen=True)
class Said:
    """Where a figure or name of the customer's stands in a sentence of an answer.

    Attributes
    ----------
    rival
        Whether the contents hold something of the same kind, on which a denial can rest.
    """

    sentence: str
    start: int
    end: int
    rival: bool


def only_repeats(said: Said, question: str) -> bool:
    """Whether it is told as the customer's own circumstance, or denied.

    >>> only_repeats(Said("3일 전에 주문하셨다면 늦어졌습니다.", 0, 2, False), "3일 전에 주문했는데요")
    True
    >>> only_repeats(Said("네, 5%입니다.", 3, 5, True), "수수료가 5%죠?")
    False
    """
    before, after = said.sentence[: said.start], said.sentence[said.end :]
    if _NOT_SO.match(after):
        return True
    if _CONFIRMS.match(said.sentence):
        return False
    if _HEARD.match(after):
        return True
    if said.rival and _DENIED.search(after) and not _BOUNDARY.match(after):
        return True
    if _LIMIT.match(after) or _HAS_CONFIRMED.search(question):
        return False
    return bool(_REPEATED_BEFORE.search(before) or _REPEATED_AFTER.match(after))


def rivals(kinds: AbstractSet[str], held: AbstractSet[str]) -> bool:
    """Whether one of these kinds of figures is among those held; what has no unit has no kind."""
    return bool(kinds & held - {"number", "bare"})
