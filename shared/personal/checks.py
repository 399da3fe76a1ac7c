"""Checksums and dates that tell a number from any other of its length. Each takes ASCII digits and nothing else."""

from calendar import monthrange
from datetime import UTC, datetime

_RESIDENT_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_BUSINESS_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)
_CENTURIES = dict(zip("12345678", (1900, 1900, 2000, 2000, 1900, 1900, 2000, 2000), strict=True))

_DOUBLED = str.maketrans("0123456789", "0246813579")  # the sum of the digits of twice the digit


def is_date(digits: str) -> bool:
    """Whether `YYYYMMDD` is a day of 1900 to 2099."""
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
    return 1900 <= year <= 2099 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


def is_timestamp(digits: str) -> bool:
    """Whether `YYYYMMDDhhmmss` is a point in time."""
    return len(digits) == 14 and is_date(digits) and digits[8:10] < "24" and digits[10:12] < "60" and digits[12:] < "60"


def is_birth_date(digits: str) -> bool:
    """Whether the first seven digits can be a resident's or a foreigner's: `YYMMDD` and the century's digit, 1 to 8."""
    year = _CENTURIES.get(digits[6], 9999) + int(digits[:2])
    return year <= datetime.now(UTC).year and is_date(f"{year}{digits[2:6]}")


def is_resident(digits: str) -> bool:
    """The check digit of 13: weights 2–9, 2–5, modulo 11. A foreigner's is two more.

    Numbers given since October 2020 have none (주민등록법 시행규칙 제2조, 2020. 5. 27.): what fails may still be one.
    """
    total = sum(int(digit) * weight for digit, weight in zip(digits, _RESIDENT_WEIGHTS, strict=False))
    return int(digits[12]) == ((13 if digits[6] in "5678" else 11) - total % 11) % 10


def is_business(digits: str) -> bool:
    """The check digit of a business's ten: weights 1, 3, 7, and the ninth digit by five, tens and ones."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, _BUSINESS_WEIGHTS, strict=False))
    return len(digits) == 10 and digits[0] != "0" and (total + int(digits[8]) * 5 // 10 + int(digits[9])) % 10 == 0


def is_card(digits: str) -> bool:
    """Luhn's check digit (ISO/IEC 7812-1, annex B), and a first digit that cards of this length have."""
    match len(digits):
        case 14:
            issued = digits[:2] in ("30", "36", "38", "39")
        case 15:
            issued = digits[:2] in ("34", "37")
        case 16:
            issued = digits[0] in "34569" or "2221" <= digits[:4] <= "2720"
        case _:
            issued = digits[0] in "456" and len(digits) <= 19
    return issued and sum(map(int, digits[::-2] + digits[-2::-2].translate(_DOUBLED))) % 10 == 0


def is_barcode(digits: str) -> bool:
    """The check digit of an EAN-13: weights 1 and 3."""
    return (sum(map(int, digits[::2])) + 3 * sum(map(int, digits[1::2]))) % 10 == 0
