"""Phone numbers of people. Those of companies are nobody's: 15xx, 16xx, 18xx and 080."""

import re

from shared.personal.context import ENDS, STARTS, after, before, detector, is_amount, is_called_otherwise

_GAP = r"[ .\-/_~,:|=*+')\]]{0,4}"
_COUNTRY = r"(?:\(\+82\)|\+82|0082|\(0082\)|82(?<![0-9]..)(?<![0-9][-. ]..)(?=[ .\-(]|10))[ .\-]{0,3}(?:\(0\)|0)?"
_AREA = r"(?:2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|50[0-9]?)"
_NO_COMPANY = r"(?!1[568][0-9]{2}[ .\-]?[0-9]{4})"
_LETTERS_BEFORE = re.compile(r"(?<![a-z])(?:tel|hp|ph|phone|mobile|[tpmhc])$")
_DECIMALS = re.compile(r"(?:[0-9]{2}|0)[.,]$")
_NAME = r"(?:연락처|전화 ?번호|폰 ?번호|휴대폰|핸드폰|휴대 ?전화)(?:는|은|가|:| )*"


def _is_phone(match: re.Match[str]) -> bool:
    """Bare digits may be a part of a decimal number, or of a code that letters begin."""
    if not match[0].isdigit():
        return True
    said = before(match)
    if said[-1:].isascii() and said[-1:].isalpha() and not _LETTERS_BEFORE.search(said):
        return False
    return not (_DECIMALS.search(said) or is_amount(match) or is_called_otherwise(match))


MOBILE = (
    detector(
        rf"(?:01[016789](?<![0-9]...)|{_COUNTRY}1[016789]|\(01[016789]\)|\[01[016789]\])"
        rf"{_GAP}[0-9]{{3,4}}{_GAP}[0-9]{{4}}(?![0-9])",
        _is_phone,
    ),
    detector(r"010(?<![0-9]...)(?:[ .\-]?[0-9]){8}(?![ .\-]?[0-9])", _is_phone),
    # digit by digit, with the same between all of them
    detector(r"0(?<![0-9].)(?<![0-9][ .,\-].)([ .,\-])1\1[016789](?:\1[0-9]){7,8}(?!\1?[0-9])"),
)
OTHERS = (
    detector(
        rf"(?:0(?<![0-9].)(?<![0-9][-./].){_AREA}|\(0{_AREA}\)|{_COUNTRY}{_AREA})"
        rf"{_GAP}{_NO_COMPANY}[1-9][0-9]{{2,3}}{_GAP}[0-9]{{4}}(?![0-9])",
        _is_phone,
    ),
    detector(r"\+(?<![\w+].)(?!82)[1-9](?:[ .\-()]{0,2}+[0-9]){8,14}+(?![0-9])"),  # other countries'
    detector(rf"[1-9]{STARTS}(?:[0-47-9]|(?<!1)[0-9])[0-9]{{1,2}}-[0-9]{{4}}{ENDS}", after(_NAME)),  # without its area
)
