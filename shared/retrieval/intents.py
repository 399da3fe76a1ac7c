"""What an FAQ cannot know however near its titles are: the asker's own data, other companies, advice, the future.

Rules, for the scores cannot tell: "이번 달 제 정산금이 얼마예요?" meets "정산금액은 언제 입금되나요?" too well.
A rule only turns an answer into asking back, and never where the FAQ speaks of the same.
"""

from collections.abc import Sequence

from shared.lazy_patterns import lazy
from shared.models import Content

READ = 8  # contents; who sells elsewhere, too, has a content on it among them
_NOW = r"(?:이번\s?(?:달|주)|지난\s?(?:달|주)|오늘|어제|그제|방금|지금|현재|올해)"
# Not in 결제, 문제, 국내; nor 제 3자, and 기간 내, 7일 내, 매장 내, which is "within"
_MINE = r"(?<![가-힣])(?:제(?!\s?[0-9])|저희|우리|(?<![일간월년장점어앱터트도위역뉴면]\s)내)(?=\s|가\s)"
# What only its owner has: with a time it asks for a value even without a "my"
_OWN = (
    r"(?:정산(?:금|액|될|된|받)|매출|입금(?:액|될|된|됐|되)|들어(?:오|와|왔|올)|주문\s?(?:건|수|이\s)|판매(?:량|액|금)"
    r"|팔(?:았|렸|린)|방문자|잔액|적립금|환불(?:금|액)|벌(?:었|어))"
)
_VALUE = r"(?:얼마|몇\s?(?:점|건|개|명|원|번|등|위)|어디까지|조회해|찾아\s?(?:줘|주세요)|보여\s?(?:줘|주세요))"
_COUNT = r"(?:얼마|몇\s?(?:건|원|명))"
_NUMBER = r"(?:주문|송장|운송장|접수|계좌|사업자)\s?번호\s?:?\s?[0-9][0-9-]{5,}"
# Two of three, in any order: whose, when, and a value that somebody would have to look up
_OWN_DATA = lazy(
    rf"{_NUMBER}|(?:{_NOW}.*{_OWN}|{_OWN}.*{_NOW}).*{_COUNT}|{_NOW}.*{_COUNT}.*{_OWN}"
    rf"|{_MINE}.*{_NOW}.*{_VALUE}|{_NOW}.*{_MINE}.*{_VALUE}"
    rf"|{_MINE}.*{_VALUE}.*(?:인지|조회|알려\s?(?:줘|주세요))"
)
_ADVICE = lazy(
    r"(?<![가-힣])(?:절세|고소|소송|승소)|변호사|손해\s?배상|이길\s?수|(?:게|편이|쪽이)\s?(?:나을까|좋을까|유리할까)"
)
_FUTURE = lazy(r"(?:내년|내후년|다음\s?달|앞으로|언젠가).*(?:오를|오르|내릴|인상|인하|바뀔|생길|없어질|예정)")
# Where else Korean sellers sell, and with what: names that no word of a question replaces
_OTHERS = lazy(
    r"(?<![가-힣a-z])(?:쿠팡|11번가|지마켓|g마켓|옥션|위메프|티몬|인터파크|롯데온|ssg|아마존|이베이|쇼피|라자다|테무|알리익스프레스|타오바오|무신사|지그재그|에이블리"
    r"|올리브영|오늘의집|당근마켓|번개장터|중고나라|도매꾹|카페24|고도몰|메이크샵|아임웹|네이버|스마트스토어|카카오|배달의민족|요기요|토스(?!트|터)|마켓컬리)"
)


def beyond(question: str, contents: Sequence[Content]) -> bool:
    """Whether the question asks for what the FAQ does not say, judged by the contents that came nearest, best first."""
    text = "\n".join(f"{one.title}\n{one.content}" for one in contents[:READ]).lower()
    named = [*_OTHERS.findall(question.lower()), *_ADVICE.findall(question)]
    return any(one not in text for one in named) or bool(_OWN_DATA.search(question) or _FUTURE.search(question))
