"""Settings: listed for people, read from the environment, refused in one line that shows no secret."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from shared import wiring
from shared.settings import InvalidSettings, Settings, get_settings
from tests.app import ROOT

TEMPLATE = (ROOT / ".env.template").read_text(encoding="utf-8")
LISTED = dict(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=(.*)$", TEMPLATE, re.MULTILINE))


def test_the_template_lists_every_setting_and_no_other() -> None:
    assert {name.lower() for name in LISTED} == set(Settings.model_fields)


def test_the_template_shows_each_default(configure: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    configure()
    monkeypatch.delenv("DATA_DIR")
    for name, shown in LISTED.items():
        default = getattr(Settings(), name.lower())
        if hasattr(default, "get_secret_value"):
            default = default.get_secret_value()
        if isinstance(default, list):
            default = ",".join(default)
        assert shown == (
            ""
            if default is None
            else str(default).lower()
            if isinstance(default, bool)
            else f"{default:g}"
            if isinstance(default, float)
            else str(default)
        ), name


def test_the_template_itself_is_a_valid_environment(configure: Callable[..., Path], tmp_path: Path) -> None:
    configure()
    (tmp_path / ".env").write_text(TEMPLATE, encoding="utf-8")
    assert get_settings() == Settings(data_dir=get_settings().data_dir)


def test_an_empty_value_is_the_default(configure: Callable[..., Path]) -> None:
    configure(PORT="", STORAGE="", OPENAI_API_KEY="")
    assert (get_settings().port, get_settings().storage, get_settings().llm_enabled) == (8080, "sqlite", False)


def test_the_environment_is_heard_before_the_file_whatever_the_case(
    configure: Callable[..., Path], tmp_path: Path
) -> None:
    configure(PORT="", Chat_Model="mine")
    lines = "PORT=9000\nchat_model=theirs\n# HOST=1\nexport BOT_NAME='가온 마켓' # ours\nUNKNOWN=1\n"
    (tmp_path / ".env").write_text(lines, encoding="utf-8")
    found = get_settings()
    assert (found.port, found.chat_model, found.bot_name, found.host) == (9000, "mine", "가온 마켓", "127.0.0.1")


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "OPEN_AI_KEY"])
def test_a_key_turns_on_the_model_and_its_embeddings(configure: Callable[..., Path], name: str) -> None:
    configure(**{name: "sk-test"})
    assert get_settings().llm_enabled
    assert get_settings().resolved_embedding_model == "text-embedding-3-small"


def test_with_a_base_url_embeddings_stay_local_until_a_model_is_named(configure: Callable[..., Path]) -> None:
    configure(OPENAI_BASE_URL="http://127.0.0.1:9/v1")
    assert (get_settings().llm_enabled, get_settings().resolved_embedding_model) == (True, "local")
    configure(OPENAI_BASE_URL="http://127.0.0.1:9/v1", EMBEDDING_MODEL="bge-m3")
    assert get_settings().resolved_embedding_model == "bge-m3"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "eighty", "haedap: PORT='eighty': Input should be a valid integer"),
        ("PORT", "99999", "haedap: PORT='99999': Input should be less than or equal to 65535"),
        ("STORAGE", "oracle", "haedap: STORAGE='oracle': Input should be 'sqlite', 'mongo' or 'dynamodb'"),
        ("SECRET_KEY", "short", "haedap: SECRET_KEY=<hidden>: "),
        ("OPENAI_BASE_URL", "http://[bad", "haedap: OPENAI_BASE_URL='http://[bad': Input should be a valid URL"),
        ("EMBEDDING_MODEL", "text-embedding-3-small", "haedap: EMBEDDING_MODEL=text-embedding-3-small needs OPENAI_"),
        (
            "ARTIFACT_URL",
            "s3://Bucket",
            "haedap: ARTIFACT_URL='s3://Bucket': Input should be a directory or s3://bucket/",
        ),
        ("ARTIFACT_URL", "s3:/bucket/a", "haedap: ARTIFACT_URL='s3:/bucket/a': Input should be a directory or s3://"),
        ("ARTIFACT_URL", "s3://bucket/../a", "haedap: ARTIFACT_URL='s3://bucket/../a': Input should be a directory or"),
        ("ARTIFACT_URL", "https://a.b/c", "haedap: ARTIFACT_URL='https://a.b/c': Input should be a directory or s3://"),
        ("ARTIFACT_URL", "s3://id:key@bucket", "haedap: ARTIFACT_URL='s3://<hidden>@bucket': Input should be a dire"),
        (
            "ARTIFACT_URL",
            __file__,
            f"haedap: ARTIFACT_URL={__file__!r}: Input should be a directory or s3://bucket/pre",
        ),
        ("ARTIFACT_ENDPOINT_URL", "minio", "haedap: ARTIFACT_ENDPOINT_URL='minio': Input should be a valid URL"),
        ("ARTIFACT_TIMEOUT_SECONDS", "0", "haedap: ARTIFACT_TIMEOUT_SECONDS='0': Input should be greater than 0"),
        ("MEDIA_HOSTS", "*", "haedap: MEDIA_HOSTS='*': String should match"),
        ("LINK_HOSTS", "https://a.b", "haedap: LINK_HOSTS='https://a.b': String should match"),
        ("HISTORY_DAYS", "0", "haedap: HISTORY_DAYS='0': Input should be greater than or equal to 1"),
    ],
)
def test_a_wrong_setting_is_one_line_with_its_name_its_value_and_what_is_allowed(
    configure: Callable[..., Path], name: str, value: str, said: str
) -> None:
    configure(**{name: value})
    with pytest.raises(InvalidSettings) as raised:
        get_settings()
    line = str(raised.value)
    assert line.startswith(said) and "\n" not in line
    assert value != "short" or "short'" not in line


@pytest.mark.parametrize(
    ("hosts", "stays"), [("", True), ("*", True), ("b.example,*", True), ("b.example", False), ("*.a.example", False)]
)
def test_links_lead_to_any_host_until_some_are_named(configure: Callable[..., Path], hosts: str, stays: bool) -> None:
    configure(LINK_HOSTS=hosts)
    allowed = wiring.get_allowed()
    assert (allowed.link_problem("https://a.example/x") is None) is stays
    assert allowed.link_problem("http://a.example/x") == "not https"


def test_artefacts_are_in_the_data_dir_in_another_directory_or_in_a_bucket(
    configure: Callable[..., Path], tmp_path: Path
) -> None:
    data_dir = configure()
    assert (get_settings().artifact_path, get_settings().artifact_bucket) == (data_dir / "artifacts", None)
    for directory in (str(tmp_path), "relative/to/here", "not-made-yet", "bucket/prefix"):
        configure(ARTIFACT_URL=directory)
        assert (get_settings().artifact_path, get_settings().artifact_bucket) == (Path(directory), None)


@pytest.mark.parametrize(
    ("url", "bucket", "prefix"),
    [
        ("s3://abc", "abc", ""),
        ("s3://abc/", "abc", ""),
        ("s3://a.b-c.1/some/pre_fix.2", "a.b-c.1", "some/pre_fix.2"),
        ("s3://abc/some/", "abc", "some"),
    ],
)
def test_a_bucket_and_its_prefix_are_read_from_one_url(
    configure: Callable[..., Path], url: str, bucket: str, prefix: str
) -> None:
    configure(ARTIFACT_URL=url)
    assert get_settings().artifact_bucket == (bucket, prefix)


SECRETS = '{"jobs_key": {"value": "key-1234", "hosts": ["API.example.com", "10.0.0.5:8080"]}}'


def test_secrets_of_sources_are_read_with_their_hosts_and_never_shown(configure: Callable[..., Path]) -> None:
    configure(BOT_SECRETS=SECRETS)
    secret = get_settings().bot_secrets["jobs_key"]
    assert (secret.value.get_secret_value(), secret.hosts) == ("key-1234", ["api.example.com", "10.0.0.5:8080"])
    assert "key-1234" not in f"{get_settings()!r} {secret!r} {secret} {get_settings().model_dump()}"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("key-1234", "Input should be JSON"),
        ('{"jobs_key": "key-1234"', "Input should be JSON"),
        ('["key-1234"]', "Input should be a valid dictionary"),
        ('{"jobs_key": "key-1234"}', "Input should be a valid dictionary"),
        ('{"key-1234": {"value": "a", "hosts": ["a"]}}', "[key]: String should match pattern"),
        ('{"jobs_key": {"value": "key-1234"}}', "hosts: Field required"),
        ('{"jobs_key": {"value": "key-1234", "hosts": []}}', "hosts: List should have at least 1 item"),
        ('{"jobs_key": {"value": "key-1234", "hosts": ["https://key-1234"]}}', "hosts: 0: String should match pattern"),
        ('{"jobs_key": {"value": "key-1234 ", "hosts": ["a"]}}', "value: Input should be what a header can hold"),
        ('{"jobs_key": {"value": "key-1234\\nX-A: b", "hosts": ["a"]}}', "value: Input should be what a header can"),
        ('{"jobs_key": {"value": "key-1234", "hosts": ["a"], "port": 1}}', "port: Extra inputs are not permitted"),
        ("[" * 100_000, "Input should be JSON"),
    ],
)
def test_wrong_secrets_are_one_line_that_shows_none(configure: Callable[..., Path], value: str, said: str) -> None:
    configure(BOT_SECRETS=value)
    with pytest.raises(InvalidSettings) as raised:
        get_settings()
    line = str(raised.value)
    assert line.startswith("haedap: BOT_SECRETS=<hidden>: ") and said in line
    assert "1234" not in line and "\n" not in line
