"""A device's own JSON to leaves: a path in one spelling, and what stands there.

Members of a list are branches by their numbers, from 0. Wrappers such as ``data`` are left
out of a path. There is an end to everything: leaves, levels, letters.
"""

from collections.abc import Mapping
from typing import Any

from flows.ontology.signals import find
from flows.steps.paths import MOST_MEMBERS, MOST_SPELLED, SHOWN, below
from flows.steps.plain import is_absent, plain_number

MOST_LEAVES = 256
MOST_TEXT = 256
MOST_NUMBERS = 256
MOST_REASONS = 16

Leaf = float | int | bool | str | list[float]

# What GeoJSON calls what it is wrapped into, and where it may say a place.
_FEATURES = ("Feature", "FeatureCollection")
_POINTED = frozenset(("geometry", "location", "position", "point", "geo", "gps", "coordinates"))
_AXES = ("longitude", "latitude", "altitude")
_LARGEST = 1.7976931348623157e308
_EXACT = 2**63 - 1


class Leaves:
    """What a tree says: ``values`` by path, in their order, and what was left out, and why."""

    def __init__(self, tree: Mapping[str, Any]) -> None:
        self.values: dict[str, Leaf] = {}
        self.beyond: list[str] = []
        self._many = self._looked = 0
        self._branch("", tree, wrapped=True)
        if self._many > MOST_LEAVES:
            self._refuse(f"more than {MOST_LEAVES} signals")
        elif self._looked > MOST_MEMBERS:
            self._refuse(f"more than {MOST_MEMBERS} members")

    def _branch(self, path: str, tree: Mapping[str, Any], *, wrapped: bool = False) -> None:
        if "coordinates" in tree and _is_point(tree):
            self._point(path, tree["coordinates"])
            return
        for name, value in tree.items():
            self._looked += 1
            if self._many > MOST_LEAVES or self._looked > MOST_MEMBERS:
                return
            if len(name) > MOST_SPELLED:
                self._refuse(f"{name[:SHOWN]} is no name")
                continue
            step = below(path, name)
            if wrapped and step.wrapper and type(value) is dict:
                self._branch(path, value, wrapped=True)
            elif step.reason:
                self._refuse(step.reason)
            elif not (name == "type" and value in _FEATURES):
                self._place(step.path, value)

    def _place(self, path: str, value: object) -> None:
        kind = type(value)
        if kind is float or kind is int or kind is bool:
            self._set(path, _number(value))
        elif isinstance(value, str):
            self._text(path, value)
        elif isinstance(value, dict):
            self._branch(path, value)
        elif isinstance(value, list):
            self._list(path, value)

    def _list(self, path: str, many: list[Any]) -> None:
        numbers = [_number(each) for each in many if type(each) in (int, float)]
        if len(many) > MOST_NUMBERS:
            self._refuse(f"{path[:SHOWN]} has more than {MOST_NUMBERS} members")
        elif many and len(numbers) == len(many) and None not in numbers:
            self._set(path, [float(each) for each in numbers if each is not None])
        else:
            self._looked += len(many)
            for number, each in enumerate(many):
                step = below(path, str(number))
                if step.reason:
                    self._refuse(step.reason)
                    return
                self._place(step.path, each)

    def _text(self, path: str, text: str) -> None:
        if len(text) > MOST_TEXT:
            self._refuse(f"{path[:SHOWN]} has more than {MOST_TEXT} letters")
        elif not is_absent(text):
            number = None if _is_text(path) else plain_number(text)
            self._set(path, text if number is None else _number(number))

    def _set(self, path: str, value: Leaf | None) -> None:
        if value is None:
            return
        self._many += 1
        if self._many > MOST_LEAVES or self.values.get(path) == value:
            return
        if path in self.values:
            self._refuse(f"{path[:SHOWN]} is said twice")
        else:
            self.values[path] = value

    def _refuse(self, reason: str) -> None:
        if len(self.beyond) < MOST_REASONS:
            self.beyond.append(reason)

    def _point(self, path: str, coordinates: list[float]) -> None:
        """A place of GeoJSON (RFC 7946): longitude, latitude, and maybe the height."""
        above, _, last = path.rpartition(".")
        where = below(above if last in _POINTED else path, "location")
        for axis, value in zip(_AXES, coordinates, strict=False):
            self._set(below(where.path, axis).path, _number(value))


def says_something(value: object) -> bool:
    """Whether there is any leaf in a JSON value, be it ``null``."""
    layer = [value]
    while layer:
        each = layer.pop()
        if isinstance(each, dict):
            layer.extend(each.values())
        elif isinstance(each, list):
            layer.extend(each)
        else:
            return True
    return False


def _is_text(path: str) -> bool:
    """Whether the catalogue has a text there, so that digits are one: a squawk, an MMSI."""
    signal = find(path)
    return signal is not None and signal.kind == "text"


def _number(value: object) -> float | int | bool | None:
    """A flag, or a number that a signal can have: finite as a float is."""
    if type(value) is float:
        return value if -_LARGEST <= value <= _LARGEST else None
    if type(value) is bool:
        return value
    if type(value) is not int or not -_LARGEST <= value <= _LARGEST:
        return None
    return value if -_EXACT <= value <= _EXACT else float(value)


def _is_point(tree: Mapping[str, Any]) -> bool:
    coordinates = tree["coordinates"]
    return (
        tree.get("type") == "Point"
        and isinstance(coordinates, list)
        and len(coordinates) in (2, 3)
        and all(type(each) in (int, float) for each in coordinates)
    )
