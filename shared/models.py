"""What haedap talks about: contents, sessions, turns, answers. No I/O, no key strings. Bots: `shared.bot`."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

Decision: TypeAlias = Literal["answer", "clarify", "refuse", "fixed"]
Expression: TypeAlias = Literal["SMILE", "THINKING", "CRYING"]
BubbleType: TypeAlias = Literal[
    "text",
    "faq_list",
    "category_list",
    "similar_questions",
    "guide",
    "image",
    "video",
    "link",
    "feedback_request",
    "feedback_form",
    "notice",
    "error",
]

BotId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
# What an address is, for who reads the schema. A stored bubble is read whatever it holds: a page follows no other
_OwnUrl = Annotated[str, Field(json_schema_extra={"pattern": r"^/v1/[^\s\"'<>\\]*$"})]
_HttpsUrl = Annotated[str, Field(json_schema_extra={"pattern": r"^https://[^\s\"<>\\]+$"})]
# Keys that JavaScript moves to the front of an object, in their own order (ECMAScript, OrdinaryOwnPropertyKeys)
_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")
OTHER = "기타"  # the category of contents that have none
_UNSEEN = "\u2060"  # a word joiner: no width, and nothing may break there
# What Chroma takes in a collection's name
SourceId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$")]


class Model(BaseModel):
    """Base of all models here: unknown fields in stored items are ignored, so that newer items stay readable."""

    model_config = ConfigDict(extra="ignore", defer_build=True)


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
    """One speech bubble, as the page shows it. Markdown in `description`; what it does not have is left out.

    Addresses in `next_action` and `info_map` are this API's own, each of them answered with bubbles when it is POSTed
    to.
    """

    bubble_id: str = Field(description="Of the bubbles of one answer, or one list, no two have the same")
    bubble_type: BubbleType
    description: str
    title: str | None = None
    icon: str | None = Field(None, description="An emoji")
    badge: str | None = Field(None, description="A word or two in a corner, as 인기")
    service_type: str | None = Field(None, description="The service that it is about, where answers differ by it")
    next_action: _OwnUrl | None = Field(None, description="Where the bubble's one button goes, or its form is sent")
    guide_text: str | None = Field(None, description="What the button says")
    guide_url: _HttpsUrl | None = Field(None, description="A page outside of this API, https")
    source_url: list[_HttpsUrl] | None = Field(None, description="Images or videos, https")
    caption: str | None = None
    info_map: dict[str, _OwnUrl] | None = Field(None, description="Choices in order: what each says, and where it goes")

    @field_validator("info_map")
    @classmethod
    def _keep_order(cls, choices: dict[str, str] | None) -> dict[str, str] | None:
        """Choices that read as whole numbers end in a sign without width: a browser would show them first."""
        if choices is None:
            return None
        return {f"{label}{_UNSEEN}" if _INDEX.fullmatch(label) else label: url for label, url in choices.items()}


class Invitation(Model):
    """What invites to rate an answer: nothing, where there is none to rate."""

    bubbles: list[Bubble] = []


class Feedback(Model):
    """What a customer said of an answer, once."""

    helpful: bool
    reason_codes: list[str] = []


class Source(Model):
    """A content that an answer was drawn from, or that came near; or a record of a company's own API."""

    n: int = Field(ge=1, description="The number that citations use")
    kind: Literal["content", "record"] = "content"
    source_id: str = "default"
    faq_id: str = Field(description="A content's id; of a record one that it keeps as long as its title and address")
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
    source_id: str | None = Field(None, description="Where the content is: ids may repeat in a bot's sources")


class SummaryTitle(Model):
    """A title that a language model gave a content. The content is found by it once a person has accepted it."""

    text: str
    model: str
    made_from: str = Field(description="Digest of the title and the text that the model read")
    accepted: bool = False


class Media(Model):
    """An image or a video that belongs to a content.

    Parameters
    ----------
    service_type
        The service whose answer it belongs to; without it, it goes with every answer.
    """

    kind: Literal["image", "video"]
    url: str
    caption: str | None = None
    service_type: str | None = None


def heading(service_type: str) -> str:
    """What a service's answer stands under, where a content holds nothing but answers of services."""
    return f"**{service_type}**\n\n"


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
    media: list[Media] = []
    effective_on: date | None = Field(None, description="The first day on which it may be answered from")
    expires_on: date | None = Field(None, description="The last one")
    updated_at: datetime | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it may be answered from on a day in Seoul."""
        return (self.effective_on is None or self.effective_on <= day) and (
            self.expires_on is None or day <= self.expires_on
        )

    @property
    def is_general(self) -> bool:
        """Whether it has an answer for who uses another service than those that it has answers of their own for."""
        return not self.service_answers or not all(heading(one) in self.content for one in self.service_answers)

    def answer_for(self, service_type: str | None) -> str:
        """The answer for a service type, or the general one when there is none for it."""
        return self.service_answers.get(service_type or "", self.content)

    def media_for(self, service_type: str | None) -> list[Media]:
        """The media that go with `answer_for(service_type)`, each once: none of another service's answer."""
        answer = self.answer_for(service_type)
        told = {kind for kind, own in self.service_answers.items() if own in answer}  # a general answer may hold all
        shown = {(one.url, one.caption): one for one in self.media if one.service_type in {None, service_type, *told}}
        return list(shown.values())


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
    expression: Expression | None = None
    search_completed: bool = False
    degraded: list[str] = []
    superseded_by: str | None = None
    feedback: Feedback | None = Field(None, description="As it was given; it can be given once")
    invitation: Invitation | None = Field(None, description="While it can be rated: what invites to")
    streaming_id: str | None = Field(
        None, description="While the answer is to come, or comes: with it, it is claimed, resumed or stopped"
    )

    @property
    def about_service(self) -> str | None:
        """The service that it was asked for, else the one that its answer is for."""
        return self.service_type or next((one.service_type for one in self.bubbles if one.service_type), None)


class StepTime(Model):
    """How long one step took."""

    step: str
    ms: int


class Call(Model):
    """One use of a source."""

    source_id: str
    arguments: dict[str, Any] = Field({}, description="As the model wrote them: personal data is masked")
    outcome: Literal["found", "empty", "invalid", "unavailable"]
    found: int = 0
    ms: int = 0
    retries: int = Field(0, description="Requests to the source after the first, also in vain")


class UnsupportedClaim(Model):
    """A sentence of an answer that its sources do not hold."""

    sentence: str
    reason: str
    what: str


class Problem(Model):
    """What went wrong in a step, in one line that holds no text of a customer and no secret."""

    step: str
    reason: str


class AnswerRecord(Model):
    """How an answer came about: for operators, never for customers.

    Parameters
    ----------
    candidates
        What was found, also for an answer that was refused or broke.
    model, prompt_version
        Of the language model that was asked, also when it only planned, rewrote or failed.
    left_out
        Records of APIs for which there was no room.
    cost_won
        `None` when the bot does not say what its model costs.
    tapped
        Whether a content was chosen by a tap, so that nothing was searched.
    margin
        How sure the search was: 0 with the least confidence that answers, 1 when certain, negative where it would have
        asked back. `None` where confidence decided nothing: the question is off topic, or a content's title.
    """

    model: str | None = None
    prompt_version: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    tokens_estimated: bool = False
    cost_won: float | None = None
    requests: int = 0
    retries: int = 0
    steps: list[StepTime] = []
    calls: list[Call] = []
    candidates: list[Source] = []
    left_out: int = 0
    problems: list[Problem] = []
    fixed: str | None = None
    tapped: bool = False
    margin: float | None = None
    category: str | None = None
    unsupported: list[UnsupportedClaim] = []


class Embedding(Model):
    """A question's vector as the history log keeps it, so that no reader has to make it again.

    Parameters
    ----------
    engine
        Whose it is: only vectors of one engine compare.
    vector
        Of unit length; little-endian float16 in base64.
    """

    engine: str
    vector: str


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
    record: AnswerRecord = Field(default_factory=AnswerRecord)
    # Of the question as it was asked, where it was searched. For the history log alone: no dump holds them
    embedding: Embedding | None = Field(None, exclude=True)
    asked_key: str | None = Field(None, exclude=True)  # the same for the same question, however it is spaced

    def as_logged(self) -> dict[str, Any]:
        """What the history log keeps beside `as_attributes`: the question's vector and key, shown to nobody, and the
        margin once more for who reads many questions without their records."""
        kept: dict[str, Any] = {
            "embedding": self.embedding.model_dump() if self.embedding else None,
            "asked_key": self.asked_key,
            "margin": self.record.margin,
        }
        return {name: value for name, value in kept.items() if value is not None}

    def as_attributes(self) -> dict[str, Any]:
        """The attributes of a stored turn that come from the answer.

        `answered_by`, the first content that it rests on, is there for those who count: it is read without the rest.
        """
        first = next((one for one in rests_on(self) if one.kind == "content"), None)
        return {
            "system_message": self.text,
            "answered_by": [first.source_id, first.faq_id] if first else [],
            **self.model_dump(mode="json", exclude={"text"}, exclude_none=True),
        }


def rests_on(turn: Turn | Answer) -> list[Source]:
    """What an answer was drawn from: what it cites, else the first that was found; nothing of what is no answer."""
    if turn.decision != "answer":
        return []
    return [one for one in turn.sources if one.cited] or turn.sources[:1]


def contents_of(item: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The same of a stored turn, as (source_id, faq_id), contents only: without models, of which many take minutes."""
    if item.get("decision") != "answer":
        return []
    sources: list[dict[str, Any]] = item.get("sources") or []
    rests = [one for one in sources if one.get("cited")] or sources[:1]
    # The first turns named no source, there was one; and their sources were all contents
    return [
        (one.get("source_id", "default"), one["faq_id"]) for one in rests if one.get("kind", "content") == "content"
    ]


def first_content_of(item: Mapping[str, Any]) -> tuple[str, str] | None:
    """The first of them, which is `answered_by` of all but the oldest turns."""
    if "answered_by" in item:
        return (item["answered_by"][0], item["answered_by"][1]) if item["answered_by"] else None
    return next(iter(contents_of(item)), None)
