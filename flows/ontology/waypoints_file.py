"""``QGC WPL 110`` files: a row of twelve columns for each item, after one for home.

https://mavlink.io/en/file_formats/#mission_plain_text_file
"""

import math
from collections.abc import Sequence

from msgspec.structs import replace

from flows.ontology.mission_commands import FENCES, JUMP, RALLY, WAYPOINT
from flows.ontology.mission_file import LARGEST, Read, Unreadable, done, whole
from flows.ontology.mission_remarks import MOST_REMARKS
from flows.ontology.missions import MOST_ITEMS, Item, Plan
from flows.ontology.stored_missions import Home, Mission

HEAD = ["QGC", "WPL", "110"]
COLUMNS = (
    "number", "current", "frame", "command", "parameter 1", "parameter 2", "parameter 3",
    "parameter 4", "latitude", "longitude", "altitude", "autocontinue",
)  # fmt: skip
_FIRST_PARAM, _FIRST_PLACE, _LAST = 4, 8, 11


def read_waypoints(data: bytes) -> Read:
    """The mission of a file, or everything that is wrong with it by the numbers of its rows."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return done(None, ["it is no text in UTF-8"])
    rows = [row for line in text.splitlines() if (row := line.partition("#")[0].split())]
    if not rows or rows[0] != HEAD:
        return done(None, ['it does not begin with "QGC WPL 110"'])
    if len(rows) > MOST_ITEMS + 2:
        return done(None, [f"it has more than {MOST_ITEMS} items"])
    items: list[Item] = []
    faults: list[str] = []
    for n, row in enumerate(rows[1:]):
        try:
            items.append(_item(n, row))
        except Unreadable as fault:
            faults.append(f"item {n} of the file: {fault}")
        if len(faults) >= MOST_REMARKS:
            break
    if faults:
        return done(None, faults)
    home, faults = None, []
    # Whatever is in row 0 is home, but for files of those who know of none.
    shift = 1 if items and items[0].command == WAYPOINT else 0
    if shift:
        home, faults = _home(items[0])
    return done(_sorted(items[shift:], home, shift), faults)


def write_waypoints(mission: Mission, plan: Plan = "mission") -> bytes:
    """The file of one list of a mission."""
    home = mission.home or Home(0.0, 0.0)
    first = Item(
        command=WAYPOINT,
        frame=0,
        param4=0.0,
        latitude=home.latitude,
        longitude=home.longitude,
        altitude=home.altitude,
    )
    rows = [_row(n, each) for n, each in enumerate((first, *mission.list_of(plan)))]
    return "".join(f"{each}\n" for each in (" ".join(HEAD), *rows)).encode()


def _sorted(items: Sequence[Item], home: Home | None, shift: int) -> Mission:
    """A mission of items, fences and rally points in one file, as they are written by some."""
    return Mission(
        items=[_led(each, shift) for each in items if each.command not in FENCES | {RALLY}],
        fence=[each for each in items if each.command in FENCES],
        rally=[each for each in items if each.command == RALLY],
        home=home,
    )


def _led(item: Item, shift: int) -> Item:
    """Who jumps names a row of the file, of which the first is home."""
    if item.command != JUMP or item.param1 is None:
        return item
    return replace(item, param1=item.param1 - shift)


def _home(item: Item) -> tuple[Home | None, list[str]]:
    if item.latitude == 0 and item.longitude == 0:
        return None, []
    if (
        abs(item.latitude) > 90
        or abs(item.longitude) > 180
        or not (-1000 <= item.altitude <= 100_000)
    ):
        return None, ["home, item 0 of the file, is not on the Earth"]
    return Home(item.latitude, item.longitude, item.altitude), []


def _item(n: int, row: Sequence[str]) -> Item:
    """A row as an item. Raises Unreadable."""
    if len(row) != len(COLUMNS):
        raise Unreadable(f"it has {len(row)} columns, and not {len(COLUMNS)}")
    values = [_number(text, name) for text, name in zip(row, COLUMNS, strict=True)]
    if values[0] != n:
        raise Unreadable(f"its number is {row[0][:20]}")
    frame = whole(values[2], "its frame", 21)
    command = whole(values[3], "its command", 65_535)
    latitude, longitude, altitude = (each or 0.0 for each in values[_FIRST_PLACE:_LAST])
    param1, param2, param3, param4 = values[_FIRST_PARAM:_FIRST_PLACE]
    return Item(
        command=command, frame=frame, param1=param1, param2=param2, param3=param3,
        param4=param4, latitude=latitude, longitude=longitude, altitude=altitude,
        autocontinue=values[_LAST] != 0,
    )  # fmt: skip


def _number(text: str, name: str) -> float | None:
    """A number; None where it says that it is none."""
    try:
        value = float(text)
    except ValueError:
        raise Unreadable(f"its {name} is no number") from None
    if math.isnan(value):
        return None
    if not abs(value) <= LARGEST:
        raise Unreadable(f"its {name} is too large")
    return value


def _row(n: int, item: Item) -> str:
    param1 = item.param1
    if item.command == JUMP and param1 is not None:
        param1 += 1
    params = (param1, item.param2, item.param3, item.param4)
    return "\t".join(
        (
            str(n), str(int(n == 0)), str(item.frame), str(item.command),
            *("nan" if each is None else _text(each) for each in params),
            _text(item.latitude), _text(item.longitude), _text(item.altitude),
            str(int(item.autocontinue)),
        )
    )  # fmt: skip


def _text(value: float) -> str:
    """A number as it reads back the same."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
