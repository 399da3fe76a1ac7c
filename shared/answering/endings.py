"""How an answer ends: whole, broken, or cut short; and the event that says so."""

import time

from shared.bubbles import invitation
from shared.errors import AppError
from shared.models import Answer, Bubble, Invitation
from shared.sse import Done, Event, Failed


def break_off(answer: Answer, error: AppError, started: float) -> None:
    """What was said stays; an error bubble says that it broke. `started` is of `time.perf_counter`."""
    cut_short(answer, started)
    answer.error_code = error.code
    answer.expression = "CRYING"
    answer.bubbles.append(
        Bubble(bubble_id=f"b{len(answer.bubbles) + 1}", bubble_type="error", description=error.message)
    )


def cut_short(answer: Answer, started: float) -> None:
    """What was said stays, and is all. `started` is of `time.perf_counter`."""
    answer.search_completed = False
    answer.bubbles = [Bubble(bubble_id="b1", bubble_type="text", description=answer.text)] if answer.text else []
    answer.latency_ms = round((time.perf_counter() - started) * 1_000)


def last_event(bot_id: str, chat_id: str, answer: Answer, *, is_kept: bool = True, is_stopped: bool = False) -> Event:
    """The event that ends the stream of this answer. It depends on what is stored of the turn alone.

    Parameters
    ----------
    is_kept
        Whether the turn is there; one that was deleted with its session cannot be rated.
    is_stopped
        Whether the turn ended as stopped: then the event holds no decision, whatever was decided before.
    """
    feedback = invitation(bot_id, chat_id) if is_kept else Invitation()
    if answer.error_code is not None:
        errors = [bubble for bubble in answer.bubbles if bubble.bubble_type == "error"]
        return Failed(code=answer.error_code, error_message=errors[-1].description, bubbles=errors, feedback=feedback)
    return Done(
        request_id=chat_id,
        chat_id=chat_id,
        question_ids=[source.faq_id for source in answer.sources],
        expression=answer.expression,
        search_completed=answer.search_completed,
        decision=None if is_stopped else answer.decision,
        degraded=answer.degraded,
        latency_ms=answer.latency_ms,
        service_type=answer.bubbles[0].service_type if answer.bubbles else None,
        feedback=feedback,
    )


def failed(error: AppError, feedback: Invitation | None = None) -> Event:
    """The event that ends a stream when nothing more is known of its answer.

    Parameters
    ----------
    feedback
        What invites to rate the answer; without it, there is none to rate, or not yet.
    """
    return Failed(
        code=error.code,
        error_message=error.message,
        bubbles=[Bubble(bubble_id="b1", bubble_type="error", description=error.message)],
        feedback=feedback or Invitation(),
    )
