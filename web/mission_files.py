"""Missions as they are sent and fetched: our JSON, QGroundControl's plans, and waypoint files."""

import codecs
import re
from typing import Annotated, Any, Literal, get_args
from urllib.parse import quote

import msgspec
from msgspec import UNSET, UnsetType
from starlette.requests import Request
from starlette.responses import Response

from flows.ontology.mission_file import Read
from flows.ontology.missions import Plan
from flows.ontology.plan_file import read_plan, write_plan
from flows.ontology.stored_missions import Mission, plain
from flows.ontology.vehicles import VEHICLES
from flows.ontology.waypoints_file import read_waypoints, write_waypoints
from web.body import body, content_type
from web.entity_filter import meant
from web.mission_bodies import ANY, Description, MissionName, VehicleType, Version, WriteMission
from web.missions import Said
from web.problems import Problem
from web.query import read_query
from web.schema import BODY, Fault, decode, invalid

PLAN_TYPE, WAYPOINTS_TYPE = "application/json", "text/plain"
BODIES = ("application/json", "text/plain", "application/octet-stream")
_JSON = re.compile(r"application/(json|.+\+json)")
_TYPES = frozenset(get_args(VehicleType))
# What no file may be called by, on any system.
_UNSAFE = re.compile(r'[\x00-\x1f\x7f"*/:<>?\\|]+')


class _Typed(msgspec.Struct, rename="camel"):
    file_type: Any | UnsetType = UNSET


class MissionFile(msgspec.Struct, kw_only=True):
    """What a file does not say of its mission; of no matter where the body is our own JSON."""

    name: Annotated[MissionName, meant("What it is called; needed with a file.")] | UnsetType = (
        UNSET
    )
    description: Annotated[Description, meant("What it is for.")] = ""
    vehicle_type: (
        Annotated[VehicleType, meant("For which; as the file says, if left out.")] | UnsetType
    ) = UNSET


class MissionFormat(msgspec.Struct, kw_only=True):
    """Which version is wanted, and as what."""

    version: Annotated[Version, meant("The newest if left out.")] | UnsetType = UNSET
    format: Annotated[
        Literal["json", "plan", "waypoints"],
        meant("`plan` is QGroundControl's file, `waypoints` a `QGC WPL 110` file of one list."),
    ] = "json"
    mission_type: Annotated[Plan, meant("Which list a `waypoints` file is of.")] = "mission"


async def read_mission(request: Request, before: Said | None = None) -> Said:
    """The mission that a body is, whatever it is sent as.

    Args:
        request: with the body.
        before: of which it is a new version, whose name holds where a file is sent without.

    Raises:
        Problem: 415, sent as what is not read; 422, with all that is wrong with it; and those of
            ``web.body.body``.
    """
    asked = read_query(request, MissionFile)
    said = content_type(request)
    if said and said not in BODIES and not _JSON.fullmatch(said):
        raise Problem(415, f"The body may be one of {', '.join(BODIES)}.")
    data = await body(request)
    if _is_plan(data):
        return _of_file(read_plan(data), asked, before)
    if said == WAYPOINTS_TYPE or data.removeprefix(codecs.BOM_UTF8).startswith(b"QGC"):
        return _of_file(read_waypoints(data), asked, before)
    if said == "application/octet-stream":
        raise Problem(415, "The file is no plan of QGroundControl, and no QGC WPL 110.")
    return _said(decode(data, WriteMission))


def mission_file(name: str, version: int, mission: Mission, wanted: MissionFormat) -> Response:
    """A mission as a file to keep."""
    if wanted.format == "plan":
        return _file(f"{name} v{version}.plan", PLAN_TYPE, write_plan(mission))
    text = write_waypoints(mission, wanted.mission_type)
    kind = "" if wanted.mission_type == "mission" else f" {wanted.mission_type}"
    return _file(f"{name} v{version}{kind}.waypoints", WAYPOINTS_TYPE, text)


def _is_plan(data: bytes) -> bool:
    """Whether it is JSON that says which type of file it is."""
    try:
        return msgspec.json.decode(data, type=_Typed).file_type is not UNSET
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False


def _said(body: WriteMission) -> Said:
    mission = Mission(
        items=body.items,
        fence=body.fence,
        rally=body.rally,
        home=body.home,
        cruise_speed=body.cruise_speed,
        hover_speed=body.hover_speed,
        vehicle=_number(body.vehicle_type),
    )
    return Said(body.name, body.description, body.vehicle_type, plain(mission))


def _of_file(read: Read, asked: MissionFile, before: Said | None) -> Said:
    faults = [Fault(each, BODY) for each in read.faults]
    name = asked.name
    if name is UNSET:
        if before is None:
            faults.append(Fault("expected a name, which files do not have", "query.name"))
        name = before.name if before else ""
    if faults or read.mission is None:
        raise invalid(faults)
    mission = read.mission
    kind = _type(mission.vehicle) if asked.vehicle_type is UNSET else asked.vehicle_type
    if kind != _type(mission.vehicle):
        mission = msgspec.structs.replace(mission, vehicle=_number(kind))
    description = asked.description or (before.description if before else "")
    return Said(name, description, kind, mission)


def _type(vehicle: int) -> VehicleType:
    """For which vehicles a mission of a MAV_TYPE is."""
    known = VEHICLES.get(vehicle)
    return known.entity_type if known and known.entity_type in _TYPES else ANY  # type: ignore[return-value]


def _number(kind: VehicleType) -> int:
    """A MAV_TYPE of a type of vehicle; 0 for any."""
    return next((n for n, each in VEHICLES.items() if each.entity_type == kind), 0)


def _file(name: str, media: str, data: bytes) -> Response:
    """A file under a name of others: in ASCII, and as it is for those who read RFC 6266."""
    safe = _UNSAFE.sub("_", name)
    plain_name = safe.encode("ascii", "replace").decode().replace("?", "_")
    headers = {
        "Content-Disposition": (
            f"attachment; filename=\"{plain_name}\"; filename*=UTF-8''{quote(safe, safe='')}"
        )
    }
    return Response(data, headers=headers, media_type=media)
