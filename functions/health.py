"""GET and HEAD /v1/health and /v1/ready — whether the process lives, and whether its back ends answer."""

from fastapi import APIRouter
from mangum import Mangum
from pydantic import BaseModel

from shared import assembly, readiness, wiring
from shared.http import create_app
from shared.settings import get_settings
from shared.version import VERSION

router = APIRouter(prefix="/v1", tags=["health"])


class Health(BaseModel):
    """The version, and which back ends are set; no address and no secret."""

    version: str
    storage: str
    vectors: str
    embedding_model: str
    chat_model: str | None


@router.head("/health", include_in_schema=False)
@router.get("/health")
async def health() -> Health:
    """Liveness: touches no back end, and waits for no thread that does."""
    return _health()


@router.head("/ready", include_in_schema=False)
@router.get("/ready")
def ready() -> Health:
    """Readiness: 503 while the process warms up, and when the store or the index does not answer."""
    readiness.check()
    wiring.get_store().ping()
    bot = wiring.get_bot("default")
    for source_id in bot.source_ids:
        assembly.get_search(bot, source_id).check()
    return _health()


def _health() -> Health:
    settings = get_settings()
    return Health(
        version=VERSION,
        storage=settings.storage,
        vectors="chroma-server" if settings.chroma_host else "chroma-embedded",
        embedding_model=settings.resolved_embedding_model,
        chat_model=settings.chat_model if settings.llm_enabled else None,
    )


app = create_app(router)
handler = Mangum(app, lifespan="off")
