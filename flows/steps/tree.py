"""A device's own JSON to leaves: a path in one spelling, and what stands there.

Names are written in lower case with ``_`` between words, of ``a`` to ``z``, digits, ``_``
and ``-``: ``batteryLevel`` and ``Battery Level`` are ``battery_level``, and ``é`` is ``e``.
A letter of another alphabet is ``u`` and its number. A dot in a name divides a path, and
members of a list are branches by their numbers, from 0. Wrappers such as ``data`` are left
out of a path. There is an end to everything: leaves, levels, letters.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flows.ontology.signals import find
from flows.steps.plain import is_absent, plain_number

MOST_LEAVES = 256
MOST_LEVELS = 8
MOST_LETTERS = 48  # Of one part of a path.
MOST_TEXT = 256
MOST_NUMBERS = 256
MOST_REASONS = 16
MOST_SPELLED = 4 * MOST_LETTERS  # Of a name before it is spelled.
MOST_KNOWN = 16_384
SHOWN = 64

WRAPPERS = frozenset(
    (
        "data", "signals", "telemetry", "payload", "values", "fields", "measurements", "readings",
        "body", "properties", "decoded_payload",
    )
)  # fmt: skip

Leaf = float | int | bool | str | list[float]

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_DOT = re.compile(r"\.(?!\d)|(?<!\d)\.")  # The one of ``PM2.5`` divides nothing.
_FOREIGN = re.compile(r"[^a-z0-9-]+")


class Leaves:
    """What a tree says: ``values`` by path, in their order, and what was left out, and why."""

    def __init__(self, tree: Mapping[str, Any]) -> None:
        self.values: dict[str, Leaf] = {}
        self.beyond: list[str] = []
        self._many = 0
        self._branch((), tree, wrapped=True)
        if self._many > MOST_LEAVES:
            self._refuse(f"more than {MOST_LEAVES} signals")

    def _branch(self, path: tuple[str, ...], tree: Mapping[str, Any], *, wrapped: bool) -> None:
        if _is_point(tree):
            self._point(path, tree)
            return
        for name, value in tree.items():
            if self._many > MOST_LEAVES:
                return
            if name == "type" and value in _FEATURES:
                continue
            if len(name) > MOST_SPELLED:
                self._refuse(f"{name[:SHOWN]} is no name")
                continue
            parts = spelled(name)
            if isinstance(value, dict) and wrapped and parts in _WRAPPERS:
                self._branch(path, value, wrapped=True)
            else:
                self._place(path + parts, value)

    def _place(self, path: tuple[str, ...], value: object) -> None:
        if len(path) > MOST_LEVELS:
            self._refuse(f"{_shown(path)} has more than {MOST_LEVELS} levels")
        elif any(len(part) > MOST_LETTERS for part in path):
            self._refuse(f"{_shown(path)} has a name of more than {MOST_LETTERS} letters")
        elif isinstance(value, dict):
            self._branch(path, value, wrapped=False)
        elif isinstance(value, list):
            self._list(path, value)
        else:
            self._leaf(path, value)

    def _list(self, path: tuple[str, ...], many: list[Any]) -> None:
        numbers = [each for each in map(_number, many) if each is not None]
        if many and len(numbers) == len(many) <= MOST_NUMBERS:
            self._set(path, [float(each) for each in numbers])
        elif len(many) > MOST_NUMBERS:
            self._refuse(f"{_shown(path)} has more than {MOST_NUMBERS} members")
        else:
            for number, each in enumerate(many):
                self._place((*path, str(number)), each)

    def _leaf(self, path: tuple[str, ...], value: object) -> None:
        if isinstance(value, str):
            if len(value) > MOST_TEXT:
                self._refuse(f"{_shown(path)} has more than {MOST_TEXT} letters")
            elif not is_absent(value):
                number = None if _is_text(".".join(path)) else plain_number(value)
                self._set(path, value if number is None else _number(number))
        elif isinstance(value, bool):
            self._set(path, value)
        else:
            self._set(path, _number(value))

    def _set(self, path: tuple[str, ...], value: Leaf | None) -> None:
        if value is None:
            return
        self._many += 1
        shown = ".".join(path)
        if self._many > MOST_LEAVES or self.values.get(shown) == value:
            return
        if shown in self.values:
            self._refuse(f"{_shown(path)} is said twice")
        else:
            self.values[shown] = value

    def _refuse(self, reason: str) -> None:
        if len(self.beyond) < MOST_REASONS:
            self.beyond.append(reason)

    def _point(self, path: tuple[str, ...], point: Mapping[str, Any]) -> None:
        """A place of GeoJSON (RFC 7946): longitude, latitude, and maybe the height."""
        where = path[:-1] if path and path[-1] in _POINTED else path
        axes = ("longitude", "latitude", "altitude")
        for axis, value in zip(axes, point["coordinates"], strict=False):
            self._leaf((*where, "location", axis), value)


@lru_cache(MOST_KNOWN)
def spelled(name: str) -> tuple[str, ...]:
    """The parts of a path that a name stands for, in our spelling."""
    return tuple(_part(part) for part in _DOT.split(name))


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


# What GeoJSON calls what it is wrapped into.
_FEATURES = ("Feature", "FeatureCollection")
_WRAPPERS = frozenset((name,) for name in WRAPPERS)
_POINTED = frozenset(("geometry", "location", "position", "point", "geo", "gps", "coordinates"))


def _part(text: str) -> str:
    text = _WORDS.sub("_", text)
    letters = (
        each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each)
    )
    ours = "".join(_letter(each) for each in letters)
    return _FOREIGN.sub("_", ours).strip("_") or "_"


def _letter(letter: str) -> str:
    if letter.isascii():
        return letter.lower()
    return f"u{ord(letter):x}" if letter.isalnum() else "_"


@lru_cache(MOST_KNOWN)
def _is_text(path: str) -> bool:
    """Whether the catalogue has a text there, so that digits are one: a squawk, an MMSI."""
    signal = find(path)
    return signal is not None and signal.kind == "text"


def _number(value: object) -> float | int | None:
    """A number that a signal can have: finite as a float is, and no flag."""
    if type(value) is float:
        return value if abs(value) <= _LARGEST else None
    if type(value) is not int:
        return None
    if -_EXACT <= value <= _EXACT:
        return value
    return float(value) if abs(value) <= _LARGEST else None


_LARGEST = 1.7976931348623157e308
_EXACT = 2**63 - 1


def _is_point(tree: Mapping[str, Any]) -> bool:
    coordinates = tree.get("coordinates")
    return (
        tree.get("type") == "Point"
        and isinstance(coordinates, list)
        and len(coordinates) in (2, 3)
        and all(type(each) in (int, float) for each in coordinates)
    )


def _shown(path: tuple[str, ...]) -> str:
    return ".".join(path)[:SHOWN]
