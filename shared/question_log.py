"""What programs ask, in the history log (table `questions`), where operators see it beside what visitors ask."""

from datetime import UTC, datetime

from shared.api_keys import ApiKey
from shared.models import Answer, Turn, TurnStatus
from shared.storage import keys
from shared.storage.base import Clock, ConditionFailed, Store, now

CHANNEL = "api"
_DAY_SECONDS = 86_400


class QuestionLog:
    """The verbs. They raise `StoreUnavailable`.

    Parameters
    ----------
    history_days
        How long a question is kept.
    """

    def __init__(self, store: Store, history_days: int, clock: Clock = now) -> None:
        self._store, self._clock = store, clock
        self._keep_seconds = history_days * _DAY_SECONDS

    def open(self, key: ApiKey, turn: Turn) -> None:
        """Keep a question before it is answered: it is there also when the process is killed."""
        item = {
            "pk": keys.questions_pk(key.bot_id, turn.chat_id),
            "sk": turn.chat_id,
            "chat_id": turn.chat_id,
            "user_message": turn.user_message,
            "service_type": turn.service_type,
            "status": turn.status,
            "created_at": turn.created_at.isoformat(),
            "channel": CHANNEL,
            "key_id": key.key_id,
        }
        self._store.put("questions", item, expires_at=int(self._clock()) + self._keep_seconds)

    def close(self, key: ApiKey, turn: Turn, answer: Answer) -> None:
        """Keep its answer, or what was said until it broke. May be called again when the store failed."""
        status = TurnStatus.FAILED if answer.error_code else TurnStatus.DONE
        finished = datetime.fromtimestamp(self._clock(), UTC).isoformat()
        changes = {**answer.as_attributes(), **answer.as_logged(), "status": status, "finished_at": finished}
        pk = keys.questions_pk(key.bot_id, turn.chat_id)
        try:
            self._store.update("questions", pk, turn.chat_id, changes, if_={"status": TurnStatus.RUNNING})
        except ConditionFailed:
            return  # an earlier call has written it, or its time has passed
