"""Signing in by a link that works once, and out again; the page that says how to get in.

python -m web.sign_in
python -m web.sign_in --email ana@example.org
"""

import secrets

import anyio.to_thread
import click
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from connectors.environment import environment
from flows.ontology.settings import Settings
from web import people
from web.clock import Clock
from web.database import Tables
from web.entering import enter, peer
from web.identity import ADMIN, identity
from web.notices import link_useless, sign_in_page, too_many
from web.people import People, Person
from web.problems import Problem
from web.relying_party import people_url, relying_party
from web.sessions import COOKIE, token_hash
from web.site import site

LINK_SECONDS = 30 * 60


def create_link(tables: Tables, settings: Settings, clock: Clock, address: str = "") -> str:
    """A URL that signs in whoever opens it first, for the next half hour.

    As the person with this address, who is made an admin if there is none; without one, as the
    first admin.

    Raises:
        Problem: 409, this person has been disabled.
    """
    token, now, organization = secrets.token_urlsafe(32), int(clock.wall()), settings.organization
    tables.add_organization(organization, now)
    known = People(tables, clock)
    person = known.by_email(organization, address) if address else known.first_admin(organization)
    if person is None:
        person = known.add(organization, email=address, name="", role=ADMIN)
    if person.disabled_at is not None:
        raise Problem(409, f"{person.called} has been disabled.")
    tables.write("DELETE FROM sign_in_links WHERE created_at <= ?", (now - LINK_SECONDS,))
    tables.write(
        "INSERT INTO sign_in_links (token_hash, org_id, user_id, created_at) VALUES (?, ?, ?, ?)",
        (token_hash(token), organization, person.user_id, now),
    )
    return f"{people_url(settings)}/sign-in?token={token}"


def redeem_link(tables: Tables, clock: Clock, token: str) -> Person | None:
    """Use up a link; whom it lets in, None if it is good for nothing."""
    now = int(clock.wall())
    rows = tables.write(
        "UPDATE sign_in_links SET used_at = ? WHERE token_hash = ? AND used_at IS NULL"
        " AND created_at > ? AND user_id IN (SELECT user_id FROM users WHERE disabled_at IS NULL)"
        " RETURNING org_id, user_id",
        (now, token_hash(token), now - LINK_SECONDS),
    )
    return People(tables, clock).find(rows[0]["org_id"], rows[0]["user_id"]) if rows else None


async def sign_in(request: Request) -> Response:
    """``GET /sign-in``: with a good link in, else a page that says how to get in."""
    here, token = site(request), request.query_params.get("token")
    # Looking ahead is not opening: a link works once.
    ahead = request.method == "HEAD" or "prefetch" in request.headers.get("sec-purpose", "")
    if not token or ahead:
        return sign_in_page(relying_party(here.settings).trouble(request))
    wait = here.sign_in_limit.wait(peer(request))
    if wait:
        return too_many(wait)
    person = await anyio.to_thread.run_sync(redeem_link, here.tables, here.clock, token)
    if person is None:
        await here.audit.record(request, "person.sign_in", "link", outcome="refused")
        return link_useless()
    return await enter(request, person, "link")


async def sign_out(request: Request) -> Response:
    """``POST /sign-out``; the gate lets only our own pages ask for it."""
    who = identity(request)
    await site(request).sessions.end(who.session)
    await site(request).audit.record(request, "person.sign_out", who.user)
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(COOKIE)
    return response


routes = [
    Route("/sign-in", sign_in, methods=["GET"]),
    Route("/sign-out", sign_out, methods=["POST"]),
]


@click.command()
@click.option("--email", "address", default="", help="as whom; the first admin without it")
def main(address: str) -> None:
    """Print a new link, and nothing else."""
    settings, clock = Settings.read(environment()), Clock()
    tables = Tables(settings.database)
    try:
        address = people.email(address) if address else ""
        click.echo(create_link(tables, settings, clock, address))
    except Problem as problem:
        raise click.ClickException(problem.detail) from problem
    finally:
        tables.close()


if __name__ == "__main__":
    main()
