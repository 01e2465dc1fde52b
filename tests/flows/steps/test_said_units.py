"""A value that is said to be in another unit is not taken for what its name would mean."""

import pytest

from flows.steps.own import signals
from flows.steps.said_units import unit_of


@pytest.mark.parametrize(
    ("path", "of"),
    [
        ("temperature_unit", "temperature"),
        ("a.speed_units", "a.speed"),
        ("units", "."),
        ("a.unit", "a."),
        ("unitary", ""),
        ("community", ""),
        ("temperature", ""),
    ],
)
def test_whose_unit_stands_there(path: str, of: str) -> None:
    """One value's, or those of all values of a branch."""
    assert unit_of(path) == of


@pytest.mark.parametrize(
    ("tree", "values"),
    [
        (
            {"temperature": 75, "temperatureUnit": "F"},
            {"own.temperature": 75, "own.temperature_unit": "F"},
        ),
        (
            {"temperature": 21, "temperature_unit": "°C"},
            {"environment.temperature": 21, "own.temperature_unit": "°C"},
        ),
        (
            {"velocity": {"speed": 30, "units": "mph"}, "battery": 50},
            {"velocity.speed": 30, "velocity.units": "mph", "power.battery_remaining": 50},
        ),
        (
            {"lat": 47.4, "speed": 30, "heading": 90, "units": "imperial"},
            {
                "position.global.latitude": 47.4,
                "own.speed": 30,
                "position.global.heading": 90,
                "own.units": "imperial",
            },
        ),
        ({"speed": 3, "units": "Metric"}, {"vfr.groundspeed": 3, "own.units": "Metric"}),
        ({"speed_kmh": 36, "speed_unit": "kmh"}, {"vfr.groundspeed": 10, "own.speed_unit": "kmh"}),
        ({"speed_kmh": 36, "units": "km/h"}, {"vfr.groundspeed": 10, "own.units": "km/h"}),
        ({"speed": 3, "speed_unit": 7}, {"vfr.groundspeed": 3, "own.speed_unit": 7}),
        ({"speed": 3, "speed_unit": ""}, {"vfr.groundspeed": 3}),
    ],
)
def test_a_value_in_another_unit_stays_what_it_is(tree: dict, values: dict) -> None:
    """Under its own name, with its unit beside it."""
    assert signals(tree, "") == ({each: pytest.approx(value) for each, value in values.items()}, [])


def test_what_is_said_in_the_catalogues_words_is_in_its_units() -> None:
    """Whoever knows the paths knows the units."""
    tree = {"environment": {"temperature": 21}, "units": "imperial"}
    assert signals(tree, "")[0]["environment.temperature"] == 21
