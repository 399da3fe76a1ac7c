"""What an FAQ cannot know however near its titles are: the asker's own data, other companies, advice, the future.

Rules, for the scores cannot tell: "이번 달 제 정산금이 얼마예요?" meets "정산금액은 언제 입금되나요?" too well.
A rule only turns an answer into asking back, and never where the FAQ speaks of the same.
"""

import re
from collections.abc import Sequence

from shared.models import Content

READ = 8  # contents; who sells elsewhere, too, has a content on it among them
_NOW = r"(?:이번\s?(?:달|주)|지난\s?(?:달|주)|오늘|어제|그제|방금|지금|현재|올해)"
_MINE = r"(?:제|저희|내|우리)(?=\s|가\s)"
_VALUE = r"(?:얼마|몇\s?(?:점|건|개|명|원|번|등|위)|어디까지|조회해|찾아\s?(?:줘|주세요)|보여\s?(?:줘|주세요))"
_NUMBER = r"(?:주문|송장|운송장|접수|계좌|사업자)\s?번호\s?:?\s?[0-9][0-9-]{5,}"
# Two of three, in any order: who, when, and a value that somebody would have to look up
_OWN_DATA = re.compile(
    rf"{_NUMBER}|{_NOW}.*(?:얼마|몇\s?(?:건|원|명))|{_MINE}.*{_NOW}.*{_VALUE}|{_NOW}.*{_MINE}.*{_VALUE}|{_MINE}.*{_VALUE}.*(?:인지|조회|알려\s?(?:줘|주세요))"
)
_ADVICE = re.compile(r"절세|고소|소송|변호사|손해\s?배상|승소|이길\s?수|(?:게|편이|쪽이)\s?(?:나을까|좋을까|유리할까)")
_FUTURE = re.compile(r"(?:내년|내후년|다음\s?달|앞으로|언젠가).*(?:오를|오르|내릴|인상|인하|바뀔|생길|없어질|예정)")
# Where else Korean sellers sell, and with what: names that no word of a question replaces
_OTHERS = re.compile(
    r"쿠팡|11번가|지마켓|g마켓|옥션|위메프|티몬|인터파크|롯데온|ssg|아마존|이베이|쇼피|라자다|테무|알리익스프레스|타오바오|무신사|지그재그|에이블리"
    r"|올리브영|오늘의집|당근마켓|번개장터|중고나라|도매꾹|카페24|고도몰|메이크샵|아임웹|네이버|스마트스토어|카카오|배달의민족|요기요|토스|마켓컬리"
)


def beyond(question: str, contents: Sequence[Content]) -> bool:
    """Whether the question asks for what the FAQ does not say, judged by the contents that came nearest, best first."""
    text = "\n".join(f"{one.title}\n{one.content}" for one in contents[:READ]).lower()
    named = [*_OTHERS.findall(question.lower()), *_ADVICE.findall(question)]
    return any(one not in text for one in named) or bool(_OWN_DATA.search(question) or _FUTURE.search(question))
