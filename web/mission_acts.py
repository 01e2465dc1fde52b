"""Missions for whoever makes a request: checked, stored, and on record."""

from collections.abc import Callable

import anyio.to_thread
from starlette.requests import Request as Asked

from flows.ontology.command_parameters import MOST_LETTERS
from flows.ontology.mission_checks import Bounds, check
from flows.ontology.mission_remarks import Remark
from flows.ontology.missions import Plan
from flows.ontology.stored_missions import Mission
from web.audit import actor
from web.database import Row
from web.identity import identity
from web.mission_bodies import MissionHead, MissionWhole
from web.missions import NOT_FOUND, Said, mission_of
from web.moments import moment
from web.problems import Problem
from web.schema import BODY, Fault, invalid
from web.site import Site, site

READ, WRITE, COMMAND = "missions:read", "missions:write", "commands:write"
FIELDS: dict[Plan, str] = {"mission": "items", "fence": "fence", "rally": "rally"}


async def created(request: Asked, organization: str, said: Said) -> Row:
    """Store a mission. Raises Problem: 422, it cannot be flown; 409, there are too many."""
    here = site(request)
    await anyio.to_thread.run_sync(refuse, here, said)
    by = actor(identity(request))
    row = await anyio.to_thread.run_sync(here.missions.create, organization, said, by)
    await here.audit.record(
        request, "mission.create", row["mission_id"], after=head(row), organization=organization
    )
    return row


async def updated(
    request: Asked, organization: str, mission_id: str, said: Said, check: Callable[[int], None]
) -> Row:
    """Store a version of a mission. Raises as ``created`` does, and what ``check`` raises."""
    here = site(request)
    await anyio.to_thread.run_sync(refuse, here, said)
    by = actor(identity(request))
    before, after = await anyio.to_thread.run_sync(
        here.missions.update, organization, mission_id, said, by, check
    )
    if after is not before:
        await here.audit.record(
            request,
            "mission.update",
            mission_id,
            before=head(before),
            after=head(after),
            organization=organization,
        )
    return after


async def deleted(
    request: Asked, organization: str, mission_id: str, check: Callable[[int], None]
) -> None:
    """Delete a mission with its versions. Raises Problem: 404, and what ``check`` raises."""
    here = site(request)
    row = await anyio.to_thread.run_sync(here.missions.delete, organization, mission_id, check)
    await here.audit.record(
        request, "mission.delete", mission_id, before=head(row), organization=organization
    )


async def known(
    request: Asked, organization: str, mission_id: str, version: int | None = None
) -> Row:
    """A mission, of a version or the newest. Raises Problem: 404."""
    missions = site(request).missions
    row = None
    if len(mission_id) <= MOST_LETTERS:
        row = await anyio.to_thread.run_sync(missions.find, organization, mission_id, version)
    if row is None:
        raise Problem(404, NOT_FOUND)
    return row


def refuse(here: Site, said: Said) -> None:
    """Raises Problem: 422, with all that is grave about a mission."""
    faults = [_fault(each) for each in remarks(here, said.mission, said.vehicle_type) if each.grave]
    if faults:
        raise invalid(faults)


def remarks(here: Site, mission: Mission, vehicle_type: str) -> list[Remark]:
    """What is to be said of a mission, within the limits of this deployment."""
    limits = here.settings
    bounds = Bounds(limits.commands_max_altitude, limits.commands_max_distance)
    flies = vehicle_type == "any" or vehicle_type.startswith("aircraft")
    return check(mission, bounds, flies=flies)


def head(row: Row) -> MissionHead:
    """A version of a mission, without its items."""
    return MissionHead(**_head(row))


def whole(here: Site, row: Row) -> MissionWhole:
    """A version of a mission, with what may be wrong with it."""
    mission = mission_of(row)
    return MissionWhole(
        **_head(row),
        items=mission.items,
        fence=mission.fence,
        rally=mission.rally,
        home=mission.home,
        cruise_speed=mission.cruise_speed,
        hover_speed=mission.hover_speed,
        remarks=[each.sentence for each in remarks(here, mission, row["vehicle_type"])],
    )


_KEPT = [each for each in MissionHead.__struct_fields__ if each != "created_at"]


def _head(row: Row) -> Row:
    return {**{name: row[name] for name in _KEPT}, "created_at": moment(row["created_at"])}


def _fault(remark: Remark) -> Fault:
    at = "" if remark.item is None else f"[{remark.item}]"
    return Fault(remark.sentence, f"{BODY}.{FIELDS[remark.mission_type]}{at}")
