"""Signing in by a link that works once; ``python -m web.sign_in`` makes and prints one."""

import secrets
import sys
import time

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from connectors.environment import environment
from flows.ontology.settings import Settings
from web.clock import Clock
from web.database import Tables
from web.identity import identity
from web.notices import link_useless, sign_in_needed, too_many
from web.sessions import ABSOLUTE_SECONDS, COOKIE, token_hash
from web.site import site

LINK_SECONDS = 30 * 60


def create_link(tables: Tables, settings: Settings, now: int) -> str:
    """A URL that signs in whoever opens it first, for the next half hour."""
    token = secrets.token_urlsafe(32)
    tables.add_organization(settings.organization, now)
    tables.write("DELETE FROM sign_in_links WHERE created_at <= ?", (now - LINK_SECONDS,))
    tables.write(
        "INSERT INTO sign_in_links (token_hash, org_id, created_at) VALUES (?, ?, ?)",
        (token_hash(token), settings.organization, now),
    )
    return f"{settings.url}/sign-in?token={token}"


def redeem_link(tables: Tables, token: str, now: int) -> str | None:
    """Use up a link; the organisation that it lets into, None if it is good for nothing."""
    rows = tables.write(
        "UPDATE sign_in_links SET used_at = ? WHERE token_hash = ? AND used_at IS NULL"
        " AND created_at > ? RETURNING org_id",
        (now, token_hash(token), now - LINK_SECONDS),
    )
    return str(rows[0]["org_id"]) if rows else None


async def sign_in(request: Request) -> Response:
    """``GET /sign-in``: with a good link to the map, else to a page that says how to get one."""
    token = request.query_params.get("token")
    # Looking ahead is not opening: a link works once.
    ahead = request.method == "HEAD" or "prefetch" in request.headers.get("sec-purpose", "")
    if not token or ahead:
        return sign_in_needed()
    here = site(request)
    wait = here.sign_in_limit.wait(request.client.host if request.client else "")
    if wait:
        return too_many(wait)
    now = int(here.clock.wall())
    organization = await anyio.to_thread.run_sync(redeem_link, here.tables, token, now)
    if organization is None:
        return link_useless()
    response = RedirectResponse("/map", 303)
    response.set_cookie(
        COOKIE,
        await here.sessions.create(organization),
        max_age=ABSOLUTE_SECONDS,
        httponly=True,
        # Not "strict": the link is opened from elsewhere, and so is the map after it.
        samesite="lax",
        secure=here.settings.url.startswith("https://"),
    )
    return response


async def sign_out(request: Request) -> Response:
    """``POST /sign-out``; the gate lets only our own pages ask for it."""
    await site(request).sessions.end(identity(request).session)
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(COOKIE)
    return response


routes = [
    Route("/sign-in", sign_in, methods=["GET"]),
    Route("/sign-out", sign_out, methods=["POST"]),
]


def main() -> None:
    """Print a new link, and nothing else."""
    settings = Settings.read(environment())
    tables = Tables(settings.database)
    try:
        sys.stdout.write(create_link(tables, settings, int(Clock(time.time).wall())) + "\n")
    finally:
        tables.close()


if __name__ == "__main__":
    main()
