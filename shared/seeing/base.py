"""What is told of a running process: figures to meters, spans to a tracer. No library of either is named here.

Labels are few and bounded: routes are templates, and nothing that a customer wrote, no visitor, no session and no
address is ever among them.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

Attributes: TypeAlias = Mapping[str, str | int | float | bool]
Way: TypeAlias = Literal["chat", "program", "tap"]

# Seconds. Stores answer within a millisecond, models within a minute
_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_SLOW = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


@dataclass(frozen=True)
class Metric:
    """One figure.

    Parameters
    ----------
    kind
        What only grows, what comes and goes, or how long things took: then `name` ends in `_seconds`.
    buckets
        Upper bounds of a histogram, in seconds.
    """

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    told: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


REQUEST_SECONDS = Metric(
    "haedap_request_seconds",
    "histogram",
    "Requests, until their last byte: those of streams take as long as the answer",
    ("method", "route", "status"),
    _SLOW,
)
ANSWERS = Metric("haedap_answers", "counter", "Answers that ended", ("bot", "way", "decision"))
DEGRADED = Metric("haedap_answers_degraded", "counter", "What answers did without", ("bot", "reason"))
ANSWER_SECONDS = Metric("haedap_answer_seconds", "histogram", "Answers, from claim to end", ("bot", "way"), _SLOW)
FIRST_TEXT_SECONDS = Metric(
    "haedap_first_text_seconds", "histogram", "Until the first piece of an answer's text", ("bot", "way"), _SLOW
)
STEP_SECONDS = Metric("haedap_step_seconds", "histogram", "Steps of answering", ("step",), _SLOW)
RUNNING = Metric("haedap_answers_running", "gauge", "Answers that are being given")
TOKENS = Metric("haedap_tokens", "counter", "Tokens of answers", ("bot", "direction"))
LLM_SECONDS = Metric("haedap_llm_seconds", "histogram", "Calls of language models, retries included", ("model",), _SLOW)
LLM_FAILURES = Metric("haedap_llm_failures", "counter", "Calls of language models that failed", ("model", "kind"))
STORE_SECONDS = Metric("haedap_store_seconds", "histogram", "Calls of the store", ("verb",), _QUICK)
STORE_FAILURES = Metric("haedap_store_failures", "counter", "Calls of the store that failed", ("verb",))
METRICS = (
    REQUEST_SECONDS,
    ANSWERS,
    DEGRADED,
    ANSWER_SECONDS,
    FIRST_TEXT_SECONDS,
    STEP_SECONDS,
    RUNNING,
    TOKENS,
    LLM_SECONDS,
    LLM_FAILURES,
    STORE_SECONDS,
    STORE_FAILURES,
)


class Meter(Protocol):
    """Keeps figures. Thread-safe; never raises for want of a server."""

    def add(self, metric: Metric, amount: float, labels: Sequence[str]) -> None:
        """Of a counter or a gauge: so much more, of a gauge also less."""

    def measure(self, metric: Metric, seconds: float, labels: Sequence[str]) -> None:
        """Of a histogram: one that took so long."""

    def close(self, seconds: float) -> None:
        """Send what is left, within so many seconds."""

    def flush(self, seconds: float) -> None:
        """The same, for a process that may be frozen now and go on later."""


class Span(Protocol):
    """Something that took a while, perhaps a part of another."""

    @property
    def trace_id(self) -> str:
        """Of all that belongs together: 32 hexadecimal digits."""

    def end(self, name: str, attributes: Attributes, failed: str | None = None) -> None:
        """It is over now. `failed` says why it did not come to its end."""


class Tracer(Protocol):
    """Sends spans. Thread-safe; never raises for want of a server."""

    def begin(
        self,
        name: str,
        kind: Literal["server", "client", "internal"] = "internal",
        parent: Span | None = None,
        headers: Mapping[str, str] | None = None,
        ago_seconds: float = 0,
    ) -> Span:
        """What begins now, or began so many seconds ago.

        Parameters
        ----------
        headers
            Of a request, which may name the caller's span (W3C Trace Context).
        """

    def close(self, seconds: float) -> None:
        """Send what is left, within so many seconds."""

    def flush(self, seconds: float) -> None:
        """The same, for a process that may be frozen now and go on later."""


@dataclass(frozen=True)
class Seeing:
    """Who is told, in this process: nobody, unless the settings say otherwise."""

    meters: Sequence[Meter] = ()
    tracer: Tracer | None = None
    _known: dict[str, set[str]] = field(default_factory=dict)

    @property
    def sees(self) -> bool:
        """Whether anybody is told."""
        return bool(self.meters) or self.tracer is not None

    def add(self, metric: Metric, amount: float, *labels: str) -> None:
        """See `Meter.add`."""
        for meter in self.meters:
            meter.add(metric, amount, self._bounded(metric, labels))

    def measure(self, metric: Metric, seconds: float, *labels: str) -> None:
        """See `Meter.measure`."""
        for meter in self.meters:
            meter.measure(metric, seconds, self._bounded(metric, labels))

    def flush(self, seconds: float) -> None:
        """Send what there is, within so many seconds."""
        until = time.monotonic() + seconds
        for one in self._all():
            one.flush(max(until - time.monotonic(), _LEAST_SECONDS))

    def close(self, seconds: float) -> None:
        """Send what is left, within so many seconds; nothing may be told afterwards."""
        until = time.monotonic() + seconds
        for one in self._all():
            one.close(max(until - time.monotonic(), _LEAST_SECONDS))

    def _all(self) -> list[Meter | Tracer]:
        return [*self.meters, *([self.tracer] if self.tracer is not None else [])]

    def _bounded(self, metric: Metric, labels: tuple[str, ...]) -> tuple[str, ...]:
        """The labels, of which each has a bounded number of values: who runs 10,000 bots reads of the first ones."""
        return tuple(self._of_few(name, label) for name, label in zip(metric.labels, labels, strict=True))

    def _of_few(self, name: str, label: str) -> str:
        known = self._known.setdefault(name, set())
        if label not in known:
            if len(known) >= _MOST_VALUES:
                return "other"
            known.add(label)
        return label


NOBODY = Seeing()
_LEAST_SECONDS = 0.05
_MOST_VALUES = 200  # of one label: there are 80 routes
