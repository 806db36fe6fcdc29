"""Traces by OpenTelemetry, where a collector is configured: a span for a request, and one for each of its statements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext
from starlette.types import Scope

from infra.errors import BadCollector, TelemetryMissing
from infra.settings import TelemetrySettings

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

_ENDPOINT: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"
_IDS: Final = ("request_id", "tenant_id", "actor_kind", "actor_id")
_SPANS: Final = "hub19.spans"
_FAILED: Final = 500


def find_telemetry(settings: TelemetrySettings) -> Telemetry | None:
    """Traces as the environment asks for them; None when it names no collector.

    Raises `TelemetryMissing` when the packages are not there and `BadCollector` for an address that is none.
    """
    if settings.endpoint is None:
        return None
    if settings.endpoint.partition("://")[0].lower() not in ("http", "https"):
        raise BadCollector(field=_ENDPOINT)
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - an extra
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError:
        raise TelemetryMissing(field=_ENDPOINT) from None
    # Never the global provider: libraries that find one would trace by themselves what must not leave the process.
    provider = TracerProvider(
        resource=Resource.create({"service.name": settings.service_name}), shutdown_on_exit=False
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Telemetry(provider)


class Telemetry:
    """Traces of one process. What is told is names, ids and statements without what they were given."""

    def __init__(self, provider: TracerProvider) -> None:
        from opentelemetry import trace  # noqa: PLC0415 - an extra
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

        self._provider = provider
        self._tracer = provider.get_tracer("hub19")
        self._trace = trace
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def request(self, scope: Scope) -> Iterator[RequestSpan]:
        """The span of a request, a part of the caller's trace if it came with one (W3C trace context)."""
        with self._tracer.start_as_current_span(
            "request",
            context=self._callers(scope),
            kind=self._trace.SpanKind.SERVER,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            yield RequestSpan(span)

    def watch(self, engine: Engine) -> None:
        """Follow the statements of an engine, each inside the request that it is for; others are nobody's trace."""
        event.listen(engine, "before_cursor_execute", self._begin)
        event.listen(engine, "after_cursor_execute", self._end)
        event.listen(engine, "handle_error", self._fail)

    def close(self) -> None:
        """Send what has not been sent yet."""
        self._provider.shutdown()

    def _callers(self, scope: Scope) -> Context:
        carrier = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in scope["headers"]
            if name in (b"traceparent", b"tracestate")
        }
        return self._propagator.extract(carrier)

    def _begin(
        self,
        connection: Connection,
        _cursor: Any,
        statement: str,
        _parameters: Any,
        _context: Any,
        _many: bool,
    ) -> None:
        if not self._trace.get_current_span().is_recording():
            return
        verb = statement.split(None, 1)[0].upper() if statement.strip() else "SQL"
        span = self._tracer.start_span(
            verb,
            kind=self._trace.SpanKind.CLIENT,
            attributes={
                "db.system.name": "postgresql",
                "db.operation.name": verb,
                "db.query.text": statement,
            },
        )
        connection.info.setdefault(_SPANS, []).append(span)

    def _end(self, connection: Connection, *_told: Any) -> None:
        spans = connection.info.get(_SPANS)
        if spans:
            spans.pop().end()

    def _fail(self, problem: ExceptionContext) -> None:
        spans = problem.connection.info.get(_SPANS) if problem.connection is not None else None
        if spans:
            span = spans.pop()
            span.set_attribute("error.type", type(problem.original_exception).__name__)
            span.set_status(self._trace.StatusCode.ERROR)
            span.end()


class RequestSpan:
    """The span of one request while it is worked on."""

    def __init__(self, span: Span) -> None:
        self._span = span

    def end(self, method: str, route: str, status: int | None, ids: Mapping[str, object]) -> None:
        """Say what became of it."""
        from opentelemetry.trace import StatusCode  # noqa: PLC0415 - an extra

        self._span.update_name(f"{method} {route}")
        self._span.set_attribute("http.request.method", method)
        self._span.set_attribute("http.route", route)
        if status is not None:
            self._span.set_attribute("http.response.status_code", status)
        for name in _IDS:
            if ids.get(name) is not None:
                self._span.set_attribute(f"hub.{name}", str(ids[name]))
        if status is None or status >= _FAILED:
            self._span.set_status(StatusCode.ERROR)
