"""What a bot is: data, not code. How it speaks, what it draws on, what it may spend. No I/O."""

# ruff: noqa: RUF012 (pydantic copies defaults; the linter does not see through `Model`)

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from shared.models import BotId, Model, SourceId
from shared.origins import Origin

Language: TypeAlias = Literal["ko", "en", "ja", "zh"]

_Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1_000)]
_Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
_Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s\"'<>\\]+$", max_length=2_000)]
_HttpsUrl = Annotated[str, StringConstraints(pattern=r"^https://[^\s\"'<>\\()]+$", max_length=2_000)]
_Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
_HeaderName = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z!#$%&'*+.^_`|~-]{1,64}$")]
_HeaderValue = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^[\x20-\x7e]+$", min_length=1, max_length=1_000)
]
_Host = Annotated[str, StringConstraints(to_lower=True, pattern=r"^[^\s/?#@\\]+$", max_length=260)]


def _by_language(words: object) -> object:
    return {"ko": words} if isinstance(words, str) else words


def _has_korean(words: dict[Language, str]) -> dict[Language, str]:
    if "ko" not in words:
        raise ValueError("the Korean words are missing")
    return words


Words = Annotated[dict[Language, _Line], BeforeValidator(_by_language), AfterValidator(_has_korean)]
"""What is said, by language; Korean stands in for those that are missing. One string is Korean."""


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

    words: Annotated[list[_Word], Field(min_length=1)]
    terms: _Name


class Replies(Model):
    """What a bot says without looking anything up; `{name}` is what it calls the company."""

    greeting: Words = {
        "ko": "안녕하세요! {name} 챗봇입니다. 무엇이 궁금하신가요?",
        "en": "Hello! This is the {name} chatbot. What would you like to know?",
    }
    thanks: Words = {
        "ko": "도움이 되었다니 기쁩니다. 더 궁금한 점이 있으면 언제든 물어봐 주세요.",
        "en": "Glad to help. Ask me whenever you have another question.",
    }
    short: Words = {"ko": "무엇이 궁금하신지 조금만 더 자세히 적어 주세요."}
    nonsense: Words = {"ko": "말씀을 이해하지 못했어요. 궁금한 점을 문장으로 적어 주시겠어요?"}
    banned: Words = {"ko": "서로 존중하는 표현으로 다시 말씀해 주시면 도와드릴게요."}
    injection: Words = {"ko": "그 요청은 도와드릴 수 없어요. 서비스 이용에 궁금한 점을 물어봐 주세요."}
    refusal: Words = {
        "ko": "저는 {name}를 위한 챗봇입니다. 등록된 도움말에 있는 내용만 답해 드릴 수 있어요."
        " 궁금한 점을 조금 더 구체적으로 물어봐 주세요.",
        "en": "I am the chatbot of {name} and answer from its help pages only. Could you put it differently?",
    }
    clarification: Words = {
        "ko": "혹시 이 질문인가요? 아래에서 골라 주시거나, 조금 더 자세히 적어 주세요.",
        "en": "Did you mean one of these? Choose below, or tell me a little more.",
    }


class VectorSource(Model):
    """An index of contents, made by `scripts/vectorize.py`.

    Parameters
    ----------
    description
        What it knows, for the model that chooses among several sources.
    prompt
        What the model that writes is told about it.
    """

    kind: Literal["vector"] = "vector"
    source_id: SourceId = "default"
    name: _Name = "도움말"
    description: _Line = "자주 묻는 질문과 답변(FAQ)을 찾습니다."
    prompt: _Line | None = None


class HttpField(Model):
    """One thing that is taken from an HTTP source's response; what no field takes is never seen by anybody.

    Parameters
    ----------
    path
        A JMESPath expression, from the record on.
    type
        What it must be; anything else is left out. `integer` and `number` are quantities and read `1,234`: numbers that
        name something (ids, years, postcodes) are `string`. `date` reads `2026년 11월 22일`, in Seoul. `strings` is a
        list.
    label
        What a model and a customer read in front of the value.
    """

    path: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    type: Literal["string", "integer", "number", "boolean", "date", "strings"] = "string"
    label: _Name


_OWN_HEADERS = {"accept-encoding", "connection", "content-length", "content-type", "host", "transfer-encoding"}


class HttpSource(Model):
    """A company's own API, asked with arguments that a model fills in.

    Parameters
    ----------
    method
        Either is a query: it changes nothing, and may be sent again when its answer was lost.
    parameters
        JSON Schema (2020-12) of the arguments: an object whose properties are scalars or lists of scalars. Those that
        it does not name are refused.
    url
        Arguments stand in its path as `{name}`, each filled in as a part of one percent-encoded segment; never in its
        host or its query. They are required ones.
    query, body
        Strings with `{name}`. A string that is one `{name}` and nothing else takes the argument with its type (in a
        query, a list repeats the key); one whose argument was not given is left out. A body makes it JSON.
    headers
        Values may hold `{secret:NAME}`, a secret of the deployment (`BOT_SECRETS`). They go to the URL's own scheme,
        host and port, and to nothing that those redirect to.
    timeout_seconds
        For one attempt, redirects included; all attempts and the waits between them take at most twice that.
    retries
        Further attempts after a broken connection, 429, 502, 503 and 504.
    cache_seconds
        How long a process remembers what was answered to the same arguments.
    records
        JMESPath of the list of records in the response, or of the only one.
    max_records
        How many of them are read.
    fields
        What is taken from each record, by name; default deny.
    title, link
        Which of the fields names a record, and which is the address of its page.
    allowed_hosts
        Hosts in private networks that it may be sent to, each with its port unless that is the scheme's own
        (`10.0.0.5:8080`, `api.internal`); public ones need no leave.
    """

    kind: Literal["http"] = "http"
    source_id: SourceId
    name: _Name
    description: _Line
    prompt: _Line | None = None
    method: Literal["GET", "POST"] = "GET"
    url: _Url
    parameters: dict[str, Any]
    query: dict[str, str] = {}
    body: dict[str, Any] | None = None
    headers: Annotated[dict[_HeaderName, _HeaderValue], Field(max_length=20)] = {}
    timeout_seconds: float = Field(3, gt=0, le=30)
    retries: int = Field(1, ge=0, le=3)
    cache_seconds: int = Field(0, ge=0, le=86_400)
    records: Annotated[str, StringConstraints(min_length=1, max_length=200)] = "@"
    max_records: int = Field(5, ge=1, le=20)
    fields: Annotated[dict[_Id, HttpField], Field(min_length=1, max_length=30)]
    title: str | None = None
    link: str | None = None
    allowed_hosts: Annotated[list[_Host], Field(max_length=20)] = []

    @field_validator("headers")
    @classmethod
    def _check_headers(cls, headers: dict[str, str]) -> dict[str, str]:
        for name in headers:
            if name.lower() in _OWN_HEADERS:
                raise ValueError(f"the header {name} is set by haedap itself")
        return headers

    @model_validator(mode="after")
    def _check_fields(self) -> "HttpSource":
        for name in (self.title, self.link):
            if name is not None and name not in self.fields:
                raise ValueError(f"{name!r} is none of the fields")
        labels = [one.label for one in self.fields.values()]
        if len(set(labels)) < len(labels):
            raise ValueError("two fields have the same label")
        if self.body is not None and self.method == "GET":
            raise ValueError("a GET has no body")
        return self


Source = Annotated[VectorSource | HttpSource, Field(discriminator="kind")]


class Chat(Model):
    """Which model writes, and how. Without prices the record has no cost in won.

    Parameters
    ----------
    model
        Without it, `CHAT_MODEL`.
    history_tokens
        How much of the earlier turns it is given, in estimated tokens.
    input_won, output_won
        Prices of a million tokens.
    """

    model: _Name | None = None
    temperature: float = Field(0.2, ge=0, le=2)
    max_tokens: int | None = Field(None, ge=16, le=32_000)
    history_tokens: int = Field(1_500, ge=0, le=32_000)
    input_won: float | None = Field(None, ge=0)
    output_won: float | None = Field(None, ge=0)


class Budget(Model):
    """What a bot may spend a day (in Seoul) on models; afterwards it answers from its contents alone."""

    tokens: int | None = Field(None, ge=0)
    won: float | None = Field(None, ge=0)

    @property
    def is_set(self) -> bool:
        """Whether there is anything to count."""
        return self.tokens is not None or self.won is not None


class Category(Model):
    """What a question is about: where contents do not tell, words do."""

    name: _Name
    words: list[_Word] = []


class Link(Model):
    """A page that is shown beside answers of its category, or to questions with one of its words."""

    title: _Name
    url: _HttpsUrl
    category: _Name | None = None
    words: list[_Word] = []


class Reason(Model):
    """Something that a customer may say about a bad answer with one tap."""

    code: _Id
    label: _Name


_REASONS = [
    Reason(code="wrong", label="사실과 달라요"),
    Reason(code="off_point", label="질문과 다른 답이에요"),
    Reason(code="unclear", label="이해하기 어려워요"),
    Reason(code="outdated", label="예전 내용이에요"),
]


class Bot(Model):
    """How one bot speaks and what it draws on.

    Parameters
    ----------
    persona
        Who it is, in the model's instructions.
    chat
        `None`: it answers without a language model, also where one is set.
    banned_words, allowed_words
        The operator's own, besides those that haedap ships; and what may be said although it holds one.
    service_types
        The services that its contents may have answers of their own for.
    pinned
        Questions that fill up what is popular: titles of contents, with or without their tags, or similar titles.
    feedback_reasons
        What its page offers to say about a bad answer.
    min_loading_ms
        How long its page shows at least that it is working.
    allowed_origins
        Whose pages may embed it with the widget, besides haedap's own.
    """

    bot_id: BotId = "default"
    version: str = "built-in"
    name: _Name | None = None
    persona: _Line | None = None
    replies: Replies = Replies()
    sources: Annotated[list[Source], Field(min_length=1, max_length=16)] = [VectorSource()]
    chat: Chat | None = Chat()
    budget: Budget = Budget()
    weights: Weights = Weights()
    thresholds: Thresholds = Thresholds()
    word_lists: list[Literal["commerce"]] = ["commerce"]
    synonyms: list[Synonym] = []
    banned_words: Annotated[list[_Word], Field(max_length=2_000)] = []
    allowed_words: Annotated[list[_Word], Field(max_length=2_000)] = []
    service_types: list[_Name] = []
    categories: Annotated[list[Category], Field(max_length=64)] = []
    links: Annotated[list[Link], Field(max_length=500)] = []
    pinned: Annotated[list[_Name], Field(max_length=20)] = []
    feedback_reasons: Annotated[list[Reason], Field(max_length=20)] = _REASONS
    min_loading_ms: int = Field(0, ge=0, le=5_000)
    allowed_origins: Annotated[list[Origin], Field(max_length=20)] = []  # all of them stand in one header

    @model_validator(mode="before")
    @classmethod
    def _read_first_shape(cls, bot: Any) -> Any:
        """Versions that were published with indexes alone, and two replies."""
        if not isinstance(bot, dict):
            return bot
        bot = dict(bot)
        if "source_ids" in bot:
            ids = bot.pop("source_ids")
            bot.setdefault("sources", [{"kind": "vector", "source_id": one} for one in ids])
        for reply in ("refusal", "clarification"):
            if reply in bot:
                bot["replies"] = {reply: bot.pop(reply), **bot.get("replies", {})}
        return bot

    @field_validator("sources")
    @classmethod
    def _check_ids(cls, sources: list[VectorSource | HttpSource]) -> list[VectorSource | HttpSource]:
        ids = [source.source_id for source in sources]
        if len(set(ids)) < len(ids):
            raise ValueError("two sources have the same id")
        return sources

    @field_validator("feedback_reasons")
    @classmethod
    def _check_reasons(cls, reasons: list[Reason]) -> list[Reason]:
        if len({one.label for one in reasons}) < len(reasons) or len({one.code for one in reasons}) < len(reasons):
            raise ValueError("two feedback reasons have the same label or code")
        return reasons

    @field_validator("budget")
    @classmethod
    def _check_budget(cls, budget: Budget, read: ValidationInfo) -> Budget:
        chat = read.data.get("chat")
        if budget.won is not None and chat and (chat.input_won is None or chat.output_won is None):
            raise ValueError("a budget in won needs the prices of the model, chat.input_won and chat.output_won")
        return budget

    @property
    def vectors(self) -> list[VectorSource]:
        """Those of its sources that are indexes."""
        return [source for source in self.sources if source.kind == "vector"]

    @property
    def source_ids(self) -> list[str]:
        """The ids of those indexes."""
        return [source.source_id for source in self.vectors]

    @property
    def searched_by(self) -> dict[str, Any]:
        """What of it decides what a search finds, and what its thresholds are fitted on."""
        told: dict[str, Any] = self.model_dump(include={"weights", "thresholds", "word_lists", "synonyms"})
        return {**told, "source_ids": self.source_ids}

    @property
    def asks_apis(self) -> bool:
        """Whether it draws on more than contents."""
        return any(source.kind == "http" for source in self.sources)

    def serves(self, service_type: str | None) -> bool:
        """Whether this is one of its services; of a bot that names none, any may be."""
        return bool(service_type) and (not self.service_types or service_type in self.service_types)

    def says(self, words: dict[Language, str], language: Language = "ko") -> str:
        """One of its replies, with its name filled in."""
        return words.get(language, words["ko"]).replace("{name}", f"{self.name} FAQ" if self.name else "FAQ")
