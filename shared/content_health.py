"""What may be wrong with a content beside its neighbours: for an operator to look at, never a reason to refuse it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from shared.answering.figures import Figure, holds, known, plain, read
from shared.desk_suggestion import REVIEW
from shared.models import Content, Model
from shared.retrieval.ngrams import ngrams
from shared.retrieval.search import subjects_of
from shared.retrieval.sentences import sentences
from shared.retrieval.text import letters

NEIGHBOURS = 8
# Of all n-grams of two texts those that both have (Jaccard). Of the sample FAQ, which contradicts itself nowhere, six
# pairs of sentences are told at 0.5, 11 at 0.4, 39 at 0.3
_SAME_TEXT, _SAME_SENTENCE = 0.7, 0.5
_FEWEST_NGRAMS = 4
_REPEATED_IN = 3  # neighbours that have the same sentence, too
_SHORTEST_REPEATED = 15  # letters
_SHOWN = 80


class Finding(Model):
    """One thing to look at.

    Parameters
    ----------
    faq_id, title
        The neighbour that it is about, if it is about one.
    here, there
        The sentences that contradict each other, or the one that is repeated.
    """

    kind: Literal["duplicate", "contradiction", "missing_services", "no_similar_title", "boilerplate", "not_reviewed"]
    message: str
    faq_id: str | None = None
    title: str | None = None
    here: str | None = None
    there: str | None = None


@dataclass(frozen=True)
class _Said:
    """A sentence, the figures in it, and the n-grams of the rest."""

    text: str
    figures: list[Figure]
    ngrams: frozenset[str]


def beside(content: Content, found: Sequence[Content], drafts: Mapping[str, Content | None]) -> list[Content]:
    """What a content is compared with: neighbours as they are to be, and as many drafts that no search finds yet.

    Parameters
    ----------
    found
        Those that the index has, without itself.
    drafts
        All drafts of its source, by id; `None` is one that is to be removed.
    """
    neighbours = [drafts.get(one.faq_id, one) for one in found]
    own, known = _words(content), {content.faq_id, *(one.faq_id for one in found)}
    others = [one for one in drafts.values() if one is not None and one.faq_id not in known]
    others.sort(key=lambda one: _alike(own, _words(one)), reverse=True)
    return [*(one for one in neighbours if one is not None), *others[:NEIGHBOURS]]


def findings(content: Content, neighbours: Sequence[Content], service_types: Sequence[str]) -> list[Finding]:
    """The line of a draft to be reviewed, near-duplicates, contradictions, what is missing or repeated; in this order.

    Parameters
    ----------
    neighbours
        The contents to compare it with, without itself: `beside` chooses them.
    service_types
        Those of the bots that draw on its source.
    """
    return [
        *_not_reviewed(content),
        *_duplicates(content, neighbours),
        *_contradictions(content, neighbours),
        *_missing(content, service_types),
        *_boilerplate(content, neighbours),
    ]


def _words(content: Content) -> frozenset[str]:
    return frozenset(ngrams(f"{content.title} {content.content}"))


def _not_reviewed(content: Content) -> Iterator[Finding]:
    if any(REVIEW in text for text in (content.content, *content.service_answers.values())):
        message = "검토 안내 줄이 남아 있습니다. 내용을 확인하고 게시하기 전에 지워 주세요."
        yield Finding(kind="not_reviewed", message=message, here=REVIEW)


def _duplicates(content: Content, neighbours: Sequence[Content]) -> Iterator[Finding]:
    own, text = {letters(one) for one in subjects_of(content)}, frozenset(ngrams(content.content))
    for other in neighbours:
        shared = [one for one in subjects_of(other) if letters(one) in own]
        if shared:
            yield _of(other, "duplicate", f"다른 콘텐츠와 제목이 같습니다: {shared[0][:_SHOWN]}")
        elif _alike(text, frozenset(ngrams(other.content))) >= _SAME_TEXT:
            yield _of(other, "duplicate", "다른 콘텐츠와 답변이 거의 같습니다.")


def _contradictions(content: Content, neighbours: Sequence[Content]) -> Iterator[Finding]:
    said = _said(content)
    for other in neighbours:
        theirs = _said(other)
        for one in said:
            against = next((two for two in theirs if _contradict(one, two)), None)
            if against is not None:
                message = "비슷한 내용의 다른 콘텐츠와 숫자나 날짜가 다릅니다."
                finding = _of(other, "contradiction", message)
                yield finding.model_copy(update={"here": one.text, "there": against.text})


def _missing(content: Content, service_types: Sequence[str]) -> Iterator[Finding]:
    missing = [one for one in service_types if one not in content.service_answers]
    if content.service_answers and missing:
        yield Finding(kind="missing_services", message=f"답변이 없는 서비스 유형이 있습니다: {', '.join(missing)}")
    if not content.similar_titles and not any(one.accepted for one in content.summary_titles):
        yield Finding(
            kind="no_similar_title", message="비슷한 제목이 없습니다. 고객이 쓰는 말로 하나 이상 적어 주세요."
        )


def _boilerplate(content: Content, neighbours: Sequence[Content]) -> Iterator[Finding]:
    theirs = [{letters(one) for one in sentences(other.content)} for other in neighbours]
    for one in sentences(content.content):
        key = letters(one)
        times = sum(key in said for said in theirs)
        if len(key) >= _SHORTEST_REPEATED and times >= _REPEATED_IN:
            message = f"다른 콘텐츠 {times}개에도 있는 문장입니다. 답변과 관계없는 문구라면 빼 주세요."
            yield Finding(kind="boilerplate", message=message, here=one)


def _said(content: Content) -> list[_Said]:
    answers = dict.fromkeys([content.content, *content.service_answers.values()])
    return [_of_sentence(plain(one)) for answer in answers for one in sentences(answer)]


def _of_sentence(text: str) -> _Said:
    figures, rest, end = read(text), "", 0
    for figure in figures:
        rest, end = rest + text[end : figure.start] + " ", figure.end
    return _Said(text, figures, frozenset(ngrams(rest + text[end:])))


def _contradict(one: _Said, two: _Said) -> bool:
    """Whether two sentences say the same of another figure of the same kind."""
    if not one.figures or not two.figures or _alike(one.ngrams, two.ngrams) < _SAME_SENTENCE:
        return False
    facts = known(two.figures)
    kinds = {fact[0] for fact in facts}
    return any(not holds(facts, figure) and kinds & {fact[0] for fact in figure.gives} for figure in one.figures)


def _alike(one: frozenset[str], two: frozenset[str]) -> float:
    fewest = min(len(one), len(two))
    return len(one & two) / len(one | two) if fewest >= _FEWEST_NGRAMS else 0.0


def _of(other: Content, kind: Literal["duplicate", "contradiction"], message: str) -> Finding:
    return Finding(kind=kind, message=message, faq_id=other.faq_id, title=other.title)
