"""POST /v1/visitors — a token for widgets and programs, which keep no cookies."""

from fastapi import APIRouter, Depends
from mangum import Mangum
from pydantic import BaseModel

from shared import wiring
from shared.http import create_app, limit_address

router = APIRouter(prefix="/v1/visitors", tags=["visitors"])


class VisitorToken(BaseModel):
    """To be sent as `Authorization: Bearer …`."""

    token: str


@router.post("", status_code=201, dependencies=[Depends(limit_address)])
def create_visitor() -> VisitorToken:
    """A new anonymous visitor."""
    return VisitorToken(token=wiring.get_visitors().issue()[1])


app = create_app(router)
handler = Mangum(app, lifespan="off")
