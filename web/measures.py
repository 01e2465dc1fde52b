"""The web's own metrics, beside those of the flows: requests, clients, the picture, streams."""

import time
from http import HTTPStatus

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.nats_report import StreamFigures

BUCKETS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5)


class Measures:
    """A registry of its own, so that two sites in one process do not meet."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        labels = ("method", "path", "status")
        self.requests = Counter(
            "overwatch_http_requests", "Requests answered.", labels, registry=self._registry
        )
        self.duration = Histogram(
            "overwatch_http_request_duration_seconds",
            "Time until an answer began.",
            ("method", "path"),
            buckets=BUCKETS,
            registry=self._registry,
        )
        self.items = Counter(
            "overwatch_device_items",
            "Messages that devices have handed in by HTTP or WebSocket.",
            ("outcome",),
            registry=self._registry,
        )
        self.sockets = self._gauge("overwatch_device_sockets", "Devices that are connected.")
        self.in_flight = self._gauge(
            "overwatch_http_requests_in_flight", "Requests being answered."
        )
        self.clients = self._gauge("overwatch_live_clients", "Open live streams.")
        self.entities = self._gauge(
            "overwatch_picture_entities", "Entities in the live picture.", "organization"
        )
        self.unreadable = self._gauge(
            "overwatch_picture_unreadable", "Keys of the bucket that cannot be shown."
        )
        self.connected = self._gauge(
            "overwatch_picture_connected", "Whether the bucket is being followed."
        )
        self.pending = self._gauge(
            "overwatch_picture_pending", "Changes of the bucket still to be read."
        )
        self.durability = self._gauge(
            "overwatch_durability_window_seconds",
            "How much of the streams a power cut may take.",
        )
        self.messages = self._gauge("overwatch_nats_stream_messages", "Messages kept.", "stream")
        self.bytes = self._gauge("overwatch_nats_stream_bytes", "Bytes kept.", "stream")
        self.consumers = self._gauge("overwatch_nats_stream_consumers", "Consumers.", "stream")

        # Of each its own counter and histogram: to look those up costs more than to count.
        self._counters: dict[tuple[str, str, int], Counter] = {}
        self._durations: dict[tuple[str, str], Histogram] = {}

    def answered(self, method: str, path: str, status: int) -> None:
        """Count a request."""
        counter = self._counters.get((method, path, status))
        if counter is None:
            counter = self.requests.labels(method, path, str(status))
            self._counters[method, path, status] = counter
        counter.inc()

    def took(self, method: str, path: str, seconds: float) -> None:
        """Take note of the time until an answer began."""
        histogram = self._durations.get((method, path))
        if histogram is None:
            histogram = self._durations[method, path] = self.duration.labels(method, path)
        histogram.observe(seconds)

    def _gauge(self, name: str, description: str, *labels: str) -> Gauge:
        return Gauge(name, description, labels, registry=self._registry)

    def streams(self, figures: list[StreamFigures]) -> None:
        """Take over what the server says of its streams."""
        for gauge in (self.messages, self.bytes, self.consumers):
            gauge.clear()
        for each in figures:
            self.messages.labels(each.name).set(each.messages)
            self.bytes.labels(each.name).set(each.bytes)
            self.consumers.labels(each.name).set(each.consumers)

    def render(self) -> bytes:
        return generate_latest(self._registry)


class Measured:
    """Counts requests by the route that they match, never by a path that anybody can make up."""

    def __init__(self, app: ASGIApp, *, measures: Measures) -> None:
        self._app = app
        self._measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 0

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                method, path = _method(scope), _path(scope)
                self._measures.took(method, path, time.monotonic() - began)
                # Counted when it begins: a live stream's answer ends when its tab does.
                self._measures.answered(method, path, int(status))
            await send(message)

        self._measures.in_flight.inc()
        try:
            await self._app(scope, receive, send_noted)
        finally:
            self._measures.in_flight.dec()
            if not status:
                self._measures.answered(
                    _method(scope), _path(scope), HTTPStatus.INTERNAL_SERVER_ERROR
                )


def _method(scope: Scope) -> str:
    method: str = scope["method"]
    return method if method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE") else "other"


def _path(scope: Scope) -> str:
    route = scope.get("route")
    return route.path if isinstance(route, Route | Mount) else "unmatched"
