"""What goes to vehicles and comes from them in parts: lists of mission items, and parameters."""

import msgspec

from flows.ontology.commands import Delivery
from flows.ontology.missions import Item

# Of a list of parameters, so many at most.
MOST_PARAMETERS = 4096

Value = int | float | None


class Reading(msgspec.Struct):
    """A list of mission items that is read from a vehicle, one after the other.

    ``count`` is how many there are, -1 while nobody has said; ``tries`` how often was asked for
    the next. ``failed`` says why it was given up. It is ``coarse`` if the vehicle has told
    places by floats.
    """

    mission_type: int = 0
    count: int = -1
    items: list[Item] = []
    tries: int = 0
    failed: str = ""
    done: bool = False
    coarse: bool = False


class Transfer(msgspec.Struct):
    """A talk, without what it is about.

    ``tries`` is how often the last message was said, ``sent`` how often any that is on record,
    ``unheard`` whether one is not answered. ``told`` and ``told_us`` are of progress.
    """

    delivery: Delivery
    lanes: list[str]
    due_us: int = 0
    ended: bool = False
    tries: int = 0
    sent: int = 0
    unheard: int = 0
    told: int = 0
    told_us: int = 0


class Uploading(Transfer, tag=True):
    """A list that a vehicle takes, and that is then read back: ``items`` are the vehicle's.

    ``asked`` is how many it has asked for so far, ``last`` the number of the one that it asked
    for last, ``again`` how often it has asked for nothing new, and ``waited`` how often nothing
    has come after that one. It is ``coarse`` if places were told by floats. ``spare`` are items
    at the beginning that are none of those that were asked for: an ArduPilot's home.
    """

    mission_type: int = 0
    items: list[Item] = []
    spare: int = 0
    asked: int = 0
    last: int = -1
    again: int = 0
    waited: int = 0
    coarse: bool = False
    checksum: int | None = None
    text: str = ""
    reading: Reading | None = None
    mission_id: str = ""
    version: int = 0


class Downloading(Transfer, tag=True):
    """A list that a vehicle has."""

    reading: Reading = msgspec.field(default_factory=Reading)
    checksum: int | None = None


class Clearing(Transfer, tag=True):
    """A list that a vehicle is to forget."""

    mission_type: int = 0


class Asking(Transfer, tag=True):
    """A parameter that is read; and set, if there is a value ``wanted``.

    ``kind`` is its MAV_PARAM_TYPE, 0 until it was heard, and ``value`` what it was then.
    ``bytewise`` is whether whole numbers go by their bytes.
    """

    name: str = ""
    wanted: float | None = None
    kind: int = 0
    bytewise: bool = False
    value: Value = None
    kept: Value = None


class Listing(Transfer, tag=True):
    """All parameters of a vehicle, by their numbers; ``count`` is -1 until it has said that."""

    count: int = -1
    found: dict[int, tuple[str, Value]] = {}


Moving = Uploading | Downloading | Clearing | Asking | Listing
