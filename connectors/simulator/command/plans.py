"""A vehicle's end of the mission protocol: three lists, one upload at a time.

https://mavlink.io/en/services/mission.html: the vehicle asks for item after item, asks again
where none comes, and takes the new list only once it is whole.
"""

import math
from dataclasses import dataclass, field

from pymavlink.dialects.v20 import common as mavlink

from connectors.simulator.area import moved
from connectors.simulator.command.helm import Helm, Item
from connectors.simulator.command.order import FRAMES
from connectors.simulator.command.ways import is_px4
from connectors.simulator.kinds import AIRBORNE
from connectors.simulator.motion import Point
from connectors.simulator.row import Row

MOST_ITEMS = 700
MOST_DEGREES = {"x": 900_000_000, "y": 1_800_000_000}
# Seconds until an item is asked for again, and how often it is: PX4's, ArduPilot's.
PATIENCE = {True: (0.25, 20), False: (1.0, 8)}
HIGHEST_COMMAND = 5_999  # Above are those that people made up for themselves.
TYPES = (mavlink.MAV_MISSION_TYPE_MISSION, mavlink.MAV_MISSION_TYPE_FENCE,
         mavlink.MAV_MISSION_TYPE_RALLY)  # fmt: skip
ALL = mavlink.MAV_MISSION_TYPE_ALL
PLAIN = {5: 0, 6: 3, 11: 10}  # MAV_FRAMEs of integers, which mean as much as those without.


@dataclass(slots=True)
class Upload:
    """A list that is being given: by whom, of what type and length, and what has come."""

    asker: tuple[int, int]
    kind: int
    count: int
    items: list[Item] = field(default_factory=list)
    waited: float = 0.0
    asked: int = 1


class Plans:
    """The lists of a vehicle. What it returns is to be said to the one who asked."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.lists: dict[int, list[Item]] = {kind: [] for kind in TYPES}
        self.lists[0] = route(row)
        self.upload: Upload | None = None
        # Who gave which list last, and its last number: that item comes again where the
        # acknowledgment was lost.
        self._done: tuple[tuple[int, int], int, int] | None = None

    def hear(
        self, message: mavlink.MAVLink_message, helm: Helm | None
    ) -> list[mavlink.MAVLink_message]:
        """Take a message of the protocol; messages of others are answered by nothing."""
        asker = message.get_srcSystem(), message.get_srcComponent()
        kind = getattr(message, "mission_type", 0)
        name = message.get_type()
        if name == "MISSION_CLEAR_ALL" and kind == ALL:
            return self._clear(asker, kind, TYPES, helm)
        if kind not in TYPES:
            return [_ack(asker, mavlink.MAV_MISSION_UNSUPPORTED, kind)]
        if name == "MISSION_CLEAR_ALL":
            return self._clear(asker, kind, (kind,), helm)
        if name == "MISSION_REQUEST_LIST":
            return [mavlink.MAVLink_mission_count_message(*asker, len(self.lists[kind]), kind)]
        if name in {"MISSION_REQUEST_INT", "MISSION_REQUEST"}:
            return self._item(asker, kind, message.seq, helm, whole=name != "MISSION_REQUEST")
        if name == "MISSION_COUNT":
            return self._count(asker, kind, message.count, helm)
        if name in {"MISSION_ITEM_INT", "MISSION_ITEM"}:
            return self._take(asker, message, helm)
        if name == "MISSION_ACK" and self.upload and self.upload.asker == asker:
            self.upload = None  # Given up by the one who gives.
        return []

    def pass_time(self, seconds: float) -> list[mavlink.MAVLink_message]:
        """Ask again for what has not come, and give up in the end."""
        upload = self.upload
        if upload is None:
            return []
        upload.waited += seconds
        seconds, most = PATIENCE[is_px4(self.row)]
        if upload.waited < seconds:
            return []
        if upload.asked >= most:
            self.upload = None
            return [_ack(upload.asker, mavlink.MAV_MISSION_OPERATION_CANCELLED, upload.kind)]
        upload.asked, upload.waited = upload.asked + 1, 0.0
        return [_request(upload)]

    def _clear(
        self, asker: tuple[int, int], kind: int, kinds: tuple[int, ...], helm: Helm | None
    ) -> list[mavlink.MAVLink_message]:
        for each in kinds:
            self._set(each, [], helm)
        return [_ack(asker, mavlink.MAV_MISSION_ACCEPTED, kind)]

    def _item(
        self, asker: tuple[int, int], kind: int, seq: int, helm: Helm | None, *, whole: bool
    ) -> list[mavlink.MAVLink_message]:
        items = self.lists[kind]
        if seq >= len(items):
            return [_ack(asker, mavlink.MAV_MISSION_INVALID_SEQUENCE, kind)]
        item = items[seq]
        if kind == 0 and seq == 0 and not is_px4(self.row):
            item = _home(self.row, helm)
        current = int(kind == 0 and helm is not None and helm.current == seq)
        x: float = item.x
        y: float = item.y
        makes = mavlink.MAVLink_mission_item_int_message
        if not whole:
            makes = mavlink.MAVLink_mission_item_message
            x, y = item.x / 1e7, item.y / 1e7
        return [
            makes(*asker, seq, item.frame, item.command, current, 1, *item.params, x, y, item.z,
                  kind)
        ]  # fmt: skip

    def _count(
        self, asker: tuple[int, int], kind: int, count: int, helm: Helm | None
    ) -> list[mavlink.MAVLink_message]:
        if self.upload is not None and self.upload.asker != asker:
            return [_ack(asker, mavlink.MAV_MISSION_DENIED, kind)]
        if count > MOST_ITEMS:
            return [_ack(asker, mavlink.MAV_MISSION_NO_SPACE, kind)]
        if not count:
            self.upload = None
            return self._clear(asker, kind, (kind,), helm)
        self.upload = Upload(asker, kind, count)
        return [_request(self.upload)]

    def _take(
        self, asker: tuple[int, int], message: mavlink.MAVLink_message, helm: Helm | None
    ) -> list[mavlink.MAVLink_message]:
        upload, kind = self.upload, getattr(message, "mission_type", 0)
        if upload is None or upload.asker != asker or upload.kind != kind:
            if upload is not None:
                return []
            again = self._done == (asker, kind, message.seq)
            result = mavlink.MAV_MISSION_ACCEPTED if again else mavlink.MAV_MISSION_INVALID_SEQUENCE
            return [_ack(asker, result, kind)]
        if message.seq != len(upload.items):  # Said twice, or one was lost.
            return [_request(upload)]
        refused = unfit(message)
        if refused:
            self.upload = None
            return [_ack(asker, refused, kind)]
        upload.items.append(_read(message))
        upload.waited, upload.asked = 0.0, 1
        if len(upload.items) < upload.count:
            return [_request(upload)]
        self.upload, self._done = None, (asker, kind, message.seq)
        self._set(kind, upload.items, helm)
        return [_ack(asker, mavlink.MAV_MISSION_ACCEPTED, kind)]

    def _set(self, kind: int, items: list[Item], helm: Helm | None) -> None:
        self.lists[kind] = items
        if kind == 0 and helm is not None:
            helm.mission, helm.current, helm.finished = items, 0, False
            helm.since, helm.height = None, None


def unfit(message: mavlink.MAVLink_message) -> int:
    """MAV_MISSION_RESULT for an item that no vehicle takes; 0 for one that it does."""
    place = message.frame in FRAMES
    if not place and message.frame != mavlink.MAV_FRAME_MISSION:
        return int(mavlink.MAV_MISSION_UNSUPPORTED_FRAME)
    if not 0 < message.command <= HIGHEST_COMMAND:
        return int(mavlink.MAV_MISSION_UNSUPPORTED)
    if place and message.command < mavlink.MAV_CMD_CONDITION_DELAY:
        item = _number(message, "x"), _number(message, "y")
        if item[0] is None or abs(item[0]) > MOST_DEGREES["x"]:
            return int(mavlink.MAV_MISSION_INVALID_PARAM5_X)
        if item[1] is None or abs(item[1]) > MOST_DEGREES["y"]:
            return int(mavlink.MAV_MISSION_INVALID_PARAM6_Y)
    return 0


def route(row: Row) -> list[Item]:
    """The row's own route as the mission that it has from the start, numbered like its flight."""
    nothing = (0.0, 0.0, 0.0, 0.0)
    takes_off = row.kind in AIRBORNE and is_px4(row)
    up = row.route[0].point.up
    first = Item(mavlink.MAV_CMD_NAV_TAKEOFF if takes_off else mavlink.MAV_CMD_NAV_WAYPOINT,
                 mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT, nothing,
                 *_whole(row, Point(0.0, 0.0)), up if takes_off else 0.0)  # fmt: skip
    items = [
        Item(mavlink.MAV_CMD_NAV_WAYPOINT, mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT,
             (each.seconds, 0.0, 0.0, 0.0), *_whole(row, each.point), each.point.up)
        for each in row.route
    ]  # fmt: skip
    return [first, *items]


def _whole(row: Row, point: Point) -> tuple[int, int]:
    place = moved(row.home, *point)
    return round(1e7 * place.latitude), round(1e7 * place.longitude)


def _home(row: Row, helm: Helm | None) -> Item:
    """ArduPilot keeps home as item 0, whatever was uploaded there."""
    home = row.home if helm is None else helm.home
    return Item(mavlink.MAV_CMD_NAV_WAYPOINT, mavlink.MAV_FRAME_GLOBAL, (0.0, 0.0, 0.0, 0.0),
                round(1e7 * home.latitude), round(1e7 * home.longitude), home.altitude)  # fmt: skip


def _number(message: mavlink.MAVLink_message, name: str) -> int | None:
    value = getattr(message, name)
    if message.get_type() == "MISSION_ITEM":
        scale = 1e7 if message.frame in FRAMES else 1e4
        return round(scale * value) if math.isfinite(value) else None
    return int(value)


def _read(message: mavlink.MAVLink_message) -> Item:
    params = message.param1, message.param2, message.param3, message.param4
    frame = PLAIN.get(message.frame, message.frame)
    x, y = _number(message, "x") or 0, _number(message, "y") or 0
    return Item(message.command, frame, params, x, y, message.z)


def _request(upload: Upload) -> mavlink.MAVLink_message:
    return mavlink.MAVLink_mission_request_int_message(
        *upload.asker, len(upload.items), upload.kind
    )


def _ack(asker: tuple[int, int], result: int, kind: int) -> mavlink.MAVLink_message:
    return mavlink.MAVLink_mission_ack_message(*asker, result, kind)
