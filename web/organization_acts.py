"""What can be done with organisations, by whom, and what is put on record of it."""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from starlette.requests import Request

from web.identity import ADMIN, identity, require
from web.organizations import Kind, Known, Organization
from web.problems import Problem
from web.schema import Fault, invalid
from web.site import site

READ, WRITE = "organizations:read", "organizations:write"
MOST_METADATA_BYTES = 64 * 1024

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
Description = Annotated[str, msgspec.Meta(max_length=500)]


_Schema = Annotated[str, msgspec.Meta(description="Taken, and not looked at.")]


class CreateOrganization(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A new organisation."""

    schema_: _Schema | msgspec.UnsetType = msgspec.field(name="$schema", default=msgspec.UNSET)
    name: Name
    org_type: Kind
    description: Description = ""
    metadata: dict[str, Any] = {}


class UpdateOrganization(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be another; what is left out stays. ``metadata`` is replaced as a whole."""

    schema_: _Schema | msgspec.UnsetType = msgspec.field(name="$schema", default=msgspec.UNSET)
    name: Name | msgspec.UnsetType = msgspec.UNSET
    org_type: Kind | msgspec.UnsetType = msgspec.UNSET
    description: Description | msgspec.UnsetType = msgspec.UNSET
    metadata: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


async def seen(request: Request) -> list[Organization]:
    """Those that the asker may see, the oldest first. Raises Problem: 403."""
    who = require(request, READ)
    return [each for each in await site(request).organizations.all() if who.governs(each.org_id)]


async def existing(request: Request, org_id: str, scope: str = READ) -> Known:
    """An organisation, if the asker may see it and there is one.

    Raises:
        Problem: 403 without the scope, 404 for what is not theirs or is not there.
    """
    require(request, scope, org_id)
    known = await site(request).organizations.find(org_id)
    if known is None:
        raise Problem(404, "Organization not found")
    return known


def may_create(request: Request) -> None:
    """Raises Problem: 403, the asker makes no organisations."""
    if not require(request, WRITE).first:
        raise Problem(403, "Only those of the deployment's first organisation make others.")


async def create(request: Request, wanted: CreateOrganization) -> Known:
    """Make one, for the asker to see to as to their own.

    Raises:
        Problem: 403, 422, or 503 where JetStream does not have it.
    """
    may_create(request)
    _bound(wanted.metadata)
    here, who = site(request), identity(request)
    made = await here.organizations.create(
        wanted.name, wanted.org_type, wanted.description, wanted.metadata, who.key or who.user
    )
    here.keys.forget()
    here.sessions.forget()
    new = made.organization
    await here.audit.record(
        request, "organization.create", new.org_id, after=new, organization=new.org_id
    )
    return made


async def update(
    request: Request, org_id: str, wanted: UpdateOrganization, check: Callable[[int], None]
) -> Known:
    """Raises Problem: 400, 403, 404, 422, 503, and what ``check`` of the revision raises."""
    require(request, WRITE, org_id)
    changes = {
        name: value
        for name, value in msgspec.structs.asdict(wanted).items()
        if value is not msgspec.UNSET and name != "schema_"
    }
    if not changes:
        raise Problem(400, "No updates provided")
    _bound(changes.get("metadata", {}))
    here = site(request)
    changed = await here.organizations.update(org_id, changes, check)
    if changed is None:
        raise Problem(404, "Organization not found")
    before, after = changed
    await here.audit.record(
        request,
        "organization.update",
        org_id,
        before=before.organization,
        after=after.organization,
        organization=org_id,
    )
    return after


async def delete(request: Request, org_id: str) -> bool:
    """Whether it is gone, with all that it has, or is still to go.

    All goes, so it takes an admin, its own or one of the first organisation, or who made it.

    Raises:
        Problem: 403, 404, or 409 for the organisation that the deployment begins with.
    """
    here, who = site(request), identity(request)
    if org_id not in who.others:
        require(request, ADMIN, org_id)
    if org_id == here.settings.organization:
        raise Problem(409, "The deployment's first organisation cannot be deleted.")
    before = await existing(request, org_id, WRITE)
    gone = await here.departures.delete(org_id)
    await here.audit.record(
        request,
        "organization.delete",
        org_id,
        before=before.organization,
        # Who is left can read it.
        organization=here.settings.organization,
    )
    return gone is not False


def _bound(metadata: dict[str, Any]) -> None:
    try:
        size = len(msgspec.json.encode(metadata))
    except (OverflowError, msgspec.MsgspecError, UnicodeEncodeError) as error:
        raise invalid([Fault(f"cannot be kept: {error}", "body.metadata")]) from error
    if size > MOST_METADATA_BYTES:
        fault = Fault(f"expected {MOST_METADATA_BYTES} bytes at most", "body.metadata")
        raise invalid([fault])
