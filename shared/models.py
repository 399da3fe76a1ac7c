"""What haedap talks about: bots, contents, sessions, turns, answers. No I/O, no key strings."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Decision: TypeAlias = Literal["answer", "clarify", "refuse", "fixed"]
Expression: TypeAlias = Literal["SMILE", "THINKING", "CRYING"]
BubbleType: TypeAlias = Literal["text", "notice", "error"]

BotId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
# What Chroma takes in a collection's name
SourceId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$")]


class Model(BaseModel):
    """Base of all models here: unknown fields in stored items are ignored, so that newer items stay readable."""

    model_config = ConfigDict(extra="ignore")


class TurnStatus(StrEnum):
    """A turn's life. `interrupted` is never stored: it is how a lapsed `pending` or `running` turn reads."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"

    @property
    def is_open(self) -> bool:
        """Whether an answer may still come."""
        return self in (TurnStatus.PENDING, TurnStatus.RUNNING)


class Bubble(Model):
    """One speech bubble, as the page shows it. Markdown in `description`."""

    bubble_id: str
    bubble_type: BubbleType
    description: str
    title: str | None = None


class Source(Model):
    """A content that an answer was drawn from, or that came near."""

    n: int = Field(ge=1, description="The number that citations use")
    faq_id: str
    title: str
    matched_subject: str = Field(description="The one of its titles that the question met")
    url: str | None = None
    score: float = Field(description="Weighted mean of the parts of its score, about 0 to 1")
    cited: bool = False
    updated_at: datetime | None = None


class Suggestion(Model):
    """A question that the FAQ can answer."""

    text: str
    faq_id: str


class Weights(Model):
    """What each leg of the search weighs in a content's score, relative to the others, each in units of its spread.

    Titles and contents are compared by the embedding model, sentences by a second one, words by character n-grams.
    """

    title: float = Field(4.0, ge=0, le=1_000)
    content: float = Field(2.0, ge=0, le=1_000)
    sentence: float = Field(3.0, ge=0, le=1_000)
    lexical: float = Field(2.0, ge=0, le=1_000)


class Thresholds(Model):
    """When a bot refuses, and when it answers instead of asking back; between the two it asks back.

    Parameters
    ----------
    off_topic_refused
        The share of haedap's off-topic questions, a third of which come near on purpose, that it refuses. The more, the
        more questions it refuses that it could answer.
    answer_from
        The probability, from 0 to 1, that the first content is the right one.
    """

    off_topic_refused: float = Field(0.97, ge=0.5, le=1)
    answer_from: float = Field(0.6, ge=0, le=1)


class Synonym(Model):
    """Words that customers use, and what the FAQ calls the thing. A word with `*` at its end is a verb's stem."""

    words: Annotated[
        list[Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]], Field(min_length=1)
    ]
    terms: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class Bot(Model):
    """How one bot speaks and what it draws on: data, not code."""

    bot_id: BotId = "default"
    version: str = "built-in"
    name: str | None = None
    source_ids: Annotated[list[SourceId], Field(min_length=1)] = ["default"]
    weights: Weights = Weights()
    thresholds: Thresholds = Thresholds()
    word_lists: list[Literal["commerce"]] = ["commerce"]
    synonyms: list[Synonym] = []
    refusal: str = (
        "저는 {name}를 위한 챗봇입니다. 등록된 도움말에 있는 내용만 답해 드릴 수 있어요."
        " 궁금한 점을 조금 더 구체적으로 물어봐 주세요."
    )

    clarification: str = "혹시 이 질문인가요? 아래에서 골라 주시거나, 조금 더 자세히 적어 주세요."

    @property
    def refusal_text(self) -> str:
        """The refusal in the bot's own words."""
        return self.refusal.replace("{name}", f"{self.name} FAQ" if self.name else "FAQ")


class SummaryTitle(Model):
    """A title that a language model gave a content. The content is found by it once a person has accepted it."""

    text: str
    model: str
    made_from: str = Field(description="Digest of the title and the text that the model read")
    accepted: bool = False


class Content(Model):
    """One FAQ: the only truth that indexes are made from."""

    faq_id: str
    source_id: str
    title: str
    tags: list[str] = []
    similar_titles: list[str] = []
    summary_titles: list[SummaryTitle] = []
    content: str
    service_answers: dict[str, str] = {}
    related_ids: list[str] = []
    category: str | None = None
    category_inferred: bool = False
    url: str | None = None
    updated_at: datetime | None = None

    def answer_for(self, service_type: str | None) -> str:
        """The answer for a service type, or the general one when there is none for it."""
        return self.service_answers.get(service_type or "", self.content)


class Session(Model):
    """A conversation of one visitor."""

    session_id: str
    first_message: str
    title: str | None = None
    created_at: datetime
    updated_at: datetime


class Turn(Model):
    """A question and what became of it."""

    session_id: str
    chat_id: str
    user_message: str
    system_message: str = ""
    status: TurnStatus
    created_at: datetime
    service_type: str | None = None
    bubbles: list[Bubble] = []
    sources: list[Source] = []
    suggestions: list[Suggestion] = []
    decision: Decision | None = None
    degraded: list[str] = []
    superseded_by: str | None = None
    streaming_id: str | None = Field(
        None, description="While the answer is to come, or comes: with it, it is claimed, resumed or stopped"
    )


class Answer(Model):
    """What the pipeline makes of one question, whole: a stream, collected."""

    text: str = ""
    bubbles: list[Bubble] = []
    sources: list[Source] = []
    suggestions: list[Suggestion] = []
    decision: Decision | None = None
    expression: Expression = "THINKING"
    search_completed: bool = False
    degraded: list[str] = []
    latency_ms: int = 0
    error_code: str | None = None
    bot_version: str = ""
    searched_as: str | None = None  # the question as it was rewritten, when it was searched so

    def as_attributes(self) -> dict[str, Any]:
        """The attributes of a stored turn that come from the answer."""
        return {
            "system_message": self.text,
            **self.model_dump(mode="json", exclude={"text"}, exclude_none=True),
        }
