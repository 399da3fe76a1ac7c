"""Messages that are a greeting or a thank-you from beginning to end. Pure functions."""

import re
from typing import Literal, TypeAlias

from shared.lazy_patterns import lazy

Smalltalk: TypeAlias = Literal["greeting", "thanks"]

MAX_LETTERS = 40  # who writes more has something to say

_ENDS = r"(?:용|욤|여|염|요)?"
_GREETINGS = (
    rf"안(?:녕|뇽|냥)(?:하세|하셔|하시죠|하신가|하십니까|하심까|하시|들?하세)?{_ENDS}",
    rf"(?:하이|하잉|헬로우?|할로|굿모닝|굿애프터눈|굿이브닝|방가|하이루){_ENDS}",
    rf"반(?:갑습니다|갑네요|가워|갑다){_ENDS}|처음뵙겠습니다|처음뵙네요",
    r"좋은(?:아침|하루|저녁|오후|오전|밤|점심)(?:입니다|이에요|이네요|예요|네요|이야)?",
    r"여보세요|저기요|계세요|계신가요|실례합니다|ㅎㅇ|ㅎ2",
    r"hello|hi|hey|goodmorning|goodafternoon|goodevening|greetings|nicetomeetyou",
)
_THANKS = (  # 감사 alone is a noun: 감사 포인트
    rf"감사(?:(?:합니다|드립니다|드려|해|했습니다|했어|하네|함다|합니당|하다|함){_ENDS}|(?=\Z|감사|[ㅋㅎㅠㅜ]))",
    rf"(?:고마|고맙)(?:워|웠어|웠습니다|습니다|네|다|와|읍니다){_ENDS}|(?:땡큐|쌩큐|탱큐|땡스|쌩유){_ENDS}",
    rf"수고(?:하세|하셨어|하십시오|하셨습니다|했어|많으셨습니다|많으세|해|하셔){_ENDS}",
    r"고생(?:하셨습니다|하셨어요|많으셨습니다|하세요)|안녕히(?:계세요|계십시오|가세요)",
    r"(?:좋은|즐거운|행복한|편안한)(?:하루|저녁|주말|시간|밤|오후|한주)(?:되세요|보내세요|보내십시오|되십시오|보내셔요)",
    r"ㄱㅅ|ㄳ|ㅅㄱ|thankyou(?:so|very)?(?:much)?|thanks(?:alot|somuch)?|thanx|thnx|thx|ty",
)
# What says nothing by itself, and belongs to what stands beside it: to either, or to thanks alone
_BESIDE = (
    r"네|넵|넹|옙|예|응|웅|아하|아|오|우와|와|하하|헤헤|호호|히히|음|앗|정말|진짜|너무|매우|아주|참|늘|ㅇㅇ|ㅇㅋ|[ㅋㅎㅠㅜㅡ]+",
    r"(?:상담원|상담사|챗봇|담당자)(?:님|아)?|여러분|선생님|there|bot",
)
_REASONS = (
    r"그렇군요|그래요|(?:알겠|이해했|확인했)(?:습니다|어요)|알았어요|많이|많은|큰|대단히|항상|무척|다시한번|덕분(?:에|입니다)",
    r"친절(?:한|하게|히)|빠(?:른|르게)|빨리|상세한|자세(?:한|하게|히)",
    r"(?:답변|답장|안내|설명|도움|상담|응대|대답|정보|말씀)(?:해)?|(?:알려|도와)?(?:해)?(?:주셔서|줘서)",
    r"(?:해결)?(?:되었|됐)(?:습니다|어요|네요)|해결(?:했어요|됐네요)?|잘|로|에|을|를|이|도",
)
_READERS: tuple[tuple[Smalltalk | Literal["beside", "reason"], re.Pattern[str]], ...] = (
    ("thanks", lazy("|".join(_THANKS))),
    ("greeting", lazy("|".join(_GREETINGS))),
    ("beside", lazy("|".join(_BESIDE))),
    ("reason", lazy("|".join(_REASONS))),
)


def smalltalk(text: str) -> Smalltalk | None:
    """What a folded text (`hangul.fold`) is as a whole; thanks when it is both, since those end a conversation.

    >>> smalltalk("네 감사해요 ㅎㅎ"), smalltalk("안녕하세요 환불은 어떻게 하나요")
    ('thanks', None)
    """
    letters = "".join(filter(str.isalnum, text[: 4 * MAX_LETTERS]))
    if not 0 < len(letters) <= MAX_LETTERS or len(text) > 4 * MAX_LETTERS:
        return None
    kinds, at = set(), 0
    while at < len(letters):
        # The longest of all: 안녕히 계세요 begins with 안녕
        found = [(match.end(), kind) for kind, reader in _READERS if (match := reader.match(letters, at))]
        end, kind = max(found, key=lambda one: one[0], default=(at, "beside"))
        if end == at:
            return None
        kinds.add(kind)
        at = end
    if "thanks" in kinds:
        return "thanks"
    return "greeting" if "greeting" in kinds and "reason" not in kinds else None
