"""Uploads of stored missions: a command that carries a list; on record is what went to whom."""

from collections.abc import Mapping

import anyio.to_thread
import msgspec
from msgspec import UNSET
from starlette.requests import Request as Asked

from flows.ontology.commands import Request
from flows.ontology.identity import part_of
from flows.ontology.missions import Item, Plan
from flows.ontology.stored_missions import checksum
from flows.ontology.subjects import BROADCAST
from web import command_acts, command_posts
from web.audit import actor
from web.command_bodies import CreateCommand
from web.command_form import UPLOAD
from web.command_posts import Said
from web.command_said import command_said
from web.database import Row
from web.identity import identity, require
from web.mission_acts import FIELDS, READ, known
from web.mission_bodies import UploadMission
from web.mission_choice import Chosen, chosen
from web.missions import mission_of
from web.schema import BODY, Fault, invalid
from web.site import site

_UPLOADED = (
    "INSERT INTO mission_uploads (org_id, command_id, mission_id, version, mission_type,"
    " entity_id, checksum, uploaded_at, uploaded_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT DO NOTHING"
)


async def uploaded(
    request: Asked, organization: str, mission_id: str, wanted: UploadMission
) -> tuple[Request, Row | None]:
    """Ask for a list of a mission to be given to a vehicle. Raises as ``sent`` does."""
    version = None if wanted.version is UNSET else wanted.version
    how = CreateCommand(
        command=UPLOAD,
        entity_id=wanted.entity_id,
        command_id=wanted.command_id,
        expires_at=wanted.expires_at,
        priority=wanted.priority,
        reason=wanted.reason,
        confirmed=wanted.confirmed,
        forced=wanted.forced,
    )
    return await sent(request, organization, Chosen(mission_id, version, wanted.mission_type), how)


async def asked_by_form(
    request: Asked,
    said: Mapping[str, str],
    *,
    entity_id: str = "",
    broadcast: bool | list[str] = False,
) -> Said:
    """What has come of a form that chooses a mission. Raises as ``sent`` does."""
    who, now = require(request, READ), site(request).clock.wall()
    how = command_said({**said, "command": UPLOAD}, now, entity_id=entity_id, broadcast=broadcast)
    _, row = await sent(request, who.organization, chosen(said), how)
    return command_posts.asked(how, row)


async def sent(
    request: Asked, organization: str, what: Chosen, how: CreateCommand
) -> tuple[Request, Row | None]:
    """Ask for an upload; the command, and its row.

    Args:
        request: of whoever asks.
        organization: whose mission and vehicles they are.
        what: is sent.
        how: the command without its parameters. One to several names them, so that it is on
            record who was to have it.

    Raises:
        Problem: 404, there is no such version; 422, its list is empty; and those of
            ``command_acts.asked``.
    """
    row = await known(request, organization, what.mission_id, what.version)
    items = mission_of(row).list_of(what.mission_type)
    if not items:
        told = f"the mission has no {FIELDS[what.mission_type]}: clear_mission empties a list"
        raise invalid([Fault(told, f"{BODY}.mission_type", what.mission_type)])
    params = {
        "mission_type": what.mission_type,
        "items": msgspec.to_builtins(items),
        "mission_id": what.mission_id,
        "version": row["version"],
    }
    command = msgspec.structs.replace(how, params=params)
    asked, after = await command_acts.asked(request, organization, command)
    await _on_record(request, asked, row, what.mission_type, items)
    return asked, after


async def _on_record(
    request: Asked, asked: Request, mission: Row, plan: Plan, items: list[Item]
) -> None:
    here, organization = site(request), asked.org_id
    sum_of_items, by = checksum(items), actor(identity(request))
    rows = [
        (
            organization, command_id, mission["mission_id"], mission["version"], plan, entity_id,
            sum_of_items, int(here.clock.wall()), by,
        )
        for entity_id, command_id in _commands(asked).items()
    ]  # fmt: skip

    def write() -> None:
        with here.tables.transaction() as execute:
            for row in rows:
                execute(_UPLOADED, row)

    await anyio.to_thread.run_sync(write)
    after = {
        "entity_id": asked.entity_id, "command_id": asked.command_id,
        "version": mission["version"], "mission_type": plan, "checksum": sum_of_items,
    }  # fmt: skip
    if asked.entities:
        after["entities"] = asked.entities
    await here.audit.record(
        request, "mission.upload", mission["mission_id"], after=after, organization=organization
    )


def _commands(asked: Request) -> dict[str, str]:
    """Each vehicle, and the command that gives the list to it."""
    if asked.entity_id != BROADCAST:
        return {asked.entity_id: asked.command_id}
    return {each: part_of(asked.org_id, asked.command_id, each) for each in asked.entities}
