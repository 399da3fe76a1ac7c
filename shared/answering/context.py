"""What a question means after what was said before it: by rule, and rewritten by a language model where one is set."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace

from shared.answering.evidence import nearness
from shared.errors import LlmUnavailable
from shared.lazy_patterns import lazy
from shared.llm.base import ChatModel, Usage, estimated_tokens
from shared.llm.prompts import MAX_HISTORY_CHARACTERS, rewrite_messages
from shared.models import Turn
from shared.retrieval.base import Found
from shared.retrieval.ngrams import ngrams
from shared.retrieval.text import normalize

LONGEST_FOLLOW_UP = 200  # characters; who writes more says what it is about
MAX_ADDED = 40  # characters of a rewriting beyond the question and the longest one before it
MIN_SAID = 1 / 3  # share of a rewriting's n-grams that were said: particles and endings make up most of the others

# What joins a question to what was said before it, and says nothing of its own: new topics begin so, too. A 그거 says
# nothing either, and some put it before whole questions
_ASIDE = (
    r"(?:(?:아|어|음|참|아참|그런데|근데|그리고|그래서|그나저나|또|아니면|아님|아무튼|암튼)[ ,]+|(?:네|예|넵)[,.!] *)"
)
_THAT = r"(?:그거|그것|그건|그게|그걸|이거|이건|이게)[ ,]+"
_JOINS = lazy(rf"^(?:{_ASIDE}|(?:그럼|그러면|그렇다면)[ ,]+)*(?:{_THAT})?(?=\S)")
# What points back to it: such a question is on the same topic
_POINTS_BACK = lazy(
    rf"^{_ASIDE}*(?:그럼|그러면|그렇다면|그렇게|그거|그것|그건|그게|그걸|그때|그 |거기|거긴|이거|이건|이게)|거기"
)
_HANGUL = lazy("[가-힣]")
_FOREIGN = lazy(r"[^\W\d_A-Za-z가-힣ㄱ-ㅎㅏ-ㅣ]")  # letters of another script: small models slip into Chinese
_STATES = lazy(r"니다[.!]*$")  # as bots write, and customers rarely
_QUOTES = "\"'“”‘’`「」"


def alone(question: str) -> str:
    """A question without what joins it to what was said before."""
    return _JOINS.sub("", question)


def meanings(question: str, history: Sequence[Turn]) -> list[str]:
    """What a question may mean after what was said before it, the likeliest first.

    It may stand alone, or lean on the question before it: retrieval sees which of them an FAQ is about. Rules by words
    or by length alone found fewer follow-ups, or took new topics for some: docs/retrieval.md.

    Parameters
    ----------
    history
        Earlier turns, oldest first.
    """
    lead = _lead(history)
    if lead is None:
        return [question]
    return [alone(question), f"{lead.user_message} {question}"]


def stands_alone(found: Found, question: str) -> bool:
    """Whether what was found was found by the question alone."""
    return found.asked in (question, alone(question))


def first_before(question: str, history: Sequence[Turn]) -> str | None:
    """The content that was found first for the question before, if any was, and unless this one points back to it."""
    lead = _lead(history)
    if lead is None or not lead.sources or _POINTS_BACK.search(question):
        return None
    return lead.sources[0].faq_id


def unless_said(found: Found, question: str, history: Sequence[Turn]) -> Found:
    """What was found; but a follow-up that leads to the very answer before it is asked back, not answered with it."""
    lead = _lead(history)
    if lead is None or lead.decision != "answer" or not lead.sources or stands_alone(found, question):
        return found
    if found.decision == "answer" and found.ranked[0].content.faq_id == lead.sources[0].faq_id:
        return replace(found, decision="clarify")
    return found


def leans(question: str, history: Sequence[Turn], found: Found) -> bool:
    """Whether a question seems to need what came before it: it was not answered as it stands.

    Parameters
    ----------
    found
        What `meanings` found.
    """
    if _lead(history) is None or len(question) > LONGEST_FOLLOW_UP:
        return False
    return found.decision != "answer" or not stands_alone(found, question)


def recent(history: Sequence[Turn], tokens: int) -> list[Turn]:
    """The last turns that fit into a budget, oldest first.

    Parameters
    ----------
    tokens
        Estimated; each turn counts as it is shown, cut to `MAX_HISTORY_CHARACTERS` a side.
    """
    kept: list[Turn] = []
    for turn in reversed(history):
        sides = turn.user_message[:MAX_HISTORY_CHARACTERS], turn.system_message[:MAX_HISTORY_CHARACTERS]
        tokens -= sum(map(estimated_tokens, sides))
        if tokens < 0:
            break
        kept.insert(0, turn)
    return kept


async def rewrite(model: ChatModel, question: str, history: Sequence[Turn], usage: Usage | None = None) -> str:
    """The question as it can be asked without what came before it; the question itself when it can so already.

    Raises
    ------
    LlmUnavailable
        When nothing came, or nothing that the customer can have meant.
    """
    longest = len(question) + max(len(turn.user_message) for turn in history) + MAX_ADDED
    text = ""
    async with aclosing(model.stream(rewrite_messages(question, history), usage)) as pieces:
        async for piece in pieces:
            text += piece
            if len(text) > longest:
                raise LlmUnavailable(detail="the rewritten question is too long")
    rewritten = normalize(text.strip().strip(_QUOTES))
    if rewritten == question:
        return question
    if (problem := _drift(rewritten, question, history)) is not None:
        raise LlmUnavailable(detail=f"the rewritten question {problem}")
    return rewritten if _resolves(rewritten, question, history) else question


def better(offline: Found, rewritten: Found) -> Found:
    """The rewritten question's contents, unless they are further from an answer, or meet a title less, than the others.

    They never make an answer of what was none: a model may have misunderstood, so what only its reading finds is asked
    back, or put to the model that answers.
    """
    if nearness(rewritten) < nearness(offline) or _met(rewritten) < _met(offline):
        return offline
    decision = offline.decision if rewritten.decision == offline.decision else "clarify"
    return replace(rewritten, decision=decision, embedded=offline.embedded)


def _lead(history: Sequence[Turn]) -> Turn | None:
    """The turn that a follow-up would follow: the last that found something, else the last that asked something.

    Thanks and greetings ask nothing, and what was refused is rarely what is gone on with.
    """
    asked = [turn for turn in history if turn.decision != "fixed"]
    found = [turn for turn in asked if turn.decision != "refuse"]
    return next(reversed(found or asked), None)


def _met(found: Found) -> float:
    """How well the first content's title was met."""
    return found.ranked[0].parts["title"] if found.ranked else -1.0


def _resolves(rewritten: str, question: str, history: Sequence[Turn]) -> bool:
    """Whether it brings anything of what came before: without that it is the question again, less its "그럼"."""
    brought = set(ngrams(rewritten)) - set(ngrams(question))
    return bool(brought & set(ngrams(_said(history))))


def _said(history: Sequence[Turn]) -> str:
    return " ".join(f"{turn.user_message} {turn.system_message}" for turn in history)


def _drift(rewritten: str, question: str, history: Sequence[Turn]) -> str | None:
    """Why this can't be what the customer asked, in words fit for a log; `None` when it can."""
    said = f"{question} {_said(history)}"
    if "\n" in rewritten:
        return "has several lines"
    if not _HANGUL.search(rewritten) or set(_FOREIGN.findall(rewritten)) - set(said):
        return "is not Korean"
    if (question.endswith("?") and not rewritten.endswith("?")) or (
        _STATES.search(rewritten) and not _STATES.search(question)
    ):
        return "answers instead of asking"
    mine = set(ngrams(rewritten))
    if len(mine & set(ngrams(said))) < MIN_SAID * len(mine):
        return "is about something else"
    if not mine & set(ngrams(question)):
        return "has lost the question"
    return None
