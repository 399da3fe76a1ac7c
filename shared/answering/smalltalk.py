"""Messages that are a greeting or a thank-you from beginning to end. Pure functions."""

import re
from typing import Literal, TypeAlias

Smalltalk: TypeAlias = Literal["greeting", "thanks"]

MAX_LETTERS = 40  # who writes more has something to say

_ENDS = r"(?:용|욤|여|염|요)?"
_GREETINGS = (
    rf"안(?:녕|뇽|냥|녕히)(?:하세|하셔|하시죠|하신가|하십니까|하심까|하시|들?하세)?{_ENDS}",
    rf"(?:하이|하잉|헬로우?|헬로|할로|굿모닝|굿애프터눈|굿이브닝|방가|방가방가|하이루){_ENDS}",
    rf"반(?:갑습니다|갑네요|가워|갑다){_ENDS}|처음뵙겠습니다|처음뵙네요|만나서",
    r"좋은(?:아침|하루|저녁|오후|오전|밤|점심)(?:입니다|이에요|이네요|예요|네요|이야)?|여보세요|저기요|계세요|계신가요|실례합니다",
    r"ㅎㅇ|ㅎ2|ㅂㄱ|hello|hi|hey|helo|goodmorning|goodafternoon|goodevening|greetings|nicetomeetyou",
)
_THANKS = (
    r"감사(?:합니다|드립니다|드려|해|했습니다|했어|했|하네|함다|합니당|합니다람쥐|하다|감사|함|해욤?|하)?" + _ENDS,
    r"(?:고마|고맙)(?:워|웠어|웠습니다|습니다|네|다|와|읍니다)?" + _ENDS,
    rf"(?:땡큐|쌩큐|탱큐|땡스|쌩유|베리){_ENDS}",
    rf"수고(?:하세|하셨어|하십시오|하셨습니다|했어|많으셨습니다|많으세|해|하셔|링){_ENDS}|고생(?:하셨습니다|하셨어요|많으셨습니다|하세요)",
    r"안녕히(?:계세요|계십시오|가세요)|(?:좋은|즐거운|행복한|편안한)(?:하루|저녁|주말|시간|밤|오후|한주)(?:되세요|보내세요|보내십시오|되십시오|보내셔요)",
    r"ㄱㅅ|ㄳ|ㅅㄱ|thankyousomuch|thankyouverymuch|thankyou|thanksalot|thanks|thanx|thnx|thx|ty",
)
_ONLY_BESIDE = (  # says nothing by itself; beside a greeting it is a part of it
    "네 넵 넹 옙 예 응 웅 아하 아 오 우와 와 하하 헤헤 호호 히히 음 앗 그렇군요 그래요 알겠습니다 알겠어요 알았어요 이해했습니다 이해했어요 확인했습니다 확인했어요 정말 진짜 "
    "너무 많이 매우 아주 참 대단히 항상 늘 다시한번 다시 한번 무척 덕분에 덕분입니다 친절한 친절하게 친절히 빠른 빠르게 빨리 상세한 자세한 자세히 답변 답장 안내 설명 도움 상담 "
    "응대 대답 답 정보 해주셔서 주셔서 해줘서 줘서 알려 도와 답변해 안내해 설명해 말씀 고민 로 에 을 를 이 해 도 많은 큰 도움이 되었습니다 됐습니다 되었어요 됐어요 됐네요 "
    "되었네요 됩니다 해결 해결됐어요 해결됐습니다 해결되었습니다 해결되었어요 해결했어요 잘 됐 상담원 상담사 챗봇 봇 선생 담당자 고객센터 관리자 여러분 님 there so much "
    "very bro bot ㅇㅇ ㅇㅋ 요"
).split()


_READERS: tuple[tuple[Smalltalk | None, re.Pattern[str]], ...] = (
    ("thanks", re.compile("|".join(_THANKS))),
    ("greeting", re.compile("|".join(_GREETINGS))),
    (None, re.compile("|".join((*sorted(_ONLY_BESIDE, key=len, reverse=True), "[ㅋㅎㅠㅜㅡ]+")))),
)


def smalltalk(text: str) -> Smalltalk | None:
    """What a folded text (`hangul.fold`) is as a whole; thanks when it is both, since those end a conversation.

    >>> smalltalk("네 감사해요 ㅎㅎ"), smalltalk("안녕하세요 환불은 어떻게 하나요")
    ('thanks', None)
    """
    letters = "".join(filter(str.isalnum, text[: 4 * MAX_LETTERS]))
    if not 0 < len(letters) <= MAX_LETTERS or len(text) > 4 * MAX_LETTERS:
        return None
    kinds: set[Smalltalk] = set()
    at = 0
    while at < len(letters):
        # The longest of all: 안녕히계세요 begins with 안녕
        end, kind = max(
            ((found.end(), kind) for kind, reader in _READERS if (found := reader.match(letters, at))),
            key=lambda one: one[0],
            default=(at, None),
        )
        if end == at:
            return None
        at = end
        if kind:
            kinds.add(kind)
    return "thanks" if "thanks" in kinds else "greeting" if kinds else None
