"""Names that devices use stand for one signal each, and come out in its unit."""

import math
from collections import Counter

import pytest

from flows.ontology.signals import find
from flows.steps.own import signals
from flows.steps.paths import spelled
from flows.steps.spellings import ROWS, SPELLINGS, meant


def test_no_name_stands_for_two_signals() -> None:
    """A row that another overrode would be one that lies."""
    names = Counter(
        f"{branch}.{leaf}"
        for branches, leaves, _ in ROWS
        for branch in branches
        for leaf in leaves.split()
    )
    assert [name for name, times in names.items() if times > 1] == []


def test_every_name_is_spelled_as_names_come_out() -> None:
    """Otherwise nothing would ever be found under it."""
    for name in SPELLINGS:
        assert ".".join(spelled(name)) == name


def test_every_name_stands_for_a_signal_of_the_catalogue() -> None:
    """And for none that has a name of its own there."""
    for name, spelling in SPELLINGS.items():
        assert find(spelling.signal) is not None, name
        assert find(name) is None or name == spelling.signal


# name, what a device says, signal, what that is in the signal's unit
MEASURED = [
    ("lat_e7", 473977418, "position.global.latitude", 47.3977418),
    ("altitudeFt", 1000, "position.global.altitude_msl", 304.8),
    ("alt_mm", 1500, "position.global.altitude_msl", 1.5),
    ("AGL", 12, "position.global.altitude_relative", 12),
    ("heading", -90, "position.global.heading", 270),
    ("yaw_deg", -0.5, "position.global.heading", 359.5),
    ("heading", 360, "position.global.heading", 360),
    ("courseOverGround", -1, "position.gps.course", 359),
    ("speed_kmh", 90, "vfr.groundspeed", 25),
    ("sog_knots", 10, "vfr.groundspeed", 5.144444444444445),
    ("velocity.down", -2, "position.global.vz", -2),
    ("attitude.pitch_deg", -90, "attitude.euler.pitch", -math.pi / 2),
    ("battery_mv", 3700, "power.voltage", 3.7),
    ("battery.current_ma", -250, "power.current", -0.25),
    ("temp_f", 32, "environment.temperature", 0),
    ("temperature_f", -40, "environment.temperature", -40),
    ("temperature_k", 273.15, "environment.temperature", 0),
    ("sensors.temperature", 21.5, "environment.temperature", 21.5),
    ("pressurePa", 101325, "environment.pressure_abs", 1013.25),
    ("pressure_kpa", 101.325, "environment.pressure_abs", 1013.25),
    ("wind.speed", 7, "environment.wind_speed", 7),
    ("gps.satellites", 9.0, "position.global.satellites_visible", 9),
    ("fix_type", "3", "position.global.fix_type", 3),
    ("armed", 1, "vehicle_status.armed", True),
    ("isArmed", "False", "vehicle_status.armed", False),
    ("flightMode", "AUTO", "vehicle_status.mode", "AUTO"),
    ("battery.cells", [3.9, 4], "power.cells", [3.9, 4.0]),
]


@pytest.mark.parametrize(("name", "said", "signal", "value"), MEASURED)
def test_a_value_comes_out_in_the_unit_of_its_signal(name, said, signal, value) -> None:
    """By hand."""
    found, beyond = signals({name: said}, "")

    assert (list(found), beyond) == ([signal], [])
    assert found[signal] == pytest.approx(value, abs=1e-9)
    assert isinstance(found[signal], bool) == isinstance(value, bool)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("engine.temperature", "engine.temperature"),
        ("cpu_temperature", "own.cpu_temperature"),
        ("voltage", "own.voltage"),
        ("current", "own.current"),
        ("height", "own.height"),
        ("velocity.x", "velocity.x"),
        ("position.x", "position.x"),
        ("roll", "own.roll"),
        ("attitude.yaw", "attitude.yaw"),
        ("sog", "own.sog"),
        ("id", "own.id"),
    ],
)
def test_a_name_that_may_mean_more_than_one_thing_stays(name, path) -> None:
    """Under its own path, with its value."""
    assert signals({name: 3}, "") == ({path: 3}, [])


@pytest.mark.parametrize(
    ("name", "said"),
    [("mode", 3), ("heading", "NW"), ("temperature", "21.5 C"), ("armed", 2), ("battery", [1, 2])],
)
def test_a_value_of_another_kind_stays_under_the_name_that_it_came_with(name, said) -> None:
    """It is no less true for that."""
    assert signals({name: said}, "") == ({f"own.{name}": said}, [])


@pytest.mark.parametrize("path", ["sensors.temperature", "state.battery", "env.humidity"])
def test_branches_that_only_say_where_a_leaf_stands_are_left_out(path) -> None:
    """One of them."""
    assert meant(path) is not None
    assert meant(f"sensors.{path}") is None
