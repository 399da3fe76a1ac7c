"""Spans and figures for an OpenTelemetry collector, by OTLP over HTTP.

The SDK's own globals are left alone: what another library in the process traces is not ours to send.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.metrics import Counter, Histogram, UpDownCounter
from opentelemetry.sdk.metrics import AlwaysOffExemplarFilter, MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span as OtelSpan
from opentelemetry.trace import SpanKind, Status, StatusCode, format_trace_id, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shared.seeing.base import METRICS, Attributes, Metric, Span
from shared.version import VERSION

_KINDS = {"server": SpanKind.SERVER, "client": SpanKind.CLIENT, "internal": SpanKind.INTERNAL}
_SEND_SECONDS = 10.0
_PROPAGATOR = TraceContextTextMapPropagator()


class Collector:
    """Where all is sent.

    Parameters
    ----------
    endpoint
        Its address without a path: `/v1/traces` and `/v1/metrics` are added.
    headers
        Sent along, e.g. a key.
    """

    def __init__(self, endpoint: str, headers: Mapping[str, str], service: str) -> None:
        self._endpoint, self._headers = endpoint.rstrip("/"), dict(headers)
        self.resource = Resource.create({"service.name": service, "service.version": VERSION})

    def spans(self) -> OTLPSpanExporter:
        """Sends spans."""
        return OTLPSpanExporter(f"{self._endpoint}/v1/traces", headers=self._headers, timeout=_SEND_SECONDS)

    def metrics(self) -> OTLPMetricExporter:
        """Sends figures."""
        return OTLPMetricExporter(f"{self._endpoint}/v1/metrics", headers=self._headers, timeout=_SEND_SECONDS)


class OtelMeter:
    """A `Meter` that sends what it counts from time to time."""

    def __init__(self, collector: Collector, interval_ms: int) -> None:
        reader = PeriodicExportingMetricReader(collector.metrics(), export_interval_millis=interval_ms)
        self._provider = MeterProvider(
            [reader], collector.resource, exemplar_filter=AlwaysOffExemplarFilter(), shutdown_on_exit=False
        )
        meter = self._provider.get_meter("haedap", VERSION)
        self._kept: dict[str, Counter | UpDownCounter | Histogram] = {}
        for metric in METRICS:
            match metric.kind:
                case "counter":
                    self._kept[metric.name] = meter.create_counter(metric.name, description=metric.told)
                case "gauge":
                    self._kept[metric.name] = meter.create_up_down_counter(metric.name, description=metric.told)
                case "histogram":
                    self._kept[metric.name] = meter.create_histogram(
                        metric.name.removesuffix("_seconds"),
                        "s",
                        metric.told,
                        explicit_bucket_boundaries_advisory=metric.buckets,
                    )

    def add(self, metric: Metric, amount: float, labels: Sequence[str]) -> None:
        """See `Meter.add`."""
        kept = self._kept[metric.name]
        assert not isinstance(kept, Histogram)
        kept.add(amount, dict(zip(metric.labels, labels, strict=True)))

    def measure(self, metric: Metric, seconds: float, labels: Sequence[str]) -> None:
        """See `Meter.measure`."""
        kept = self._kept[metric.name]
        assert isinstance(kept, Histogram)
        kept.record(seconds, dict(zip(metric.labels, labels, strict=True)))

    def close(self, seconds: float) -> None:
        """See `Meter.close`."""
        _within(seconds, lambda: self._provider.shutdown(seconds * 1_000))

    def flush(self, seconds: float) -> None:
        """See `Meter.flush`."""
        _within(seconds, lambda: self._provider.force_flush(seconds * 1_000))


class SentSpan:
    """A `Span`."""

    def __init__(self, span: OtelSpan) -> None:
        self.span = span

    @property
    def trace_id(self) -> str:
        """See `Span.trace_id`."""
        return format_trace_id(self.span.get_span_context().trace_id)

    def end(self, name: str, attributes: Attributes, failed: str | None = None) -> None:
        """See `Span.end`."""
        self.span.update_name(name)
        self.span.set_attributes(dict(attributes))
        if failed is not None:
            self.span.set_status(Status(StatusCode.ERROR, failed))
        self.span.end()


class OtelTracer:
    """A `Tracer` that sends spans in batches.

    Parameters
    ----------
    ratio
        Which part of all traces is sent; a caller that has decided for its own is followed.
    """

    def __init__(self, collector: Collector, ratio: float) -> None:
        self._provider = TracerProvider(
            ParentBased(TraceIdRatioBased(ratio)), collector.resource, shutdown_on_exit=False
        )
        self._provider.add_span_processor(BatchSpanProcessor(collector.spans()))
        self._tracer = self._provider.get_tracer("haedap", VERSION)

    def begin(
        self,
        name: str,
        kind: Literal["server", "client", "internal"] = "internal",
        parent: Span | None = None,
        headers: Mapping[str, str] | None = None,
        ago_seconds: float = 0,
    ) -> Span:
        """See `Tracer.begin`."""
        context = _PROPAGATOR.extract(headers) if headers else None
        if isinstance(parent, SentSpan):
            context = set_span_in_context(parent.span)
        began = time.time_ns() - round(ago_seconds * 1e9)
        return SentSpan(self._tracer.start_span(name, context, _KINDS[kind], start_time=began))

    def close(self, seconds: float) -> None:
        """See `Tracer.close`."""
        _within(seconds, self._provider.shutdown)

    def flush(self, seconds: float) -> None:
        """See `Tracer.flush`."""
        _within(seconds, lambda: self._provider.force_flush(round(seconds * 1_000)))


def _within(seconds: float, send: Callable[[], object]) -> None:
    """Send, but wait no longer: a collector that is away must not keep a process from its end."""
    sending = threading.Thread(target=send, daemon=True)
    sending.start()
    sending.join(seconds)
