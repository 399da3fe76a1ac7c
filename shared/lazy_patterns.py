"""Regular expressions that are compiled when they are first used.

Compiling all that an answer may need takes a tenth of a cold start (`scripts/bench_cold_start.py`), before a word of
the answer is there; most answers use a few.
"""

import re
from typing import Any, cast

_VERBS = ("search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer", "pattern", "flags", "groups")


class _Lazy:
    """Takes a compiled pattern's place, and its verbs as its own when the first of them is asked for."""

    def __init__(self, pattern: str, flags: int) -> None:
        self._given = pattern, flags

    def __getattr__(self, name: str) -> Any:
        if name not in _VERBS:
            raise AttributeError(name)
        compiled = re.compile(*self._given)
        self.__dict__.update({verb: getattr(compiled, verb) for verb in _VERBS})
        return self.__dict__[name]


def lazy(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """What `re.compile` returns, as far as it is asked by its own methods; not for functions of `re` themselves.

    Raises
    ------
    re.error
        For what is no pattern, when it is first used.

    Examples
    --------
    >>> lazy(r"[0-9]+").findall("1일 2회")
    ['1', '2']
    """
    return cast("re.Pattern[str]", _Lazy(pattern, flags))
