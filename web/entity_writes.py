"""Writes of entities for whoever makes a request: checked, published, awaited and on record."""

from starlette.requests import Request

from flows.ontology.subjects import is_token
from web.audit import Said
from web.database import Row
from web.entity_answers import wanted_revision
from web.entity_bodies import CreateEntity, UpdateEntity
from web.entity_events import Writer, writer
from web.once import retry_of
from web.problems import Problem
from web.registered import registered, row_of
from web.registry import NOT_FOUND, Written
from web.site import site

READ, WRITE = "entities:read", "entities:write"


async def created(request: Request, organization: str, wanted: CreateEntity) -> Written:
    """Register an entity, for whoever makes the request. Raises as ``Registry.write`` does."""
    here = site(request)
    write = _writer(request, organization).created(wanted)
    written = await here.registry.write(write)
    after = registered(here, written.row) if written.row else wanted
    await _on_record(request, "entity.create", written, None, after)
    return written


async def updated(
    request: Request, organization: str, entity_id: str, wanted: UpdateEntity
) -> Written:
    """Change an entity, for whoever makes the request. Raises as ``Registry.write`` does."""
    here, make = site(request), _writer(request, organization)
    changes = make.changes(wanted)
    before = _before(request, organization, entity_id)
    write = make.updated(entity_id, changes, wanted_revision(request, before))
    written = await here.registry.write(write)
    after = registered(here, written.row) if written.row else wanted
    await _on_record(request, "entity.update", written, before, after)
    return written


async def deleted(request: Request, organization: str, entity_id: str, reason: str) -> Written:
    """Delete an entity, for whoever makes the request. Raises as ``Registry.write`` does."""
    before = _before(request, organization, entity_id)
    revision = wanted_revision(request, before)
    write = _writer(request, organization).deleted(entity_id, reason, revision)
    written = await site(request).registry.write(write)
    await _on_record(request, "entity.delete", written, before, {"reason": reason})
    return written


def known(request: Request, organization: str, entity_id: str) -> Row | None:
    """The row of an entity, if it is one of the organisation."""
    if not is_token(entity_id):
        return None
    return row_of(site(request).tables, organization, entity_id)


def _before(request: Request, organization: str, entity_id: str) -> Row | None:
    """An entity as it stands; None for one that may be on its way into the registry.

    Raises:
        Problem: 404, there is none.
    """
    row = known(request, organization, entity_id)
    if row is None and (site(request).registry.settled or not is_token(entity_id)):
        raise Problem(404, NOT_FOUND)
    return row


async def _on_record(
    request: Request, action: str, written: Written, before: Row | None, after: Said
) -> None:
    here, wanted = site(request), written.wanted
    await here.audit.record(
        request,
        action,
        wanted.entity_id,
        before=registered(here, before) if before else None,
        after=after,
        organization=wanted.org_id,
    )


def _writer(request: Request, organization: str) -> Writer:
    return writer(organization, site(request).clock.wall(), retry_of(request))
