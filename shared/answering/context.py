"""What a question means after what was said before it."""

import re
from collections.abc import Sequence

from shared.models import Turn

# "그럼", "그거", "거기", … at the beginning point back to what was asked before
_POINTS_BACK = re.compile(
    r"^(?:그럼|그러면|그렇다면|그렇게|그런데|근데|그리고|그거|그것|그건|그게|그걸|그때|그 "
    r"|거기|거긴|이거|이건|이게|또 |아니면|아님 )"
)


def reading(question: str, history: Sequence[Turn]) -> str:
    """The question as it is to be searched: led by the last question when it points back to it.

    Parameters
    ----------
    history
        Earlier turns, oldest first.
    """
    if history and _POINTS_BACK.match(question):
        return f"{history[-1].user_message} {question}"
    return question
