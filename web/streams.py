"""Live streams: what a view shows now, then what changes, for as long as the tab is open."""

from collections.abc import AsyncIterator, Callable

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from web.entity_view import EntityView
from web.first_steps import first_steps
from web.fleet import FleetView
from web.frames import Frame
from web.identity import identity
from web.live import View
from web.problems import Problem
from web.site import Site, site

ZSTD = "zstd"


async def live_fleet(request: Request) -> Response:
    """``GET /live/fleet``: the table, the map and the counts of the session's organisation."""
    here, organization = site(request), identity(request).organization
    return _stream(
        request,
        "fleet",
        lambda: FleetView(here.picture, organization, first_steps(here.settings)),
    )


async def live_entity(request: Request) -> Response:
    """``GET /live/entities/{entity_id}``: one entity of the session's organisation."""
    here, organization = site(request), identity(request).organization
    entity_id = request.path_params["entity_id"]
    if here.picture.entity(organization, entity_id) is None:
        raise Problem(404, "Entity not found")
    return _stream(
        request,
        f"entity/{entity_id}",
        lambda: EntityView(here.picture, organization, entity_id),
    )


def _stream(request: Request, what: str, view: Callable[[], View]) -> Response:
    here, who = site(request), identity(request)
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no", "Vary": "Accept-Encoding"}
    compressed = accepts(request.headers.get("accept-encoding", ""), ZSTD)
    if compressed:
        headers["Content-Encoding"] = ZSTD
    if request.method == "HEAD":
        return Response(headers=headers, media_type="text/event-stream")
    if here.live.full:
        raise Problem(503, "Too many live streams are open.", {"Retry-After": "5"})

    async def body() -> AsyncIterator[bytes]:
        async for frame in frames(here, who.organization, who.session, what, view):
            yield frame.compressed if compressed else frame.plain

    return StreamingResponse(body(), headers=headers, media_type="text/event-stream")


async def frames(
    here: Site, organization: str, session: str, what: str, view: Callable[[], View]
) -> AsyncIterator[Frame]:
    """A snapshot and what follows, until the session ends or the site closes.

    The server's beat wakes us even when nothing changes, so a session that has been
    ended stops being served within one.
    """
    with here.live.look(organization, what, view) as (channel, mailbox):
        while (mail := await mailbox.take()) is not None:
            if await here.sessions.check(session) is None:
                return
            resync, waiting = mail
            if resync:
                yield channel.snapshot()
            for frame in waiting:
                yield frame


def accepts(header: str, coding: str) -> bool:
    """Whether an Accept-Encoding header names a coding, and not with a weight of nothing."""
    for item in header.lower().split(","):
        name, _, weight = item.partition(";")
        if name.strip() == coding:
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


routes = [
    Route("/live/fleet", live_fleet, methods=["GET"]),
    Route("/live/entities/{entity_id}", live_entity, methods=["GET"]),
]
