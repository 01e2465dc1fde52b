"""Orders as they are written in tables: MAVLink's messages without whom they are for."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from flows.ontology.radio import Station
from flows.ontology.relayed import Order, Vehicle

SET_MODE_ID = 11  # By which ArduPilot acknowledges SET_MODE, which is no MAV_CMD.
GLOBAL, RELATIVE = 5, 6  # MAV_FRAME_GLOBAL_INT, MAV_FRAME_GLOBAL_RELATIVE_ALT_INT
CUSTOM_MODE = 1.0  # MAV_MODE_FLAG_CUSTOM_MODE_ENABLED
_NOWHERE = 2_147_483_647  # In place of not-a-number, where there are whole numbers only.
_DEGREE = 1e7

Number = float | None
# Latitude and longitude in degrees; None is for the vehicle to say.
Place = tuple[Number, Number]
HERE: Place = (None, None)


class Asked(NamedTuple):
    """A command as somebody asks for it: its checked parameters, the vehicle, and who we are."""

    params: dict[str, Any]
    vehicle: Vehicle
    station: Station

    def number(self, name: str) -> float | None:
        """A parameter, None if it was left out."""
        value = self.params.get(name)
        return None if value is None else float(value)

    @property
    def has_place(self) -> bool:
        return "latitude" in self.params and "longitude" in self.params

    @property
    def place(self) -> Place:
        return self.number("latitude"), self.number("longitude")


def long(
    command: int,
    *params: Number,
    component_id: int = 0,
    needed: bool = True,
    instead: Sequence[Order] = (),
) -> Order:
    """A COMMAND_LONG; parameters that are not given are 0, and None is not-a-number."""
    padded = (*params, *(0.0 for _ in range(7 - len(params))))
    fields: dict[str, Any] = {f"param{n}": value for n, value in enumerate(padded, 1)}
    return Order(
        "COMMAND_LONG", {"command": command, **fields}, command, component_id, needed, [*instead]
    )


def placed(
    command: int,
    params: tuple[Number, Number, Number, Number],
    place: Place,
    z: Number,
    frame: int,
    *,
    instead: Sequence[Order] = (),
) -> Order:
    """A COMMAND_INT with a place in degrees."""
    fields: dict[str, Any] = {f"param{n}": value for n, value in enumerate(params, 1)}
    fields |= {"x": _scaled(place[0]), "y": _scaled(place[1]), "z": z, "frame": frame}
    return Order(
        "COMMAND_INT",
        {"command": command, **fields, "current": 0, "autocontinue": 0},
        command,
        instead=[*instead],
    )


def swapped(order: Order) -> Order | None:
    """The same by the other of the two messages, for who takes only that one.

    A COMMAND_LONG says no frame: heights in one are above home, by and large.
    """
    fields = order.fields
    same = {name: fields[name] for name in ("command", "param1", "param2", "param3", "param4")}
    if order.name == "COMMAND_LONG":
        fifth, sixth = fields["param5"], fields["param6"]
        there = {"x": _scaled(fifth), "y": _scaled(sixth), "z": fields["param7"]}
        more = {**there, "frame": RELATIVE, "current": 0, "autocontinue": 0}
        return Order("COMMAND_INT", same | more, order.command, order.component_id, order.needed)
    if order.name == "COMMAND_INT" and fields["frame"] in (GLOBAL, RELATIVE):
        there = {"param5": _degrees(fields["x"]), "param6": _degrees(fields["y"])}
        more = {**there, "param7": fields["z"]}
        return Order("COMMAND_LONG", same | more, order.command, order.component_id, order.needed)
    return None


def _scaled(degrees: Number) -> int:
    if degrees is None or not math.isfinite(degrees):
        return _NOWHERE
    return max(-_NOWHERE, min(_NOWHERE, round(degrees * _DEGREE)))


def _degrees(scaled: int) -> Number:
    return None if scaled == _NOWHERE else scaled / _DEGREE
