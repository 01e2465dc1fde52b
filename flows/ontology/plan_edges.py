"""Fence and rally points of a ``.plan`` file: shapes there, and here the items they are."""

from collections.abc import Callable, Sequence
from typing import Any

from flows.ontology.mission_commands import (
    CIRCLE_IN,
    CIRCLE_OUT,
    CIRCLES,
    FENCE_RETURN,
    HOME,
    POLYGON_IN,
    POLYGON_OUT,
    POLYGONS,
    RALLY,
    SEA,
)
from flows.ontology.mission_file import Unreadable, edge, number, placed
from flows.ontology.mission_remarks import MOST_REMARKS, numbered
from flows.ontology.missions import MOST_ITEMS, Item, Plan
from flows.ontology.stored_missions import polygons

_Reads = Callable[[Any], list[Item]]
Found = tuple[list[Item], list[str]]


def read_fence(said: Any) -> Found:
    """The items of a fence, and what is wrong with it."""
    if said is None:
        return [], []
    if not isinstance(said, dict):
        return [], ["its geoFence is no object"]
    try:
        shapes = [(_polygon, each) for each in _list(said, "polygons", "geoFence")]
        shapes += [(_circle, each) for each in _list(said, "circles", "geoFence")]
    except Unreadable as fault:
        return [], [str(fault)]
    if said.get("breachReturn") is not None:
        shapes.append((_back, said["breachReturn"]))
    return _items("fence", shapes)


def read_rally(said: Any) -> Found:
    """Rally points as items, and what is wrong with them."""
    if said is None:
        return [], []
    if not isinstance(said, dict):
        return [], ["its rallyPoints are no object"]
    try:
        return _items("rally", [(_rally, each) for each in _list(said, "points", "rallyPoints")])
    except Unreadable as fault:
        return [], [str(fault)]


def write_fence(fence: Sequence[Item]) -> dict[str, Any]:
    """A fence as the file has it."""
    shapes: dict[str, Any] = {
        "version": 2,
        "circles": [
            {
                "circle": {"center": [each.latitude, each.longitude], "radius": each.param1 or 0.0},
                "inclusion": each.command == CIRCLE_IN,
                "version": 1,
            }
            for each in fence
            if each.command in CIRCLES
        ],
        "polygons": [
            {
                "polygon": [[each.latitude, each.longitude] for each in corners],
                "inclusion": corners[0].command == POLYGON_IN,
                "version": 1,
            }
            for corners in polygons(fence, POLYGONS)
        ],
    }
    for each in fence:
        if each.command == FENCE_RETURN:
            shapes["breachReturn"] = _place(each)
    return shapes


def write_rally(rally: Sequence[Item]) -> dict[str, Any]:
    """Rally points as the file has them."""
    return {"version": 2, "points": [_place(each) for each in rally]}


def _items(plan: Plan, shapes: Sequence[tuple[_Reads, Any]]) -> Found:
    found: list[Item] = []
    faults: list[str] = []
    for n, (read, said) in enumerate(shapes):
        try:
            found += read(said)
        except Unreadable as fault:
            faults.append(numbered(plan, n, str(fault)))
        if len(found) > MOST_ITEMS:
            return [], [f"its {plan} has more than {MOST_ITEMS} items"]
        if len(faults) >= MOST_REMARKS:
            break
    return found, faults


def _polygon(said: Any) -> list[Item]:
    if not isinstance(said, dict):
        raise Unreadable("it is no polygon")
    corners = said.get("polygon", [])
    if not isinstance(corners, list):
        raise Unreadable("its polygon is no list of corners")
    if len(corners) < 3:
        raise Unreadable("its polygon has fewer than three corners")
    if len(corners) > MOST_ITEMS:
        raise Unreadable(f"its polygon has more than {MOST_ITEMS} corners")
    command = POLYGON_IN if _keeps_in(said) else POLYGON_OUT
    return [
        edge(command, SEA, placed(f"corner {n}", each), float(len(corners)))
        for n, each in enumerate(corners)
    ]


def _circle(said: Any) -> list[Item]:
    circle = said.get("circle") if isinstance(said, dict) else None
    if not isinstance(circle, dict):
        raise Unreadable("it is no circle")
    radius = number(circle.get("radius"), "its radius")
    if radius <= 0:
        raise Unreadable("its radius is not more than 0")
    command = CIRCLE_IN if _keeps_in(said) else CIRCLE_OUT
    return [edge(command, SEA, placed("its centre", circle.get("center")), radius)]


def _keeps_in(said: dict[str, Any]) -> bool:
    keeps = said.get("inclusion")
    if not isinstance(keeps, bool):
        raise Unreadable("it does not say whether it keeps in or out")
    return keeps


def _back(said: Any) -> list[Item]:
    return [edge(FENCE_RETURN, HOME, placed("the place to return to", said, 3))]


def _rally(said: Any) -> list[Item]:
    return [edge(RALLY, HOME, placed("it", said, 3))]


def _place(item: Item) -> list[float]:
    return [item.latitude, item.longitude, item.altitude]


def _list(said: dict[str, Any], name: str, within: str) -> list[Any]:
    """A list that may be left out. What stands in its place is not none: a fence is meant."""
    found = said.get(name, [])
    if not isinstance(found, list):
        raise Unreadable(f"the {name} of its {within} are no list")
    return found
