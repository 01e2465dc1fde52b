"""The catalogue of commands: each row can be asked for, and says what it means."""

import pytest

from flows.ontology.command_catalogue import CATALOGUE, KINDS
from flows.ontology.entities import ENTITY_TYPES

WANTED = {
    "arm", "disarm", "takeoff", "land", "return", "hold", "goto", "set_mode", "set_speed",
    "change_altitude", "orbit", "start_mission", "pause_mission", "resume_mission",
    "abort_mission", "set_home", "reboot", "set_parameter", "get_parameter", "camera_trigger",
    "camera_record", "camera_zoom", "gimbal_point", "raw",
}  # fmt: skip


def test_what_operators_ask_for_is_there():
    """Each under one name."""
    assert len(CATALOGUE) == len(KINDS)
    assert set(CATALOGUE) >= WANTED


@pytest.mark.parametrize("kind", KINDS, ids=lambda each: each.name)
def test_a_row_is_of_one_piece(kind):
    """Its entity types exist, its defaults are allowed, what it names is a parameter of it."""
    assert kind.entity_types <= set(ENTITY_TYPES)
    assert kind.title
    assert kind.description
    names = [each.name for each in kind.parameters]
    assert len(set(names)) == len(names)
    assert kind.critical_with in ("", *names)
    for each in kind.parameters:
        assert not (each.required and each.default is not None)
        if each.kind in ("number", "integer"):
            assert each.low < each.high
            assert each.default is None or each.low <= each.default <= each.high
        if each.kind == "choice":
            assert each.default in (None, *each.choices)
            assert len(each.choices) > 1


def test_what_is_dangerous_is_not_routine():
    """What starts motors, stops them or changes how a vehicle flies needs a second thought."""
    hazards = {name: kind.hazard for name, kind in CATALOGUE.items()}
    assert {name for name, hazard in hazards.items() if hazard == "critical"} == {"raw", "reboot"}
    assert CATALOGUE["disarm"].critical_with == "force"
    for name in ("arm", "takeoff", "set_mode", "set_parameter", "start_mission", "set_home"):
        assert hazards[name] == "hazardous", name
    for name in ("return", "land", "hold"):
        assert hazards[name] == "routine", name


def test_what_does_more_when_done_twice_is_not_repeated():
    """A picture more, a mission begun again, another restart."""
    once = {name for name, kind in CATALOGUE.items() if not kind.repeatable}
    assert once == {"camera_trigger", "raw", "reboot", "start_mission"}
