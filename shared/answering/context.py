"""What a question means after what was said before it."""

import re
from collections.abc import Sequence

from shared.models import Turn

# "그럼", "그거", "거기", … at the beginning point back to what was asked before
_POINTS_BACK = re.compile(
    r"^(?:그럼|그러면|그렇다면|그렇게|그런데|근데|그리고|그거|그것|그건|그게|그걸|그때|그 "
    r"|거기|거긴|이거|이건|이게|또 |아니면|아님 )"
)


def meanings(question: str, history: Sequence[Turn]) -> list[str]:
    """What a question may mean after what was said before it, the likeliest first.

    One that points back is led by the question before it. Any other may stand alone or lean on that: retrieval sees
    which of them an FAQ is about. Rules by length alone found fewer follow-ups: docs/retrieval.md.

    Parameters
    ----------
    history
        Earlier turns, oldest first.
    """
    if not history:
        return [question]
    led = f"{history[-1].user_message} {question}"
    return [led] if _POINTS_BACK.match(question) else [question, led]
