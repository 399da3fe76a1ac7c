"""Figures that a Prometheus server reads, of this process alone."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from shared.seeing.base import METRICS, Metric


class PrometheusMeter:
    """A `Meter` in memory, with the process's own figures (memory, processor time, open files) beside."""

    content_type = "text/plain; version=0.0.4; charset=utf-8"  # what every scraper reads

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._kept = {metric.name: self._made(metric) for metric in METRICS}

    def add(self, metric: Metric, amount: float, labels: Sequence[str]) -> None:
        """See `Meter.add`."""
        kept = self._kept[metric.name]
        assert isinstance(kept, Counter | Gauge)
        (kept.labels(*labels) if labels else kept).inc(amount)

    def measure(self, metric: Metric, seconds: float, labels: Sequence[str]) -> None:
        """See `Meter.measure`."""
        kept = self._kept[metric.name]
        assert isinstance(kept, Histogram)
        (kept.labels(*labels) if labels else kept).observe(seconds)

    def text(self) -> bytes:
        """All figures, in Prometheus's text format."""
        return generate_latest(self._registry)

    def close(self, seconds: float) -> None:
        """Nothing is sent: it is read."""

    def flush(self, seconds: float) -> None:
        """Nothing is sent: it is read."""

    def _made(self, metric: Metric) -> Counter | Gauge | Histogram:
        match metric.kind:
            case "counter":
                return Counter(metric.name, metric.told, metric.labels, registry=self._registry)
            case "gauge":
                return Gauge(metric.name, metric.told, metric.labels, registry=self._registry)
            case "histogram":
                return Histogram(
                    metric.name, metric.told, metric.labels, registry=self._registry, buckets=metric.buckets
                )
