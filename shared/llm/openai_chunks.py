"""What the events of a streamed chat completion say, read without the SDK's models."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Chunk:
    """What one event of a stream says; the one with the usage has no choices.

    Parameters
    ----------
    finish_reason
        Why the answer ends here, e.g. `stop`, `length`, `content_filter`; `None` while it goes on.
    refused
        Whether it carries a piece of the model's refusal.
    usage
        What the server counted, as it came.
    """

    text: str
    finish_reason: object
    refused: bool
    usage: object


def read(chunk: object) -> Chunk:
    """A chunk of the stream.

    Raises
    ------
    TypeError
        When it is none.
    """
    if not isinstance(chunk, dict):
        raise TypeError("a chunk is no object")
    choices = chunk.get("choices") or []
    if not isinstance(choices, list) or not all(isinstance(one, dict) for one in choices[:1]):
        raise TypeError("the choices are no objects")
    choice = choices[0] if choices else {}
    delta = choice.get("delta") or {}
    text = delta.get("content") or "" if isinstance(delta, dict) else None
    if not isinstance(text, str):
        raise TypeError("the delta has no text")
    return Chunk(text, choice.get("finish_reason"), bool(delta.get("refusal")), chunk.get("usage"))
