"""An OpenTelemetry collector on this machine, which keeps what it is sent by OTLP over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.servers import handled_by


class Received:
    """What a collector got."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.metrics: dict[str, str] = {}  # by name, as text
        self.bodies, self.keys = b"", set[str]()

    def of(self, name: str) -> Span:
        (found,) = [span for span in self.spans if span.name == name]
        return found

    def children(self, parent: Span) -> set[str]:
        return {span.name for span in self.spans if span.parent_span_id == parent.span_id}


@contextmanager
def collector() -> Iterator[tuple[str, Received]]:
    """A collector; its address, and what it gets."""
    received = Received()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the standard library's name
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.bodies += body
            received.keys.add(self.headers["X-Key"])
            if self.path == "/v1/traces":
                for of_resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                    for scope in of_resource.scope_spans:
                        received.spans += scope.spans
            elif self.path == "/v1/metrics":
                for measured in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                    for within in measured.scope_metrics:
                        received.metrics |= {one.name: str(one) for one in within.metrics}
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with handled_by(Handler) as address:
        yield address, received
