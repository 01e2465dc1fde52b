"""Members of a JSON object that say what an envelope says, taken out in any spelling."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from flows.ontology import entity_types
from flows.ontology.telemetry import Role
from flows.steps import times
from flows.steps.paths import MOST_MEMBERS, MOST_SPELLED, spelled
from flows.steps.plain import number

MOST_LETTERS = 128
# What a column of the history can hold; MAVLink itself needs far less.
MOST_NUMBER = 2**31
# Types of GeoJSON, which are no names of messages.
_FEATURES = frozenset(("Feature", "FeatureCollection", "Point"))

T = TypeVar("T")


class NotThat(ValueError):
    """A member says something else than an envelope would under its name."""


class Members:
    """The members of an object; ``rest`` are those that nobody has taken yet."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.rest = dict(body)
        self._body = body
        self._keys: dict[str, str] = {}
        if len(body) > MOST_MEMBERS:
            self._keys = {key: key for key in body}  # By their exact names only.
            return
        for key in body:
            parts = spelled(key) if len(key) <= MOST_SPELLED else ()
            if len(parts) == 1:
                self._keys.setdefault(parts[0], key)

    def look(self, name: str) -> object:
        """What stands under a name that nobody has taken yet."""
        return self.rest.get(self._keys[name]) if name in self._keys else None

    def has(self, name: str) -> bool:
        """Whether there is a member of this name that says anything."""
        return self.look(name) is not None

    def says(self, name: str) -> bool:
        """Whether there is a text under this name."""
        value = self.look(name)
        return isinstance(value, str) and value != ""

    def had(self, name: str) -> bool:
        """Whether there was such a member that said something, taken or not."""
        return bool(self._body.get(self._keys.get(name, "")))

    def inside(self, names: Iterable[str]) -> list["Members"]:
        """The members of those members that are objects: what is taken of them is taken."""
        found = []
        for name in names:
            value = self.look(name)
            if isinstance(value, dict):
                inner = Members(value)
                self.rest[self._keys[name]] = inner.rest
                found.append(inner)
        return found

    def take(self, names: Iterable[str], read: Callable[[Any], T]) -> T | None:
        """Take the members of these names, in any order of them; what the first of them says.

        One that says something else than ``read`` understands stays where it is.
        """
        found: T | None = None
        for name in names:
            key = self._keys.get(name)
            if key is None or key not in self.rest:
                continue
            value = self.rest[key]
            try:
                understood = None if value is None else read(value)
            except NotThat:
                continue
            del self.rest[key]
            found = understood if found is None else found
        return found


def name(value: object) -> str | None:
    """What something is called; numbers are names, too."""
    if type(value) is int:
        return str(value) if abs(value) < MOST_NUMBER**2 else "?"
    if not isinstance(value, str):
        raise NotThat
    return value or None


def label(value: object) -> str | None:
    """A text that is only shown, cut where it is too long for that; an empty one says nothing."""
    if not isinstance(value, str):
        raise NotThat
    return value[:MOST_LETTERS] or None


def message(value: object) -> str | None:
    """A word that may be the name of a message."""
    if isinstance(value, str) and value in _FEATURES:
        raise NotThat
    return label(value)


def kind(value: object) -> str:
    """The type of entity that a word stands for."""
    found = entity_types.entity_type(value) if isinstance(value, str) else ""
    if not found:
        raise NotThat
    return found


def whole(value: object) -> int:
    """A number of an envelope: of a message, a system, a component, or how many came before."""
    found = number(value) if isinstance(value, str) else value
    if isinstance(found, bool) or not isinstance(found, int | float) or found != found // 1:
        raise NotThat
    if not -MOST_NUMBER <= found < MOST_NUMBER:
        raise NotThat
    return int(found)


def identity(value: object) -> int | None:
    """The number of a message, or anything else that tells messages apart and nothing more."""
    try:
        return whole(value)
    except NotThat:
        if not isinstance(value, str):
            raise
        return None


def time(value: object) -> datetime | None:
    try:
        return times.time(value)
    except times.Unreadable:
        raise NotThat from None


def role(value: object) -> Role:
    if value == "autopilot":
        return "autopilot"
    if value == "peripheral":
        return "peripheral"
    raise NotThat


def flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise NotThat
    return value
