"""All functions composed into one ASGI application, with the web page: for one machine, and for development."""

import logging
import signal
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path

import uvicorn

from functions import answers, chats, completions, faqs, feedback, health, metrics, page, sessions, streaming, visitors
from functions.admin import audit as admin_audit
from functions.admin import bots as admin_bots
from functions.admin import content_files as admin_content_files
from functions.admin import contents as admin_contents
from functions.admin import desk as admin_desk
from functions.admin import exports as admin_exports
from functions.admin import golden as admin_golden
from functions.admin import history as admin_history
from functions.admin import insights as admin_insights
from functions.admin import keys as admin_keys
from functions.admin import notion as admin_notion
from functions.admin import publishing as admin_publishing
from functions.admin import trials as admin_trials
from functions.admin import versions as admin_versions
from functions.admin import workshop as admin_workshop
from shared import assembly, programs, wiring
from shared.errors import AppError
from shared.http import create_app, lifespan
from shared.readiness import not_ready
from shared.retrieval import manifest
from shared.retrieval.artefacts import ArtefactMissing
from shared.retrieval.search import check_engine
from shared.seeing.logs import set_up
from shared.settings import InvalidSettings, Settings, get_settings

log = logging.getLogger(__name__)

_PAGE = Path(__file__).parent.parent / "frontend" / "dist"
_FIRST_KEY = "haedap: 모든 챗봇의 소유자 키를 만들었습니다. 다시 볼 수 없으니 안전한 곳에 보관해 주세요: {key}"
SHUTDOWN_SECONDS = 8  # for connections; then answers have their time (`streaming`, `programs`): 30 in all


async def _drain() -> None:
    """Wait for customers' answers, then for programs'."""
    await streaming.drain()
    await programs.drain()


app = create_app(
    sessions.router,
    chats.router,
    streaming.router,
    answers.router,
    completions.router,
    faqs.router,
    feedback.router,
    visitors.router,
    health.router,
    metrics.router,
    admin_keys.router,
    admin_audit.router,
    admin_bots.router,
    admin_versions.router,
    admin_trials.router,
    admin_workshop.router,
    admin_content_files.router,
    admin_exports.router,  # before contents: `contents/export` is no content's id
    admin_notion.router,  # nor is `notion`
    admin_contents.router,
    admin_publishing.router,
    admin_golden.router,
    admin_desk.router,
    admin_history.router,
    admin_insights.router,
    page.widget(_PAGE),
    page.documentation(_PAGE),
    lifespan=lifespan(_drain),
    documented=True,
)
app.router.routes.append(page.page(_PAGE))


def main() -> int:
    """Serve until stopped. What cannot work stops the start with one line. Returns an exit code."""
    try:
        return _serve()
    except KeyboardInterrupt:  # the server has stopped in order by now, and says again what stopped it
        return 128 + signal.SIGINT


def _serve() -> int:
    try:
        settings = get_settings()
        set_up(settings.log_format, settings.log_level)
        if settings.has_development_password:
            log.warning("MongoDB's password is the one of docker-compose.yml, which all know: set MONGO_PASSWORD")
        _check_back_ends(settings)
        wiring.get_secret_key()
        listener = socket.create_server((settings.host, settings.port), family=_family(settings.host), backlog=512)
        first_key = wiring.get_admin_keys().create_first()  # when nothing can stop the start any more
    except (InvalidSettings, AppError, OSError) as error:
        print(_one_line(error), file=sys.stderr)
        return 1
    threading.Thread(target=_warm_up, daemon=True).start()
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    print(f"haedap: http://{host}:{listener.getsockname()[1]}", flush=True)
    if first_key is not None:  # to the terminal, and into no log of its own
        print(_FIRST_KEY.format(key=first_key.get_secret_value()), flush=True)
    # An access log would hold addresses, which are personal data, and streaming ids, which are credentials
    # Forwarded headers are read by `shared.callers`, which knows TRUSTED_PROXIES
    config = uvicorn.Config(
        app, log_config=None, access_log=False, proxy_headers=False, timeout_graceful_shutdown=SHUTDOWN_SECONDS
    )
    uvicorn.Server(config).run([listener])
    return 0


def _check_back_ends(settings: Settings) -> None:
    wiring.get_store().prepare()
    for source_id in wiring.get_bot("default").source_ids:
        served = manifest.current(wiring.get_store(), source_id)
        if served is not None:
            check_engine(served, wiring.get_embedder())
            if settings.artifact_bucket is not None:
                with suppress(ArtefactMissing):  # then answers come from Chroma alone, which each search tells
                    wiring.get_artefacts().fetch(source_id, served.version)
    if settings.chroma_host is not None:
        wiring.get_chroma()


def _warm_up() -> None:
    """Load what the first question needs, while the page is already served."""
    with not_ready("warming up"):
        try:
            for search in assembly.get_parts("default").searches.values():
                search.warm_up()
        except AppError as error:
            log.error("not ready to answer: %s", error.reason)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _one_line(error: Exception) -> str:
    match error:
        case AppError():
            settings = get_settings()
            chroma = f"CHROMA_HOST={settings.chroma_host} CHROMA_PORT={settings.chroma_port}"
            where = {
                "store_unavailable": f"STORAGE={settings.storage}",
                "artefacts_unavailable": f"ARTIFACT_URL={settings.artifact_url}",
                "index_unavailable": chroma if settings.chroma_host else "index",
            }
            return f"haedap: cannot start: {where.get(error.code, error.code)}: {error.reason}"
        case OSError():
            settings = get_settings()
            return f"haedap: cannot listen on HOST={settings.host} PORT={settings.port}: {error.strerror}"
        case _:
            return str(error)


if __name__ == "__main__":
    sys.exit(main())
