"""What happens whenever somebody has shown who they are: a session begins, and leads somewhere."""

from typing import Literal

import anyio.to_thread
import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web.people import Person
from web.relying_party import relying_party
from web.sessions import ABSOLUTE_SECONDS, COOKIE
from web.site import site

HOME = "/map"
# Where somebody is asked to add a passkey.
ADD_PASSKEY = "/account/passkey"

Way = Literal["link", "passkey", "invite"]


def peer(request: Request) -> str:
    """The address at the other end of the connection, whatever headers say."""
    return request.client.host if request.client else ""


async def enter(request: Request, person: Person, way: Way) -> Response:
    """Begin a session. Who has no passkey and could add one is led to where that is done.

    On this machine that may be put off, as whoever is here can make a link at any time.
    """
    here, party = site(request), relying_party(site(request).settings)
    has_one = await anyio.to_thread.run_sync(here.passkeys.of, person.user_id)
    needed = not (has_one or party.fault or party.local)
    asked = needed or not (has_one or party.trouble(request))
    token = await here.sessions.create(
        person,
        user_agent=request.headers.get("user-agent", ""),
        address=peer(request),
        needs_passkey=needed,
    )
    await anyio.to_thread.run_sync(here.people.came_in, person.user_id)
    request.scope["identity"] = await here.sessions.find(token)
    await here.audit.record(request, "person.sign_in", person.user_id, after={"way": way})
    response = _onwards(ADD_PASSKEY if asked else HOME, way)
    response.set_cookie(
        COOKIE,
        token,
        max_age=ABSOLUTE_SECONDS,
        httponly=True,
        # Not "strict": links are opened from elsewhere, and so is the map after it.
        samesite="lax",
        secure=here.settings.url.startswith("https://"),
    )
    return response


def _onwards(place: str, way: Way) -> Response:
    """A browser goes there by itself; a script of ours has to be told."""
    if way != "passkey":
        return RedirectResponse(place, 303)
    return Response(msgspec.json.encode({"to": place}), media_type="application/json")
