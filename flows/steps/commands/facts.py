"""Documents of the state bucket to what matters of them to commands.

Only the flow of entities is believed, which says everything that others put in its own form. Of
ten thousand documents a second most are of no interest by the next one: only what is needed is
decoded, and what others have put in its place is left out.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from flows.ontology import subjects
from flows.ontology.command_facts import LANDED, Facts
from flows.ontology.rate import LONGEST_US, Liveness
from flows.ontology.telemetry import microseconds
from flows.ontology.wire import Message

# The header by which puts of the flow of entities are known.
VERSION = "Overwatch-Version"


class _Global(msgspec.Struct, gc=False):
    latitude: float | None = None
    longitude: float | None = None
    altitude_msl: float | None = None
    altitude_relative: float | None = None


class _Home(msgspec.Struct, gc=False):
    latitude: float | None = None
    longitude: float | None = None
    altitude_msl: float | None = None


class _Position(msgspec.Struct, gc=False, rename={"placed": "global"}):
    placed: _Global | None = None
    home: _Home | None = None


class _Status(msgspec.Struct, gc=False):
    armed: bool | None = None
    mode: str | None = None
    autopilot: int | None = None
    vehicle_type: int | None = None
    landed_state: int | None = None


class _Mission(msgspec.Struct, gc=False):
    current_waypoint: int | None = None
    reached_waypoint: int | None = None
    total_waypoints: int | None = None
    state: int | None = None


class _Vfr(msgspec.Struct, gc=False):
    groundspeed: float | None = None


class _Record(msgspec.Struct, gc=False):
    stream_time: datetime
    leaves: list[str] | None = None
    messages: list["_Record"] = []


class _Provenance(msgspec.Struct, gc=False, rename={"placed": "position.global"}):
    placed: _Record | None = None
    vehicle_status: _Record | None = None
    mission: _Record | None = None


class _Liveness(msgspec.Struct, gc=False):
    state: Liveness
    period: float = 0.0


class _Said(msgspec.Struct, gc=False):
    """What the flow itself says, which others cannot."""

    entity_id: str
    org_id: str
    name: str
    entity_type: str
    liveness: _Liveness
    last_seen: datetime | None
    provenance: _Provenance
    recorded: bool = False


class _Document(_Said, gc=False):
    position: _Position | None = None
    vehicle_status: _Status | None = None
    mission: _Mission | None = None
    vfr: _Vfr | None = None


_Branch = TypeVar("_Branch", bound=msgspec.Struct)
_document = msgspec.json.Decoder(_Document).decode
_said = msgspec.json.Decoder(_Said).decode
_UNREAD = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError)
_BRANCHES: dict[str, type[msgspec.Struct]] = {
    "vehicle_status": _Status,
    "mission": _Mission,
    "vfr": _Vfr,
}


def read_facts(message: Message) -> Facts | None:
    """What a document, or that it is deleted, tells; None if it is not the flow's, or no document.

    An entity is what its key says.
    """
    headers = message.headers
    if not headers or VERSION not in headers:
        return None
    entity = message.subject.removeprefix(f"{subjects.BUCKET_SUBJECT}.")
    if not message.data or "KV-Operation" in headers:
        return Facts(entity, gone=True)
    try:
        read = _document(message.data)
    except _UNREAD:
        found = _tolerant(message.data)
        if found is None:
            return None
        read = found
    return _facts(read) if read.entity_id == entity else None


def _facts(read: _Document) -> Facts:
    position = read.position or _NO_POSITION
    placed, home = position.placed or _NOWHERE, position.home or _NO_HOME
    status, mission = read.vehicle_status or _NO_STATUS, read.mission or _NO_MISSION
    provenance = read.provenance
    # A place that is registered is shown, and heard of nobody.
    position_us = _heard_us(provenance.placed, "latitude")
    if not position_us:
        placed = _NOWHERE
    return Facts(
        read.entity_id,
        read.org_id,
        read.name,
        read.entity_type,
        gone=False,
        recorded=read.recorded,
        live=read.liveness.state,
        heard_us=microseconds(read.last_seen) if read.last_seen else 0,
        period_us=round(min(max(0.0, read.liveness.period * 1e6), LONGEST_US)),
        autopilot=status.autopilot,
        vehicle_type=status.vehicle_type,
        mode=status.mode or "",
        armed=status.armed,
        landed=LANDED.get(status.landed_state or 0, ""),
        latitude=placed.latitude,
        longitude=placed.longitude,
        altitude_msl=placed.altitude_msl,
        altitude_relative=placed.altitude_relative,
        speed=read.vfr.groundspeed if read.vfr else None,
        home_latitude=home.latitude,
        home_longitude=home.longitude,
        home_altitude=home.altitude_msl,
        mission_item=mission.current_waypoint,
        mission_reached=mission.reached_waypoint,
        mission_total=mission.total_waypoints,
        mission_state=mission.state,
        position_us=position_us,
        status_us=_heard_us(provenance.vehicle_status, "armed"),
        landed_us=_heard_us(provenance.vehicle_status, "landed_state"),
        item_us=_heard_us(provenance.mission, "current_waypoint"),
        reached_us=_heard_us(provenance.mission, "reached_waypoint"),
        state_us=_heard_us(provenance.mission, "state"),
    )


_NO_POSITION, _NOWHERE, _NO_HOME = _Position(), _Global(), _Home()
_NO_STATUS, _NO_MISSION = _Status(), _Mission()


def _heard_us(record: _Record | None, leaf: str) -> int:
    """When the stream took what says a leaf of a branch; 0 where nothing does."""
    if record is None:
        return 0
    if record.leaves is None or leaf in record.leaves:
        return microseconds(record.stream_time)
    for each in record.messages:
        if each.leaves is not None and leaf in each.leaves:
            return microseconds(each.stream_time)
    return 0


def _tolerant(data: bytes) -> _Document | None:
    """As much as can be read where others have put something else under a name of the tree."""
    try:
        said = _said(data)
        tree = msgspec.json.decode(data)
    except _UNREAD:
        return None
    read = _Document(*(getattr(said, field) for field in said.__struct_fields__))
    position = tree.get("position")
    if isinstance(position, dict):
        read.position = _Position(
            _believed(_Global, position.get("global")), _believed(_Home, position.get("home"))
        )
    for name, kind in _BRANCHES.items():
        setattr(read, name, _believed(kind, tree.get(name)))
    return read


def _believed(kind: type[_Branch], tree: object) -> _Branch | None:
    """The leaves of a branch that are of their kind."""
    if not isinstance(tree, Mapping):
        return None
    kept: dict[str, Any] = {}
    for name in kind.__struct_fields__:
        try:
            kept[name] = getattr(msgspec.convert({name: tree.get(name)}, kind), name)
        except _UNREAD:
            continue
    return kind(**kept)
