"""Names of companies and services in Korean text, as answers of an FAQ hold them. Pure functions.

What stands before 은행, 택배, 카드 and the like names one, unless it only tells which kind is meant. The best known
stand without such a word.
"""

import re
from collections.abc import Iterator

from shared.lazy_patterns import lazy

# What stands before such a word and names nobody: 신용카드, 당일택배, 거래은행
_KINDS = (
    "신용|체크|법인|개인|기프트|선불|후불|교통|해외|국내|복지|포인트|멤버십|멤버쉽|회원|적립|할인|사원|교환|등록|결제|명함|메모리|그래픽"
    "|본인|가족|분실|새|다른|해당|타|각|모든|여러|같은|이용|시중|주거래|거래|입금|출금|환불|발급|제휴|인터넷|모바일|가상|외국|지방|저축"
    "|당일|새벽|일반|퀵|편의점|지정|계약|무인|착불|방문|국제|반품|교환품|수거|배송|발송|이전|회사|업체|전용|개별|묶음|대형|도서산간"
    "|간편|자동|정기|원클릭|온라인|오프라인|전자|실물|종이|디지털|사용|보유|기존|어느|어떤|무슨|대표|전문|투자|혈액|데이터|문제|정답"
)
_IS_KIND = lazy(rf"(?:{_KINDS}|[은는이가을를의에로도와과])$")
_WITH_ITS_KIND = lazy(r"(?<![가-힣A-Za-z0-9])([가-힣]{2,6}?)(?:은행|뱅크|택배|카드|페이(?!지)|통운|증권|백화점)")
_KNOWN = lazy(
    r"(?<![가-힣])(?:네이버|카카오톡|카카오|구글|애플|쿠팡|지마켓|옥션|11번가|인스타그램|페이스북|유튜브|위메프|티몬|배달의민족|요기요"
    r"|무신사|새마을금고|대한통운|아이폰|갤럭시|안드로이드|윈도우|텔레그램|토스(?=[로를은는이가에 ]))"
)


def companies(text: str) -> Iterator[re.Match[str]]:
    """Where companies and services are named.

    >>> [one[0] for one in companies("신용카드나 국민은행, 네이버로 결제하세요")]
    ['국민은행', '네이버']
    """
    end = 0
    for match in sorted(
        [*_WITH_ITS_KIND.finditer(text), *_KNOWN.finditer(text)], key=lambda one: (one.start(), -one.end())
    ):
        if match.start() >= end and not (match.lastindex and _IS_KIND.search(match[1])):
            end = match.end()
            yield match
