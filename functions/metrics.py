"""GET /metrics — how this process fares, for Prometheus: of the composed application alone, and with METRICS_TOKEN."""

import hmac

from fastapi import APIRouter, Request, Response

from shared import wiring
from shared.callers import bearer_token
from shared.errors import InvalidMetricsToken, NotFound
from shared.settings import get_settings

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """All figures, in Prometheus's text format. Raises `NotFound`, `InvalidMetricsToken`."""
    token = get_settings().metrics_token
    if token is None:
        raise NotFound
    if not hmac.compare_digest(bearer_token(request).encode(), token.get_secret_value().encode()):
        raise InvalidMetricsToken
    told = wiring.get_prometheus()
    return Response(told.text(), media_type=told.content_type)
