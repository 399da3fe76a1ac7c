"""Files of questions: JSONL with `id`, `question`, `category`, `history`, `gold`, `gold_titles`, `answerable`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from scripts.steps import CannotRun
from shared.golden import GoldenQuestion
from shared.indexing.structure import derived_id
from shared.models import Turn, TurnStatus
from shared.retrieval.text import one_line, unescape
from shared.storage.keys import created_at, new_chat_id

OVERALL = "all"  # what the figures over all categories are called
SPACES = {"none": "", "all": " "}  # between the letters of questions that are typed so


@dataclass(frozen=True)
class Question:
    """One question, the turns before it, and the ids of the FAQs that answer it: any of them is a hit."""

    id: str
    text: str
    category: str
    history: tuple[Turn, ...] = ()
    gold: frozenset[str] = frozenset()

    @property
    def answerable(self) -> bool:
        """Whether some FAQ answers it."""
        return bool(self.gold)


class _Exchange(BaseModel):
    user: str
    assistant: str = ""


class _Line(BaseModel):
    id: str | int | None = None
    question: str = Field(min_length=1)
    category: str = Field("uncategorized", min_length=1)
    history: list[_Exchange] | None = None
    gold: list[str | int] | None = None
    gold_titles: list[str] | None = None
    answerable: bool | None = None


def read_questions(paths: Sequence[Path], source_id: str) -> list[Question]:
    """The questions of all files, in order. One without an id is named for its file and line.

    Parameters
    ----------
    source_id
        The source that is asked: ids of FAQs that came without one are derived from it and their titles.

    Raises
    ------
    CannotRun
        When a file cannot be read, a line is no question, two have one id, or there is none.
    """
    questions: dict[str, Question] = {}
    for path in paths:
        for number, line in _lines(path):
            try:
                question = _question(_Line.model_validate_json(line), f"{path.stem}:{number}", source_id)
            except ValidationError as error:
                first = error.errors(include_url=False, include_input=False)[0]
                problem = " ".join([*map(str, first["loc"]), first["msg"]])
                raise CannotRun(f"{path}: line {number}: {problem}") from error
            except ValueError as error:
                raise CannotRun(f"{path}: line {number}: {error}") from error
            if question.id in questions:
                raise CannotRun(f"{path}: line {number}: the id {question.id!r} was used before")
            questions[question.id] = question
    if not questions:
        raise CannotRun(f"{', '.join(map(str, paths))}: no questions")
    return list(questions.values())


def golden_questions(golden: Sequence[GoldenQuestion]) -> list[Question]:
    """A bot's golden questions, as an operator keeps them: those that are to be answered, and those that are not."""
    return [
        Question(
            id=one.golden_id,
            text=one.question,
            category="golden" if one.faq_ids else "unanswerable",
            gold=frozenset(one.faq_ids),
        )
        for one in golden
    ]


def following(questions: Sequence[Question], text: str) -> list[Question]:
    """The same, each asked right after `text`; those that have turns before them stay as they are."""
    before = (_turn(_Exchange(user=text)),)
    return [one if one.history else replace(one, history=before) for one in questions]


def typed_with(spaces: str, questions: Sequence[Question]) -> list[Question]:
    """The same as somebody types them who leaves all spaces out (`none`), or puts one after each letter (`all`)."""
    return [replace(one, text=SPACES[spaces].join("".join(one.text.split()))) for one in questions]


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8-sig") as lines:
            yield from ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    except UnicodeDecodeError as error:
        raise CannotRun(f"{path}: not UTF-8 ({error.reason})") from error


def _question(line: _Line, name: str, source_id: str) -> Question:
    gold = _gold(line, source_id)
    if line.category == OVERALL:
        raise ValueError(f"no category may be called {OVERALL!r}: the figures over all of them are")
    if line.answerable and not gold:
        raise ValueError("answerable, but without gold")
    if line.answerable is False and gold:
        raise ValueError("not answerable, but with gold")
    return Question(
        id=name if line.id is None else str(line.id),
        text=line.question,
        category=line.category,
        history=tuple(_turn(one) for one in line.history or []),
        gold=gold,
    )


def _gold(line: _Line, source_id: str) -> frozenset[str]:
    """Ids of FAQs. Where `gold` holds positions in a corpus, `gold_titles` names the FAQs."""
    if line.gold_titles:
        return frozenset(derived_id(source_id, one_line(unescape(title))) for title in line.gold_titles)
    return frozenset(map(str, line.gold or []))


def _turn(exchange: _Exchange) -> Turn:
    chat_id = new_chat_id()
    return Turn(
        session_id="evaluate",
        chat_id=chat_id,
        user_message=exchange.user,
        system_message=exchange.assistant,
        status=TurnStatus.DONE,
        created_at=created_at(chat_id),
    )
