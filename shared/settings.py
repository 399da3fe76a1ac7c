"""Every setting, and the only reader of the environment. `.env.template` is the same list, for people."""

import json
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote
from uuid import UUID

from pydantic import (
    AfterValidator,
    AliasChoices,
    AnyHttpUrl,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from shared.origins import canonical_origin

_DEVELOPMENT_PASSWORD = "haedap-development"  # docker-compose.yml's
_PART = r"[A-Za-z0-9_=-][A-Za-z0-9_=.-]*"  # of a key in S3: no "." and "..", which some clients resolve
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+=[^\s,]*")
_S3_URL = rf"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{{1,61}}[a-z0-9])(?:/(?P<prefix>{_PART}(?:/{_PART})*))?/?"


class BotSecret(BaseModel):
    """What bots' own sources may send in a header, and the only hosts that may be sent it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: SecretStr = Field(min_length=1, max_length=4_096)
    hosts: list[Annotated[str, StringConstraints(to_lower=True, pattern=r"^[^\s/?#@\\]+$")]] = Field(min_length=1)

    @field_validator("value")
    @classmethod
    def _check_value(cls, value: SecretStr) -> SecretStr:
        return _sent_in_a_header(value)


def _sent_in_a_header(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if not text.isascii() or not text.isprintable() or text != text.strip():
        raise ValueError("Input should be what a header can hold: printable ASCII without spaces around it")
    return value


def _known_to_browsers(host: str) -> str:
    """A host that can stand in a content security policy, with its letters outside of ASCII as names have them."""
    try:
        host.removeprefix("*.").encode("idna")
    except UnicodeError:
        raise ValueError("Input should be a host, or *. and a host") from None
    return host


def _known_origin(text: str) -> str:
    try:
        return canonical_origin(text)
    except ValueError:  # it is told in Korean, for the console
        raise ValueError(
            "Input should be origins as browsers send them, https://app.example, without path and *"
        ) from None


_HOST_PATTERN = r"(\*\.)?[^\s/:?#@\\*,;'\"]+"
_HostPattern = Annotated[
    str,
    StringConstraints(to_lower=True, pattern=rf"^{_HOST_PATTERN}$", max_length=253),
    AfterValidator(_known_to_browsers),
]
_LinkHostPattern = Annotated[
    str,
    StringConstraints(to_lower=True, pattern=rf"^(\*|{_HOST_PATTERN})$", max_length=253),
    AfterValidator(_known_to_browsers),
]
_Origin = Annotated[str, AfterValidator(_known_origin)]
_BotId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
_SecretName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]


class Settings(BaseModel):
    """Names are the environment's, in lower case; units are in the names."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    # Language model: without a key and a base URL, answers are taken from the FAQ itself
    openai_api_key: SecretStr | None = Field(None, validation_alias=AliasChoices("openai_api_key", "open_ai_key"))
    openai_base_url: str | None = None
    chat_model: str = "gpt-4o-mini"
    chat_max_tokens: int = Field(1_000, ge=16, le=32_000)
    llm_timeout_seconds: float = Field(60, gt=0, le=600)
    llm_first_token_timeout_seconds: float = Field(15, gt=0, le=600)
    rewrite_timeout_seconds: float = Field(3, ge=0, le=600)

    # Embeddings: "auto" is OpenAI's with an OpenAI key and no base URL, else "local"
    embedding_model: str = "auto"
    embedding_dimensions: int | None = Field(None, ge=8, le=4_096)
    embedding_timeout_seconds: float = Field(30, gt=0, le=600)
    embedding_threads: int | None = Field(None, ge=1, le=256)

    # Storage
    storage: Literal["sqlite", "mongo", "dynamodb"] = "sqlite"
    data_dir: Path = Path("var")
    mongo_uri: SecretStr = SecretStr("mongodb://127.0.0.1:27017")
    mongo_database: str = Field("haedap", pattern=r"^[A-Za-z0-9_-]{1,63}$")
    dynamodb_endpoint_url: str | None = None
    dynamodb_table_prefix: str = Field("haedap-", pattern=r"^[A-Za-z0-9_.-]{0,100}$")
    aws_region: str = "ap-northeast-2"
    aws_access_key_id: str | None = None
    aws_secret_access_key: SecretStr | None = None
    aws_session_token: SecretStr | None = None
    store_timeout_seconds: float = Field(3, gt=0, le=60)

    # Vectors: without a host, Chroma is embedded in `DATA_DIR`
    chroma_host: str | None = Field(None, pattern=r"^[A-Za-z0-9._-]+$|^\[[0-9A-Fa-f:]+\]$")  # no scheme, no port
    chroma_port: int = Field(8000, ge=1, le=65_535)
    chroma_ssl: bool = False
    chroma_token: SecretStr | None = None
    chroma_timeout_seconds: float = Field(5, gt=0, le=60)

    # What a build makes besides vectors: a directory or s3://bucket/prefix; without it, a folder in `DATA_DIR`
    artifact_url: str | None = None
    artifact_endpoint_url: str | None = None
    artifact_timeout_seconds: float = Field(10, gt=0, le=600)

    # HTTP
    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65_535)
    secret_key: SecretStr | None = Field(None, min_length=16)
    trusted_proxies: int = Field(0, ge=0, le=10)
    cookie_secure: bool = False
    cors_origins: list[_Origin] = []

    # Bots' own sources
    bot_secrets: dict[_SecretName, BotSecret] = {}

    # Contents: hosts, separated by commas; `*.example.com` is all below example.com
    media_hosts: list[_HostPattern] = ["help.gaonmarket.example"]  # the sample FAQ's
    link_hosts: list[_LinkHostPattern] = ["*"]  # any host

    # Notion: contents are read from it with the token of an integration
    notion_token: SecretStr | None = None
    notion_base_url: str | None = None
    notion_timeout_seconds: float = Field(10, gt=0, le=60)
    notion_targets: dict[_BotId, list[UUID]] = {}

    # Limits
    rate_limit_per_minute: int = Field(30, ge=0)
    rate_limit_per_minute_address: int = Field(300, ge=0)
    max_message_characters: int = Field(2_000, ge=1, le=20_000)
    max_body_bytes: int = Field(16_384, ge=1_024, le=10_485_760)
    max_program_body_bytes: int = Field(524_288, ge=1_024, le=10_485_760)
    max_admin_body_bytes: int = Field(2_097_152, ge=1_024, le=104_857_600)
    max_import_bytes: int = Field(20_971_520, ge=1_024, le=104_857_600)
    history_days: int = Field(90, ge=1, le=3_650)

    # Operators
    admin_api_key: SecretStr | None = Field(None, min_length=20)
    admin_failures_per_minute: int = Field(10, ge=0)
    audit_days: int = Field(365, ge=1, le=3_650)

    # Answers
    bot_name: str | None = Field(None, max_length=60)

    # Seeing
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"
    metrics_token: SecretStr | None = Field(None, min_length=16)
    otel_exporter_otlp_endpoint: str | None = None
    otel_exporter_otlp_headers: SecretStr | None = None
    otel_service_name: str = "haedap"
    otel_traces_sampler_arg: float = Field(1, ge=0, le=1)
    otel_metric_export_interval: int = Field(60_000, ge=1_000, le=3_600_000)

    @field_validator("admin_api_key", "notion_token", "metrics_token")
    @classmethod
    def _check_sent(cls, value: SecretStr | None) -> SecretStr | None:
        return value if value is None else _sent_in_a_header(value)

    @field_validator(
        "openai_base_url",
        "dynamodb_endpoint_url",
        "artifact_endpoint_url",
        "notion_base_url",
        "otel_exporter_otlp_endpoint",
    )
    @classmethod
    def _check_url(cls, value: str | None) -> str | None:
        if value is not None:
            AnyHttpUrl(value)
        return value

    @field_validator("bot_secrets", "notion_targets", mode="before")
    @classmethod
    def _read_json(cls, value: Any) -> Any:
        """JSON, whose error does not hold the text."""
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            raise ValueError("Input should be JSON") from None

    @field_validator("otel_exporter_otlp_headers")
    @classmethod
    def _check_headers(cls, value: SecretStr | None) -> SecretStr | None:
        for one in value.get_secret_value().split(",") if value is not None else ():
            if not _HEADER.fullmatch(one.strip()) or not unquote(one).isprintable() or not unquote(one).isascii():
                raise ValueError("Input should be headers as OpenTelemetry has them: name=value,name=value")
        return value

    @field_validator("media_hosts", "link_hosts", "cors_origins", mode="before")
    @classmethod
    def _read_list(cls, value: Any) -> Any:
        """Hosts or origins, written one after another."""
        return [one.strip() for one in value.split(",") if one.strip()] if isinstance(value, str) else value

    @field_validator("artifact_url")
    @classmethod
    def _check_artifact_url(cls, value: str | None) -> str | None:
        if value is None or re.fullmatch(_S3_URL, value):
            return value
        # "s3:/bucket" would make a good directory, and nobody means it
        if "://" in value or value.lower().startswith("s3:") or Path(value).is_file():
            raise ValueError("Input should be a directory or s3://bucket/prefix")
        return value

    @model_validator(mode="after")
    def _check_embedding(self) -> "Settings":
        if self.embedding_model not in ("auto", "local") and self.openai_api_key is None and not self.openai_base_url:
            raise ValueError(f"EMBEDDING_MODEL={self.embedding_model} needs OPENAI_API_KEY or OPENAI_BASE_URL")
        return self

    @property
    def llm_enabled(self) -> bool:
        """Whether a language model is set."""
        return self.openai_api_key is not None or self.openai_base_url is not None

    @property
    def resolved_embedding_model(self) -> str:
        """`local`, or the name of a model of the OpenAI-compatible server."""
        if self.embedding_model != "auto":
            return self.embedding_model
        return "text-embedding-3-small" if self.openai_api_key is not None and not self.openai_base_url else "local"

    @property
    def aws_credentials(self) -> tuple[str, str, str | None] | None:
        """Key id, secret and the token of a session, if they are set: AWS sets them where its functions run."""
        if self.aws_access_key_id is None or self.aws_secret_access_key is None:
            return None
        token = self.aws_session_token.get_secret_value() if self.aws_session_token else None
        return self.aws_access_key_id, self.aws_secret_access_key.get_secret_value(), token

    @property
    def has_development_password(self) -> bool:
        """Whether MongoDB is asked with the password that docker-compose.yml has where none is set."""
        return self.storage == "mongo" and f":{_DEVELOPMENT_PASSWORD}@" in self.mongo_uri.get_secret_value()

    @property
    def sees(self) -> bool:
        """Whether figures or spans are kept."""
        return self.metrics_token is not None or self.otel_exporter_otlp_endpoint is not None

    @property
    def otlp_headers(self) -> dict[str, str]:
        """The headers of OTEL_EXPORTER_OTLP_HEADERS, decoded."""
        value = self.otel_exporter_otlp_headers
        parts = [one.strip().partition("=") for one in value.get_secret_value().split(",")] if value else []
        return {name: unquote(given) for name, _, given in parts}

    @property
    def sqlite_path(self) -> Path:
        """The store's file."""
        return self.data_dir / "haedap.sqlite3"

    @property
    def chroma_path(self) -> Path:
        """The embedded Chroma's folder."""
        return self.data_dir / "chroma"

    @property
    def artifact_path(self) -> Path:
        """The folder of the artefacts, when they are not in a bucket."""
        return Path(self.artifact_url) if self.artifact_url else self.data_dir / "artifacts"

    @property
    def artifact_bucket(self) -> tuple[str, str] | None:
        """The bucket of the artefacts and the prefix of their keys in it, without slashes around it."""
        named = re.fullmatch(_S3_URL, self.artifact_url) if self.artifact_url else None
        return (named["bucket"], named["prefix"] or "") if named else None

    @property
    def artifact_cache_path(self) -> Path:
        """The folder of what was fetched from the bucket."""
        return self.data_dir / "artifact-cache"


class InvalidSettings(Exception):
    """One line: the setting's name, its value (secrets hidden) and what is allowed."""


@cache
def get_settings() -> Settings:
    """The settings, read once.

    Raises
    ------
    InvalidSettings
        On the first wrong or missing setting.
    """
    try:
        return Settings.model_validate(_given())
    except ValidationError as error:
        raise InvalidSettings(_one_line(error)) from None


def _given() -> dict[str, str]:
    """What the environment says, else `.env`, by names in lower case; what is empty is not said."""
    said: list[Mapping[str, str | None]] = [os.environ]
    if (file := Path(".env")).is_file():
        from dotenv import dotenv_values

        said = [dotenv_values(file), *said]
    return {name.lower(): value for one in said for name, value in one.items() if value}


def _one_line(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    if not first["loc"]:
        return f"haedap: {first['msg'].removeprefix('Value error, ')}"
    name = str(first["loc"][0]).upper()
    field = Settings.model_fields.get(name.lower())
    secret = name in {"OPENAI_API_KEY", "OPEN_AI_KEY"} or "Secret" in str(getattr(field, "annotation", ""))
    shown = "<hidden>" if secret else re.sub(r"//[^/@]*@", "//<hidden>@", repr(first["input"]))
    inside = "".join(f"{part}: " for part in first["loc"][2:])  # not the second: it may be anything, a secret too
    return f"haedap: {name}={shown}: {inside}{first['msg'].removeprefix('Value error, ')}"
