"""What a vehicle says: an envelope on the wire, a report once it is understood."""

from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from flows.ontology.signals import Value

# Who speaks: the flight controller, or something else aboard (a gimbal, a companion).
Role = Literal["autopilot", "peripheral"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECONDS = 1_000_000


class Envelope(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One message of a vehicle, as the relay publishes it.

    ``data`` has the fields of the MAVLink message in MAVLink's own names and raw
    units. ``timestamp`` is when it was heard (for a recording, when it was
    recorded), ``timestamp_device`` the vehicle's own clock where that is known, and
    ``origin`` where it was read, the same however often it is read there. Where ``tree``
    is set, which no wire says, ``data`` is a device's own JSON and no message of MAVLink.
    """

    entity_id: str
    org_id: str
    message_type: str
    timestamp: datetime
    data: dict[str, Any]
    message_id: int = -1
    system_id: int = 0
    component_id: int = 0
    sequence: int = 0
    timestamp_device: datetime | None = None
    role: Role = "autopilot"
    source: str = ""
    entity_name: str = ""
    recorded: bool = False
    origin: str = ""
    entity_type: str = ""
    tree: bool = False


class Report(msgspec.Struct, gc=False):
    """A message understood: the signals that it sets, and when. Times in microseconds UTC.

    ``at_us`` is when it was heard or recorded, never ahead of ``stored_us``, which
    is when the stream took it; ``device_us`` is the device's clock, unbelieved if
    ``clamped``. ``extra`` has the fields that no signal took. ``heard_by`` is the entity
    that tells of this one, whose system, component and sequence these are.
    """

    entity_id: str
    org_id: str
    message_type: str
    sequence: int
    stored_us: int
    at_us: int
    values: dict[str, Value]
    extra: dict[str, Any]
    device_us: int | None = None
    clamped: bool = False
    link_sequence: int = 0
    system_id: int = 0
    component_id: int = 0
    role: Role = "autopilot"
    source: str = ""
    entity_name: str = ""
    recorded: bool = False
    entity_type: str = ""
    heard_by: str = ""


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970, UTC; a moment without a zone is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - EPOCH) // _ONE


def moment(microseconds_utc: int) -> datetime:
    """The moment of a count of microseconds since 1970."""
    return EPOCH + _ONE * microseconds_utc


# What a moment can be told of, and no clock of ours or of a device will ever come to.
LATEST_US = 253_402_300_799_999_999
_ONE = datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC) - EPOCH
