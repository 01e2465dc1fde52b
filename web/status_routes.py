"""``/health`` for whoever asks, ``/metrics`` for who may."""

from typing import Any

import anyio.to_thread
import msgspec
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.metrics import render
from web.identity import require
from web.nats_report import report
from web.openapi import PUBLIC, Operation
from web.site import Site, site

SERVICE = "constellation-overwatch"


async def health(request: Request) -> Response:
    """``GET /health``: 200 when all is well, else 503 with a reason for each part that is not."""
    found = await site(request).health.report()
    body = msgspec.json.encode(found)
    return Response(body, 200 if found.well else 503, media_type="application/json")


class HealthDocument(msgspec.Struct):
    """How all is, as version 0.1.0 of the interface has it."""

    status: str
    service: str
    version: str
    timestamp: str
    details: dict[str, Any]


async def api_health(request: Request) -> Response:
    """``GET /api/v1/health``: as ``/health``, in few words, and 200 whatever they are."""
    found = await site(request).health.report()
    details = {
        "database": "healthy" if found.database["ok"] else "unhealthy",
        "nats": "healthy" if found.nats["connected"] else "unhealthy",
    }
    status = "healthy" if found.well else "degraded"
    said = HealthDocument(status, SERVICE, found.version, found.time, details)
    return Response(msgspec.json.encode(said), media_type="application/json")


async def metrics(request: Request) -> Response:
    """``GET /metrics``: the flows' metrics and the web's own, as Prometheus reads them."""
    require(request, "metrics:read")
    here = site(request)
    await _measure(here)
    flows = await anyio.to_thread.run_sync(render, here.settings.data_dir / "run")
    return Response(flows + here.measures.render(), media_type=CONTENT_TYPE_LATEST)


async def _measure(here: Site) -> None:
    """Bring those metrics up to date that are looked at only when asked for."""
    measures, picture = here.measures, here.picture
    measures.clients.set(here.live.clients + here.following.count)
    measures.sockets.set(here.sockets.open)
    measures.unreadable.set(picture.unreadable)
    measures.connected.set(picture.connected)
    measures.entities.clear()
    for organization in picture.organizations():
        measures.entities.labels(organization).set(len(picture.entities(organization)))
    if here.health.durability is not None:
        measures.durability.set(here.health.durability)
    measures.pending.set(here.watch.pending)
    measures.streams((await report(here.watch.client)).streams)


routes = [
    Route("/health", health, methods=["GET"]),
    Route("/api/v1/health", api_health, methods=["GET"]),
    Route("/metrics", metrics, methods=["GET"]),
]
operations = [
    Operation(
        "GET",
        "/api/v1/health",
        "health-check",
        "Say how all is",
        PUBLIC,
        answers={200: HealthDocument},
    )
]
