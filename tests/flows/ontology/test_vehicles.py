"""Whose heartbeats make an entity, and of which type."""

import pytest
from pymavlink.dialects.v20 import all as dialect

from flows.ontology.entities import ENTITY_TYPES
from flows.ontology.vehicles import AUTOPILOT_INVALID, MAV_TYPES, VEHICLES, is_vehicle

NAMES = {
    number: entry.name
    for number, entry in dialect.enums["MAV_TYPE"].items()
    if number != dialect.MAV_TYPE_ENUM_END
}
NO_VEHICLES = {
    "GCS", "ONBOARD_CONTROLLER", "GIMBAL", "ADSB", "CAMERA", "CHARGING_STATION", "FLARM", "SERVO",
    "ODID", "BATTERY", "PARACHUTE", "LOG", "OSD", "IMU", "GPS", "WINCH", "ILLUMINATOR", "GRIPPER",
}  # fmt: skip


def test_the_names_are_mavlinks() -> None:
    """All of them, with their numbers."""
    assert {name: number for number, name in NAMES.items()} == MAV_TYPES


def test_every_type_is_a_vehicle_or_is_known_to_be_none() -> None:
    """A type that MAVLink adds shall be thought about."""
    none = {
        name.removeprefix("MAV_TYPE_") for number, name in NAMES.items() if number not in VEHICLES
    }
    assert none == NO_VEHICLES


def test_entity_types_are_those_of_the_registry() -> None:
    """No vehicle is of a type that the registry refuses."""
    assert {each.entity_type for each in VEHICLES.values()} <= ENTITY_TYPES


@pytest.mark.parametrize(
    ("mav_type", "autopilot", "expected"),
    [
        (2, 3, True),
        (0, 0, True),
        (10, 12, True),
        (6, 8, False),
        (6, 3, False),
        (2, AUTOPILOT_INVALID, False),
        (18, 8, False),
        (26, 3, False),
        (None, None, False),
        ("MAV_TYPE_QUADROTOR", 3, False),
        (999, 3, False),
    ],
)
def test_who_is_a_vehicle(mav_type: object, autopilot: object, expected: bool) -> None:  # noqa: FBT001
    """Ground stations, gimbals and companions are none, whatever they claim to be flown by."""
    assert is_vehicle(mav_type, autopilot) is expected
