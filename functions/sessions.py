"""GET /v1/sessions, PATCH and DELETE /v1/sessions/{session_id} — the caller's own sessions."""

from typing import Annotated

from fastapi import APIRouter
from mangum import Mangum
from pydantic import BaseModel, BeforeValidator, StringConstraints

from shared.callers import Owner
from shared.http import Conversations, SessionId, create_app
from shared.models import Session
from shared.personal_data import mask
from shared.retrieval.text import one_line

router = APIRouter(prefix="/v1/sessions", tags=["sessions"])


def _one_line(title: object) -> object:
    return one_line(title) if isinstance(title, str) else title


class Rename(BaseModel):
    """A session's new title."""

    title: Annotated[str, BeforeValidator(_one_line), StringConstraints(min_length=1, max_length=100)]


@router.get("", response_model_exclude_none=True)
def list_sessions(owner: Owner, conversations: Conversations) -> list[Session]:
    """The caller's sessions, newest first."""
    return conversations.sessions(owner)


@router.patch("/{session_id}", response_model_exclude_none=True)
def rename_session(session_id: SessionId, body: Rename, owner: Owner, conversations: Conversations) -> Session:
    """Give a session a title."""
    return conversations.rename(owner, session_id, mask(body.title).text)


@router.delete("/{session_id}", status_code=204)
def delete_session(session_id: SessionId, owner: Owner, conversations: Conversations) -> None:
    """Delete a session's turns, and blank its text in the history."""
    conversations.delete(owner, session_id)


app = create_app(router)
handler = Mangum(app, lifespan="off")
