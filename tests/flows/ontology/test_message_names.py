"""The names of MAVLink's messages and numbers are MAVLink's."""

from pymavlink.dialects.v20 import all as dialect

from flows.ontology.enumerations import NUMBERS, number_named
from flows.ontology.messages import BY_NUMBER, NAMES


def test_the_messages_are_those_of_all_dialects() -> None:
    """By their numbers."""
    assert {number: each.msgname for number, each in dialect.mavlink_map.items()} == BY_NUMBER
    assert len(NAMES) == len(BY_NUMBER)


def test_the_names_of_numbers_are_mavlinks() -> None:
    """Each stands for what the definitions say."""
    defined = {
        entry.name: number for many in dialect.enums.values() for number, entry in many.items()
    }
    assert {name: defined[name] for name in NUMBERS} == NUMBERS


def test_a_mask_is_the_names_of_its_bits() -> None:
    """In any order; one that is no name, and the mask is none."""
    assert number_named("MAV_STATE_ACTIVE") == 4
    assert number_named("MAV_MODE_FLAG_SAFETY_ARMED | MAV_MODE_FLAG_TEST_ENABLED") == 130
    assert number_named("MAV_SYS_STATUS_SENSOR_GPS|MAV_SYS_STATUS_SENSOR_3D_GYRO") == 33
    assert number_named("MAV_STATE_ACTIVE | NOTHING") is None
    assert number_named("") is None
    assert number_named("mav_state_active") is None
