"""Bodies of the missions' interface: what is stored, how it is shown, and what is uploaded."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from flows.ontology.command_states import State
from flows.ontology.commands import Priority
from flows.ontology.missions import MOST_ITEMS, Item, Plan
from flows.ontology.registry import EntityId, Moment, Name, Reason
from flows.ontology.stored_missions import Home
from web.command_bodies import CommandId

ANY = "any"
# Those of the registry that move.
VehicleType = Literal[
    "any", "aircraft_fixed_wing", "aircraft_multirotor", "aircraft_vtol", "aircraft_helicopter",
    "aircraft_airship", "ground_vehicle_wheeled", "ground_vehicle_tracked",
    "surface_vessel_usv", "underwater_vehicle",
]  # fmt: skip
MissionName = Annotated[Name, Meta(min_length=1)]
Description = Annotated[Name, Meta(description="What it is for.")]
Version = Annotated[int, Meta(ge=1, le=1_000_000)]
Speed = Annotated[float, Meta(ge=0, le=1000, description="Metres a second; 0 is not known.")]
Items = Annotated[list[Item], Meta(max_length=MOST_ITEMS)]
_Schema = Annotated[str, Meta(description="Taken, and not looked at.")]
_Confirmed = Annotated[bool, Meta(description="That it is meant: it is hazardous.")]
_Forced = Annotated[bool, Meta(description="Also where it is stale or lost; needs a reason.")]


class WriteMission(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A mission as it is to be, or a version of one: the whole of it.

    Items are numbered from 0, each list by itself, and an item that jumps names another by
    that number; home is none of them.
    """

    schema_: _Schema | UnsetType = msgspec.field(name="$schema", default=UNSET)
    name: MissionName
    description: Description = ""
    vehicle_type: VehicleType = "any"
    items: Items = []
    fence: Items = []
    rally: Items = []
    home: Home | None = None
    cruise_speed: Speed = 0.0
    hover_speed: Speed = 0.0


class MissionHead(msgspec.Struct, kw_only=True):
    """A version of a mission, without its items. ``length`` is metres from place to place."""

    mission_id: str
    org_id: str
    version: int
    name: str
    description: str
    vehicle_type: str
    checksum: str
    item_count: int
    fence_count: int
    rally_count: int
    length: int
    created_at: str
    created_by: str


class MissionWhole(MissionHead, kw_only=True):
    """A version of a mission. ``remarks`` are what may be wrong with it, a sentence each."""

    items: list[Item]
    fence: list[Item]
    rally: list[Item]
    home: Home | None
    cruise_speed: float
    hover_speed: float
    remarks: list[str]


class UploadMission(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """To which vehicle one of the mission's lists is to go; the newest version if none is named."""

    schema_: _Schema | UnsetType = msgspec.field(name="$schema", default=UNSET)
    entity_id: EntityId
    version: Version | UnsetType = UNSET
    mission_type: Plan = "mission"
    command_id: CommandId | UnsetType = UNSET
    expires_at: Moment | UnsetType = UNSET
    priority: Priority = "normal"
    reason: Reason = ""
    confirmed: _Confirmed = False
    forced: _Forced = False


class MissionOnEntity(msgspec.Struct, kw_only=True):
    """An upload of a mission, the newest of a list to an entity, and how far the vehicle is.

    ``state`` is the command's, null where it is not on record. ``held`` tells that it is what
    the vehicle has, by all that commands tell; programs of others may have changed it since.
    ``progress`` is how much of the list was sent, in percent, while it goes on.
    Items are numbered as here, and are those that the vehicle has said last; the list has
    ``item_count``, and ``total`` is how many the vehicle says that it has.
    """

    entity_id: str
    mission_type: Plan
    version: int
    checksum: str
    item_count: int
    command_id: str
    state: State | None
    reason: str
    uploaded_at: str
    uploaded_by: str
    held: bool
    progress: float | None = None
    is_live: bool = False
    current_item: int | None = None
    reached_item: int | None = None
    total: int | None = None
    mission_state: str = ""


class MissionProgress(msgspec.Struct, kw_only=True):
    """Where a mission is, and how far."""

    mission_id: str
    version: int
    entities: list[MissionOnEntity]
