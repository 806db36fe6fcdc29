from __future__ import annotations

import gzip
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from infra.errors import BadCollector, TelemetryMissing
from infra.settings import TelemetrySettings
from infra.telemetry import find_telemetry
from tests.infra.processes import Live
from tests.infra.served import served

CANARY = "01099887766"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SERVER = Span.SpanKind.SPAN_KIND_SERVER
PARENT = "00f067aa0ba902b7"


class Collector:
    """A collector of traces on a port of this machine."""

    def __init__(self) -> None:
        self.received: list[ExportTraceServiceRequest] = []
        self.paths: list[str] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                collector.paths.append(self.path)
                collector.received.append(ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    @property
    def spans(self) -> list[Span]:
        return [
            span
            for request in self.received
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@pytest.fixture
def collector() -> Iterator[Collector]:
    found = Collector()
    thread = threading.Thread(target=found.server.serve_forever)
    thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()
    thread.join()


def attributes(span: Span) -> dict[str, str | int]:
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


def test_a_request_and_its_statements_are_traced_without_what_they_were_given(
    live: Live, tmp_path: Path, collector: Collector
) -> None:
    traced = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.address, "OTEL_SERVICE_NAME": "ministry"}
    with served(tmp_path / "log", live.environment | traced) as hub:
        told = {"traceparent": f"00-{TRACE}-{PARENT}-01", "X-Request-Id": "request-4711"}
        assert hub.get(f"/statement?given={CANARY}", headers=told).json() == {"answer": CANARY}
        hub.get(f"/things/{CANARY}")
        hub.get(f"/failure?given={CANARY}")
        assert hub.get("/statement?given=%00").status_code == 500
        # What has not been sent yet is sent at the end.
        assert hub.process.end() == 0
    assert set(collector.paths) == {"/v1/traces"}
    resource = collector.received[0].resource_spans[0].resource
    assert "ministry" in str(resource)
    assert CANARY not in str(collector.received)

    by_name = {span.name: span for span in collector.spans}
    (request,) = [span for span in collector.spans if span.trace_id.hex() == TRACE and span.kind == SERVER]
    assert request.name == "GET /statement"
    assert request.parent_span_id.hex() == PARENT
    assert attributes(request) == {
        "http.request.method": "GET",
        "http.route": "/statement",
        "http.response.status_code": 200,
        "hub.request_id": "request-4711",
    }
    statements = [span for span in collector.spans if span.parent_span_id == request.span_id]
    assert "SELECT %(given)s" in {
        str(attributes(span)["db.query.text"]).replace("::VARCHAR", "") for span in statements
    }
    assert all(span.trace_id == request.trace_id for span in statements)
    assert attributes(by_name["GET /things/{thing}"])["hub.actor_kind"] == "api_key"
    assert by_name["GET /failure"].status.code == 2
    (broken,) = [span for span in collector.spans if "error.type" in attributes(span)]
    assert attributes(broken)["error.type"] == "DataError"
    # Statements of the process itself are nobody's trace.
    assert all(span.parent_span_id for span in collector.spans if "db.query.text" in attributes(span))


def test_a_collector_that_is_away_keeps_nobody_waiting(
    live: Live, tmp_path: Path, collector: Collector
) -> None:
    away = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_EXPORTER_OTLP_TIMEOUT": "1"}
    with served(tmp_path / "log", live.environment | away) as hub:
        assert hub.get("/things/1").status_code == 200
        assert hub.process.end() == 0


def test_nothing_is_traced_unless_a_collector_is_named() -> None:
    assert find_telemetry(TelemetrySettings()) is None


def test_an_address_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317")
    with pytest.raises(BadCollector):
        find_telemetry(TelemetrySettings())


def test_without_the_packages_the_refusal_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(TelemetryMissing, match=r"hub19\[telemetry\]"):
        find_telemetry(TelemetrySettings())
