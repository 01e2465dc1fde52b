"""The words in which the table of messages is written."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from flows.ontology.identity import Transponder
from flows.ontology.signals import NUMBER, Value

U8, U16, I16, I32 = 2**8 - 1, 2**16 - 1, 2**15 - 1, 2**31 - 1
DEGREES_E7 = 1e7
# Of a field that older senders do not have, zero may stand for "not sent".
NOT_SENT = 0
# No field of MAVLink is larger, and JSON may have integers that no float can be.
LARGEST = 2**64


class Reading(msgspec.Struct, frozen=True, gc=False):
    """One row: ``path = data[field] / divisor``, unless the field has an ``absent`` value."""

    field: str
    path: str
    divisor: float = 1
    absent: float | tuple[float, ...] = ()

    @property
    def unknown(self) -> tuple[float, ...]:
        return self.absent if isinstance(self.absent, tuple) else (self.absent,)


class Word(msgspec.Struct, frozen=True):
    """One row: ``path = read(data[field])``, unless that is None. Any value may come."""

    field: str
    path: str
    read: Callable[[Any], Value | None]


Derive = Callable[[Mapping[str, Any], dict[str, Value], str], None]


class Derived(msgspec.Struct, frozen=True):
    """Signals that take more than one field: what it uses, what it may set, and how.

    ``derive`` is given the fields, what the other rows have set, and the branch of the
    battery, port or gimbal that the message is about.
    """

    fields: tuple[str, ...]
    paths: tuple[str, ...]
    derive: Derive


class Instance(msgspec.Struct, frozen=True):
    """Of which battery, port or gimbal the message speaks, where there may be more than one.

    Args:
        branch: what each is called, with ``{n}`` for its number.
        field: has the number; without it, the message is always of number ``always``.
        first: what number 0 is called, if it is called otherwise.
        component: whether 0 stands for the component that speaks.
        plus: what is added to the field to be the number.
        always: the number of all such messages.
    """

    branch: str
    field: str = ""
    first: str = ""
    component: bool = False
    plus: int = 0
    always: int = 0


class Valid(msgspec.Struct, frozen=True):
    """A field of flags, and the fields that are valid only with each of them."""

    flags: str
    fields: tuple[tuple[int, tuple[str, ...]], ...]


class Other(msgspec.Struct, frozen=True):
    """Somebody else, of whom the message tells: transponder, name, and type of entity."""

    kind: Transponder
    number: int
    name: str
    entity_type: str


class Message(msgspec.Struct, frozen=True):
    """All that is known of one of MAVLink's messages.

    Args:
        readings: fields that arithmetic makes a signal of.
        words: fields that take a function.
        derived: what takes more than one field.
        instance: of which battery, port or gimbal it speaks, if there may be more.
        place: two fields that are exactly zero where there is no position yet.
        valid: which fields are valid.
        peripheral: whether a component that does not fly sets these signals, too.
        other: of whom the message is, if it is not of who speaks; None where it is of nobody.
    """

    readings: tuple[Reading, ...] = ()
    words: tuple[Word, ...] = ()
    derived: Derived | None = None
    instance: Instance | None = None
    place: tuple[str, str] | None = None
    valid: Valid | None = None
    peripheral: bool = False
    other: Callable[[Mapping[str, Any]], Other | None] | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """Every signal that it may set; of one among many with a number, ``{n}``."""
        rows: tuple[Reading | Word, ...] = (*self.readings, *self.words)
        return (*(row.path for row in rows), *(self.derived.paths if self.derived else ()))

    @property
    def fields(self) -> frozenset[str]:
        """The fields that signals are made of: the history does not keep them twice."""
        rows: tuple[Reading | Word, ...] = (*self.readings, *self.words)
        return frozenset(row.field for row in rows) | frozenset(
            self.derived.fields if self.derived else ()
        )


def same(branch: str, fields: Iterable[str]) -> tuple[Reading, ...]:
    """Fields that are already called and measured as their signals."""
    return tuple(Reading(field, f"{branch}.{field}") for field in fields)


def numbered(path: str, number: int) -> str:
    """A path that stands for many, for one of them."""
    return path.replace(NUMBER, str(number))


def whole(data: Mapping[str, Any], field: str) -> int | None:
    """A field that is a whole number; None for anything else."""
    value = data.get(field)
    return value if type(value) is int and -LARGEST < value < LARGEST else None


def finite(data: Mapping[str, Any], field: str) -> float | None:
    """A field that is a number with which can be reckoned; None for anything else."""
    value: Any = data.get(field)
    if type(value) not in (int, float):
        return None
    return float(value) if -LARGEST < value < LARGEST else None


def wholes(value: object, most: int) -> list[int]:
    """The whole numbers of a list that may hold anything."""
    many = value[:most] if isinstance(value, list) else []
    return [each for each in many if type(each) is int and -LARGEST < each < LARGEST]
