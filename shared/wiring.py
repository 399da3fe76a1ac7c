"""Cached, lazy factories: the only place that names back ends. It and `assembly` alone import inside functions."""

import logging
from threading import RLock
from typing import TYPE_CHECKING

from cachetools import LRUCache, TTLCache, cached

from shared.api_keys import ApiKey, ApiKeys, hashed
from shared.bot import Bot, Chat
from shared.bots import Bots
from shared.conversations import Conversations
from shared.errors import BotNotFound
from shared.feedback import Feedbacks
from shared.once import once
from shared.seeing.base import Meter, Seeing, Tracer
from shared.settings import get_settings
from shared.storage.base import Store
from shared.visitors import Visitors

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

    from shared.admin_keys import AdminKeys, Operator
    from shared.audit import Audit
    from shared.contents import Contents
    from shared.desk_marks import DeskMarks
    from shared.evaluations import Evaluations
    from shared.faqs import Faqs
    from shared.frequent import Frequent
    from shared.golden import Golden
    from shared.history import History
    from shared.indexing.edits import Workshop
    from shared.links import Allowed
    from shared.llm.base import ChatModel, Embedder
    from shared.llm.breaker import Breaker
    from shared.llm.connections import Connections
    from shared.notices import Notice, Notices
    from shared.notion.api import Notion
    from shared.question_log import QuestionLog
    from shared.retrieval.artefact import Artefact
    from shared.retrieval.artefacts import Artefacts
    from shared.retrieval.search import Engines
    from shared.retrieval.sentences import SentenceEncoder
    from shared.retrieval.similarity import Head
    from shared.rollup_count import RollUps
    from shared.seeing.prometheus import PrometheusMeter
    from shared.sources.recent import Recent
    from shared.spending import Spending
    from shared.taps import Taps

log = logging.getLogger(__name__)

_BOT_SECONDS = 2.0
_KEY_SECONDS = 2.0  # that a revoked key may still work
_OPEN_ARTEFACTS = 16  # versions of sources; what is not read again the system may drop from memory
_OPEN_MODELS = 64
_REWRITE_TOKENS = 200  # a question of 200 characters
_CHAT = Chat()
_bots: TTLCache[str, Bot] = TTLCache(256, _BOT_SECONDS)
_bots_lock = RLock()


@once
def get_seeing() -> Seeing:
    """Who is told how the process fares: with no setting, nobody, and no library for it is loaded."""
    settings = get_settings()
    meters: list[Meter] = []
    tracer: Tracer | None = None
    if settings.metrics_token is not None:
        meters.append(get_prometheus())
    if settings.otel_exporter_otlp_endpoint is not None:
        from shared.seeing.otel import Collector, OtelMeter, OtelTracer

        collector = Collector(settings.otel_exporter_otlp_endpoint, settings.otlp_headers, settings.otel_service_name)
        meters.append(OtelMeter(collector, settings.otel_metric_export_interval))
        tracer = OtelTracer(collector, settings.otel_traces_sampler_arg)
    return Seeing(meters, tracer)


@once
def get_prometheus() -> "PrometheusMeter":
    """What `/metrics` tells."""
    from shared.seeing.prometheus import PrometheusMeter

    return PrometheusMeter()


@once
def get_store() -> Store:
    """The item store that `STORAGE` names."""
    store = _open_store()
    if not get_settings().sees:
        return store
    from shared.storage.watched import WatchedStore

    return WatchedStore(store)


def _open_store() -> Store:
    settings = get_settings()
    match settings.storage:
        case "sqlite":
            from shared.storage.sqlite import SqliteStore

            return SqliteStore(settings.sqlite_path)
        case "mongo":
            from shared.storage.mongo import MongoStore

            return MongoStore(
                settings.mongo_uri.get_secret_value(), settings.mongo_database, settings.store_timeout_seconds
            )
        case "dynamodb":
            from shared.storage.dynamodb import DynamoStore

            return DynamoStore(
                settings.dynamodb_table_prefix,
                settings.aws_region,
                settings.dynamodb_endpoint_url,
                settings.store_timeout_seconds,
                credentials=settings.aws_credentials,
            )


@once
def get_conversations() -> Conversations:
    """Sessions, turns and tickets."""
    return Conversations(get_store(), get_settings().history_days, secret_key=get_secret_key)


@once
def get_visitors() -> Visitors:
    """Signs and checks visitor tokens."""
    return Visitors(get_secret_key())


@once
def get_secret_key() -> str:
    """`SECRET_KEY`, or one that is made once and kept in `DATA_DIR`, readable by its owner alone."""
    settings = get_settings()
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    from shared.secret_key import kept_secret

    return kept_secret(settings.data_dir / "secret_key")


@once
def get_bots() -> Bots:
    """All versions of all bots."""
    return Bots(get_store())


@cached(_bots, key=str, lock=_bots_lock)
def get_bot(bot_id: str) -> Bot:
    """The newest published version of a bot. Raises `BotNotFound`.

    The bot `default` exists also when none was published.
    """
    name = get_settings().bot_name
    bot = get_bots().published(bot_id)
    if bot is None and bot_id != "default":
        raise BotNotFound
    bot = bot or Bot()
    return bot.model_copy(update={"name": name}) if name and bot_id == "default" else bot


def remembered_bot(bot_id: str) -> Bot | None:
    """The same bot if it was read a moment ago: then nobody has to wait for the store."""
    with _bots_lock:
        return _bots.get(bot_id)


def bot_exists(bot_id: str) -> bool:
    """Whether there is such a bot: one that serves, or a draft of one."""
    try:
        get_bot(bot_id)
    except BotNotFound:
        return get_bots().draft(bot_id) is not None
    return True


def serving_bots() -> list[Bot]:
    """Every bot that serves: the published ones, by id, and the bot `default`."""
    ids = {bot.bot_id for bot in get_bots().all()} | {"default"}
    return [get_bot(bot_id) for bot_id in sorted(ids)]


@once
def get_api_keys() -> ApiKeys:
    """All keys of all bots."""
    return ApiKeys(get_store())


@cached(TTLCache(1_024, _KEY_SECONDS), key=hashed, lock=RLock())
def get_api_key(token: str) -> ApiKey:
    """The key that a program calls with. Raises `InvalidApiKey`."""
    return get_api_keys().verify(token)


@once
def get_admin_keys() -> "AdminKeys":
    """Operators' keys."""
    from shared.admin_keys import AdminKeys

    return AdminKeys(get_store(), get_settings().admin_api_key)


@cached(TTLCache(1_024, _KEY_SECONDS), key=hashed, lock=RLock())
def get_operator(token: str) -> "Operator":
    """Whose admin key this is. Raises `InvalidAdminKey`."""
    return get_admin_keys().verify(token)


@once
def get_audit() -> "Audit":
    """What operators have changed."""
    from shared.audit import Audit

    return Audit(get_store(), get_settings().audit_days)


@once
def get_question_log() -> "QuestionLog":
    """What programs ask."""
    from shared.question_log import QuestionLog

    return QuestionLog(get_store(), get_settings().history_days)


@once
def get_history() -> "History":
    """What was asked, as operators read it."""
    from shared.history import History

    return History(get_store())


@once
def get_notices() -> "Notices":
    """What operators pin to a bot's entry."""
    from shared.notices import Notices

    return Notices(get_store())


@cached(TTLCache(256, _BOT_SECONDS), lock=RLock())
def get_notice(bot_id: str) -> "Notice | None":
    """What is pinned to a bot's entry now."""
    return get_notices().pinned(bot_id)


@once
def get_rollups() -> "RollUps":
    """What the days of the log amount to."""
    from shared.rollup_count import RollUps

    return RollUps(get_store(), get_settings().history_days)


@once
def get_faqs() -> "Faqs":
    """Contents, read without asking."""
    from shared.faqs import Faqs

    return Faqs(get_store())


@once
def get_taps() -> "Taps":
    """Questions that are asked by a tap."""
    from shared.taps import Taps

    return Taps(get_conversations(), get_faqs(), get_question_log(), get_allowed())


@once
def get_feedback() -> Feedbacks:
    """What customers say of answers."""
    return Feedbacks(get_store(), get_settings().history_days)


@once
def get_contents() -> "Contents":
    """Contents as operators edit them."""
    from shared.contents import Contents

    return Contents(get_store())


@once
def get_notion() -> "Notion":
    """Notion, as the integration of `NOTION_TOKEN` sees it. Raises `NotionTokenMissing`."""
    from shared.notion.errors import NotionTokenMissing

    settings = get_settings()
    if settings.notion_token is None:
        raise NotionTokenMissing
    from shared.notion.api import Notion

    token = settings.notion_token.get_secret_value()
    return Notion(token, settings.notion_base_url, settings.notion_timeout_seconds)


@once
def get_golden() -> "Golden":
    """What operators know the right answers to."""
    from shared.golden import Golden

    return Golden(get_store())


@once
def get_desk_marks() -> "DeskMarks":
    """What operators are done with on the improvement desk."""
    from shared.desk_marks import DeskMarks

    return DeskMarks(get_store(), get_settings().history_days)


@once
def get_evaluations() -> "Evaluations":
    """How golden questions were answered."""
    from shared.evaluations import Evaluations

    return Evaluations(get_store())


@once
def get_frequent() -> "Frequent":
    """What bots are asked most."""
    from shared.frequent import Frequent

    return Frequent(get_store())


def get_workshop() -> "Workshop":
    """What an edited content is made searchable with."""
    from shared.indexing.edits import Workshop

    return Workshop(get_store(), get_chroma(), get_embedder(), get_sentence_encoder(), get_artefacts())


@once
def get_embedder() -> "Embedder":
    """The embedding engine that `EMBEDDING_MODEL` names."""
    settings = get_settings()
    model = settings.resolved_embedding_model
    if model == "local":
        from shared.llm.local_embeddings import LocalEmbedder

        return LocalEmbedder(settings.embedding_threads)
    from shared.llm.openai_embeddings import OpenAIEmbedder

    key = settings.openai_api_key
    return OpenAIEmbedder(
        key.get_secret_value() if key else None,
        settings.openai_base_url,
        model,
        settings.embedding_dimensions,
        settings.embedding_timeout_seconds,
    )


def get_chat_model(chat: Chat | None = _CHAT) -> "ChatModel | None":
    """The language model of a bot, or `None` for one that has none, and without `OPENAI_API_KEY` and `OPENAI_BASE_URL`.

    Parameters
    ----------
    chat
        Which model, and how it writes.
    """
    settings = get_settings()
    if chat is None or not settings.llm_enabled:
        return None
    return _open_chat_model(
        chat.model or settings.chat_model,
        chat.max_tokens or settings.chat_max_tokens,
        settings.llm_timeout_seconds,
        settings.llm_first_token_timeout_seconds,
        chat.temperature,
    )


def get_rewriter(chat: Chat | None = _CHAT) -> "ChatModel | None":
    """The same model on a short lead, for follow-ups; `None` without one, or when it is not to be asked."""
    settings = get_settings()
    seconds = settings.rewrite_timeout_seconds
    if chat is None or not settings.llm_enabled or not seconds:
        return None
    return _open_chat_model(chat.model or settings.chat_model, _REWRITE_TOKENS, seconds, seconds, chat.temperature)


@once
def get_connections() -> "Connections":
    """Connections to model servers."""
    from shared.llm.connections import Connections

    return Connections()


@once
def get_breaker(server: str | None, model: str, silence_seconds: float) -> "Breaker":
    """One for each model of a server: a bot whose model fails must not silence the others.

    Parameters
    ----------
    server
        Its base URL; `None` is OpenAI's own.
    model
        The model's name, as the server knows it.
    silence_seconds
        How long the caller waits for a first token: what is too slow for a rewriting may still write.
    """
    from shared.llm.breaker import Breaker

    return Breaker()


@cached(LRUCache(_OPEN_MODELS), lock=RLock())
def _open_chat_model(
    model: str, max_tokens: int, timeout_seconds: float, silence_seconds: float, temperature: float
) -> "ChatModel":
    from shared.llm.guarded import Guarded
    from shared.llm.openai_chat import OpenAIChat

    settings = get_settings()
    key = settings.openai_api_key
    opened = OpenAIChat(
        key.get_secret_value() if key else None,
        settings.openai_base_url,
        model,
        max_tokens,
        timeout_seconds,
        silence_seconds,
        temperature,
        get_connections(),
    )
    return Guarded(opened, get_breaker(settings.openai_base_url, model, silence_seconds))


@once
def get_chroma() -> "ClientAPI":
    """Chroma: the server at `CHROMA_HOST`, else embedded in `DATA_DIR`."""
    from shared.retrieval.chroma import embedded_client, server_client

    settings = get_settings()
    if settings.chroma_host is None:
        return embedded_client(settings.chroma_path)
    token = settings.chroma_token
    return server_client(
        settings.chroma_host,
        settings.chroma_port,
        settings.chroma_ssl,
        token.get_secret_value() if token else None,
        settings.chroma_timeout_seconds,
    )


@once
def get_artefacts() -> "Artefacts":
    """Where builds keep their files: the directory or the bucket that `ARTIFACT_URL` names."""
    settings = get_settings()
    if settings.artifact_bucket is None:
        from shared.retrieval.artefacts import DirectoryArtefacts

        return DirectoryArtefacts(settings.artifact_path)
    from shared.retrieval.s3_artefacts import S3Artefacts

    return S3Artefacts(
        *settings.artifact_bucket,
        settings.aws_region,
        settings.artifact_endpoint_url,
        settings.artifact_cache_path,
        settings.artifact_timeout_seconds,
        settings.aws_credentials,
    )


@once
def get_sentence_encoder() -> "SentenceEncoder":
    """The second opinion on meaning."""
    from shared.retrieval.sentences import UniversalSentenceEncoder

    return UniversalSentenceEncoder()


@cached(LRUCache(_OPEN_ARTEFACTS), lock=RLock())
def get_artefact(source_id: str, version: str) -> "Artefact":
    """One version's artefact, memory-mapped, for all bots that draw on the source. Raises `ArtefactMissing`."""
    from shared.retrieval.artefact import load

    return load(get_artefacts().fetch(source_id, version))


def get_head(source_id: str, version: str) -> "Head":
    """The similarity head of one version. Raises `ArtefactMissing`. Not kept: it may be trained anew."""
    from shared.retrieval.similarity import Head, head_version

    return Head.load(get_artefacts().fetch(source_id, head_version(version)))


@once
def get_engines() -> "Engines":
    """What all searches of a process share."""
    from shared.retrieval.chroma import ChromaReader
    from shared.retrieval.search import Engines

    def open_reader(source: str, version: str) -> ChromaReader:
        return ChromaReader(get_chroma(), source, version)

    return Engines(get_embedder(), get_sentence_encoder(), open_reader, get_artefact, get_head)


@once
def get_spending() -> "Spending":
    """What bots spend."""
    from shared.spending import Spending

    return Spending(get_store())


@once
def get_recent() -> "Recent":
    """What HTTP sources answered a moment ago."""
    from shared.sources.recent import Recent

    return Recent()


def get_allowed() -> "Allowed":
    """Where links may lead and what may be shown."""
    from shared.links import Allowed

    settings = get_settings()
    return Allowed(settings.media_hosts, () if "*" in settings.link_hosts else settings.link_hosts)
