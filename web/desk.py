"""Pages that look after one organisation: whose it is, what a form asks for, and the page again."""

from collections.abc import Awaitable, Callable, Mapping

import htpy as h
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from web import organization_acts
from web.forms import form
from web.identity import identity
from web.layout import page
from web.office_forms import explained
from web.organizations import Organization
from web.panels import office
from web.problems import Problem
from web.site import site

STYLES = ("office.css", "desk.css")

# Does what a form asks for; what it returns is shown above the page, else the page is asked anew.
Act = Callable[[Request, str, Mapping[str, str]], Awaitable[h.Node]]


async def whose(request: Request, scope: str) -> Organization:
    """The organisation of the path, else the asker's own. Raises Problem: 403 or 404."""
    org_id = request.path_params.get("org_id") or identity(request).organization
    return (await organization_acts.existing(request, org_id, scope)).organization


def desk(
    request: Request,
    title: str,
    *content: h.Node,
    current: str,
    fault: Problem | None = None,
    modules: tuple[str, ...] = (),
    styles: tuple[str, ...] = (),
) -> Response:
    response = page(
        title,
        office(title, *content, said=explained(fault) if fault else "", wrong=fault is not None),
        who=identity(request),
        picture=site(request).picture,
        current=current,
        styles=(*STYLES, *styles),
        modules=modules,
    )
    response.status_code = fault.status if fault else 200
    return response


async def done(
    request: Request,
    org_id: str,
    acts: Mapping[str, Act],
    again: Callable[[h.Node, Problem | None], Awaitable[Response]],
) -> Response:
    """Do what the button that was pressed says, and show the page again, with what came of it."""
    try:
        said = await form(request)
        shown = await _asked(acts, said)(request, org_id, said)
    except Problem as problem:
        return await again(None, problem)
    return await again(shown, None) if shown else RedirectResponse(request.url.path, 303)


def _asked(acts: Mapping[str, Act], said: Mapping[str, str]) -> Act:
    act = acts.get(said.get("act", ""))
    if act is None:
        raise Problem(422, "The form does not say what is to be done.")
    return act


def stamp(moment: str) -> str:
    """A time of the interface as a page shows it; empty where there is none."""
    return f"{moment[:10]} {moment[11:16]}" if moment else ""
