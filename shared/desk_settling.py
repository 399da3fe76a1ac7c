"""Which groups of the desk need nothing more, since what was published answers all of their questions by now."""

from collections.abc import Callable, Sequence

from shared.answering.decision import margin_of
from shared.desk import LOW_MARGIN, DeskCluster, DeskQuestion
from shared.rehearsal import Side, reply
from shared.retrieval.base import Found
from shared.storage.keys import created_at

MOST_ASKED = 300  # questions of one call: four seconds


def solved(clusters: Sequence[DeskCluster], side: Side, prepare: Callable[[Sequence[str]], None]) -> list[DeskCluster]:
    """Ask the questions of each group again, until one is not answered, and return the groups that have none such.

    A question is answered when the desk would not take it: surely enough and, after an answer that did not help, from
    a content that was changed since. Groups of which not all questions are listed are left as they are, and those for
    which there is no room.

    Parameters
    ----------
    prepare
        Makes the vectors of questions that are about to be asked, many at once.

    Raises
    ------
    EmbeddingUnavailable, IndexUnavailable, StoreUnavailable
    """
    whole = [one for one in clusters if one.wordings == len(one.questions)]
    prepare([one.questions[0].question for one in whole[:MOST_ASKED]])
    left, begun = MOST_ASKED, list[DeskCluster]()
    for cluster in whole[:left]:
        left -= 1
        if _is_answered(cluster.questions[0], side):
            begun.append(cluster)
    found: list[DeskCluster] = []
    for cluster in begun:
        others = cluster.questions[1:]
        if len(others) > left:
            break
        prepare([one.question for one in others])
        left -= len(others)
        if all(_is_answered(one, side) for one in others):
            found.append(cluster)
    return found


def _is_answered(asked: DeskQuestion, side: Side) -> bool:
    found = reply(side, asked.question)
    if found.decision != "answer":
        return False
    margin = margin_of(found)
    if margin is not None and margin < LOW_MARGIN:
        return False
    return "unhelpful" not in asked.why or _changed_since(asked, found)


def _changed_since(asked: DeskQuestion, found: Found) -> bool:
    changed = found.ranked[0].content.updated_at if found.ranked else None
    return changed is not None and changed > created_at(asked.chat_id)
