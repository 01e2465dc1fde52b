"""Whose entities a path names: an organisation that the asker may see to, and that there is."""

from starlette.requests import HTTPConnection

from web.identity import require
from web.problems import Problem
from web.site import site


async def within(request: HTTPConnection, scope: str) -> str:
    """The organisation of the path.

    Raises:
        Problem: 403 without the scope; 404 for one that is not theirs, or that there is not.
    """
    return await governed(request, scope, request.path_params["org_id"])


async def governed(request: HTTPConnection, scope: str, org_id: str) -> str:
    """An organisation, by its id. Raises as ``within`` does."""
    who = require(request, scope, org_id)
    # Their own is there, or they were not.
    if org_id != who.organization and await site(request).organizations.find(org_id) is None:
        raise Problem(404, "Organization not found")
    return org_id
