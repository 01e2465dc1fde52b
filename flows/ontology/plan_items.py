"""Items of a ``.plan`` file: simple ones, and those that a survey or a scan is made of.

QGroundControl numbers items by ``doJumpId``, by which others jump to them; here they are
numbered by where they stand.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from flows.ontology.mission_commands import GLOBAL, HOME, JUMP, PLACED, SEA, TERRAIN
from flows.ontology.mission_file import Unreadable, maybe, whole
from flows.ontology.mission_remarks import MOST_REMARKS, numbered
from flows.ontology.missions import MOST_ITEMS, Item

SIMPLE, COMPLEX = "SimpleItem", "ComplexItem"
_TRANSECTS = "TransectStyleComplexItem"
_PARAMS = 7
_MOST_COMMAND, _MOST_FRAME, _MOST_JUMP = 65_535, 21, 1_000_000
# QGroundControl's word for what an altitude is above.
_MODES = {HOME: 1, SEA: 2, TERRAIN: 4}

_Simple = tuple[int, Mapping[str, Any]]


def read_items(said: Any) -> tuple[list[Item], list[str]]:
    """The items, and what is wrong with them by the numbers of the file."""
    if not isinstance(said, list):
        return [], ["its mission has no list of items"]
    found: list[tuple[int, Item]] = []
    faults: list[str] = []
    places: dict[int, int] = {}
    for number, each in enumerate(said):
        try:
            for simple in _simples(each):
                item, jump_id = _item(simple)
                if jump_id is not None:
                    places.setdefault(jump_id, len(found))
                found.append((number, item))
        except Unreadable as fault:
            faults.append(numbered("mission", number, str(fault)))
        if len(found) > MOST_ITEMS or len(faults) >= MOST_REMARKS:
            break
    if len(found) > MOST_ITEMS:
        return [], [f"it has more than {MOST_ITEMS} items"]
    items = []
    for number, item in found:
        led = _led(item, places)
        if led is None and not faults:
            where = "none" if item.param1 is None else f"{item.param1:g}"
            told = f"it jumps to item {where} of the file, which there is not"
            faults.append(numbered("mission", number, told))
        items.append(led or item)
    return items, faults


def _simples(said: Any) -> Iterator[Mapping[str, Any]]:
    """The simple items that an item is, or is made of. Raises Unreadable."""
    if not isinstance(said, dict):
        raise Unreadable("it is no object")
    kind = said.get("type")
    if kind == SIMPLE:
        yield said
        return
    if kind != COMPLEX:
        raise Unreadable("its type is neither SimpleItem nor ComplexItem")
    called = said.get("complexItemType")
    name = called[:40] if isinstance(called, str) and called.isprintable() else "complex item"
    within = said.get(_TRANSECTS, said)
    items = within.get("Items") if isinstance(within, dict) else None
    if not isinstance(items, list) or not items:
        raise Unreadable(f"the {name} does not say of which items it is made")
    for each in items:
        if not isinstance(each, dict) or each.get("type", SIMPLE) != SIMPLE:
            raise Unreadable(f"the {name} has in it what is no SimpleItem")
        yield each


def _item(said: Mapping[str, Any]) -> tuple[Item, int | None]:
    """An item, and the number by which others jump to it. Raises Unreadable."""
    params = said.get("params")
    if not isinstance(params, list) or len(params) != _PARAMS:
        raise Unreadable(f"its params are no list of {_PARAMS}")
    values = [maybe(each, f"parameter {n}") for n, each in enumerate(params, 1)]
    latitude, longitude, altitude = (each or 0.0 for each in values[4:])
    carries_on = said.get("autoContinue", True)
    if not isinstance(carries_on, bool):
        raise Unreadable("its autoContinue is neither true nor false")
    jump = said.get("doJumpId")
    item = Item(
        command=whole(said.get("command"), "its command", _MOST_COMMAND),
        frame=whole(said.get("frame"), "its frame", _MOST_FRAME),
        param1=values[0],
        param2=values[1],
        param3=values[2],
        param4=values[3],
        latitude=latitude,
        longitude=longitude,
        altitude=altitude,
        autocontinue=carries_on,
    )
    return item, None if jump is None else whole(jump, "its doJumpId", _MOST_JUMP)


def _led(item: Item, places: Mapping[int, int]) -> Item | None:
    """An item that jumps to where that is; None where it is nowhere."""
    if item.command != JUMP:
        return item
    to = places.get(int(item.param1)) if item.param1 is not None else None
    return None if to is None else replace(item, param1=float(to))


def write_item(number: int, item: Item) -> dict[str, Any]:
    """An item as the file has it."""
    param1 = item.param1
    if item.command == JUMP and param1 is not None:
        param1 += 1
    said: dict[str, Any] = {
        "autoContinue": item.autocontinue,
        "command": item.command,
        "doJumpId": number + 1,
        "frame": item.frame,
        "params": [
            param1, item.param2, item.param3, item.param4,
            item.latitude, item.longitude, item.altitude,
        ],
        "type": SIMPLE,
    }  # fmt: skip
    if item.command in PLACED and item.frame in GLOBAL:
        said |= {
            "AMSLAltAboveTerrain": None,
            "Altitude": item.altitude,
            "AltitudeMode": _MODES[item.frame],
        }
    return said
