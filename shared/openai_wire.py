"""Bots and answers in the JSON of OpenAI's chat completions. What OpenAI does not know is under the name `haedap`."""

import json
from typing import Any, TypeAlias

from shared.bot import Bot
from shared.models import Answer, Bubble
from shared.storage.keys import created_at, published_at

JsonObject: TypeAlias = dict[str, Any]

DONE = b"data: [DONE]\n\n"


def model_object(bot: Bot) -> JsonObject:
    """A bot as a model. `created` is when its version was published."""
    published = published_at(bot.version)
    created = int(published.timestamp()) if published else 0
    return {"id": bot.bot_id, "object": "model", "created": created, "owned_by": "haedap"}


def model_list(bots: list[Bot]) -> JsonObject:
    """Bots as a list of models."""
    return {"object": "list", "data": [model_object(bot) for bot in bots]}


def paragraph(bubble: Bubble) -> str:
    """A bubble that follows the text, as a paragraph of the text: a client has no other place for it."""
    title = f"**{bubble.title}**\n\n" if bubble.title else ""
    return f"\n\n{title}{bubble.description}"


def completion(request_id: str, model: str, content: str, answer: Answer) -> JsonObject:
    """A whole answer."""
    message = {"role": "assistant", "content": content, "refusal": None}
    return {
        **_envelope(request_id, model, "chat.completion"),
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": _reason(answer)}],
        "usage": _usage(answer),
        "haedap": _own(answer),
    }


class Chunks:
    """The chunks of one streamed answer, each as its frame.

    Parameters
    ----------
    include_usage
        Whether a last chunk counts the tokens; the others then say that they do not.
    """

    def __init__(self, request_id: str, model: str, include_usage: bool) -> None:
        self._envelope = _envelope(request_id, model, "chat.completion.chunk")
        self._include_usage = include_usage

    def first(self) -> bytes:
        """Who speaks."""
        return frame(self._chunk({"role": "assistant", "content": "", "refusal": None}))

    def text(self, piece: str) -> bytes:
        """The next piece of the answer."""
        return frame(self._chunk({"content": piece}))

    def last(self, answer: Answer) -> bytes:
        """The end, which the very last chunk tells more about."""
        end, own = self._chunk({}, _reason(answer)), {"haedap": _own(answer)}
        if not self._include_usage:
            return frame(end | own) + DONE
        return frame(end) + frame({**self._envelope, "choices": [], "usage": _usage(answer), **own}) + DONE

    def _chunk(self, delta: JsonObject, finish_reason: str | None = None) -> JsonObject:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        usage = {"usage": None} if self._include_usage else {}
        return {**self._envelope, "choices": [choice], **usage}


def frame(data: JsonObject) -> bytes:
    r"""One server-sent event: JSON escapes the line ends `\n` and `\r`, so that no text can break it."""
    return f"data: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()


def _envelope(request_id: str, model: str, kind: str) -> JsonObject:
    created = int(created_at(request_id).timestamp())
    return {"id": f"chatcmpl-{request_id}", "object": kind, "created": created, "model": model}


def _reason(answer: Answer) -> str:
    """Why the answer ended: an answer of the FAQ itself is never cut."""
    return "length" if "answer_truncated" in answer.degraded else "stop"


def _usage(answer: Answer) -> JsonObject:
    """What the bot's own language model took for all of its steps; nothing when none was asked."""
    asked, said = answer.record.input_tokens, answer.record.output_tokens
    return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}


def _own(answer: Answer) -> JsonObject:
    return {
        "decision": answer.decision,
        **answer.model_dump(mode="json", include={"sources", "suggestions", "degraded"}, exclude_none=True),
    }
