"""The composed application, which takes an answer for interrupted 4 seconds after its process was last heard of."""

from functions.local import app
from shared import http, wiring
from shared.conversations import Conversations
from shared.settings import get_settings

app.dependency_overrides[http.get_conversations] = lambda: Conversations(
    wiring.get_store(), get_settings().history_days, lease_seconds=4
)
