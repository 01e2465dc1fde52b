"""The signal tree is one tree, and every word that is used is in it."""

import re

import msgspec
import pytest

from flows.ontology.signals import (
    BRANCHES,
    BY_PATH,
    FAMILIES,
    SIGNALS,
    Signal,
    find,
    measured,
    place,
)

# UCUM codes that are in use here.
UNITS = {
    "1",
    "deg",
    "m",
    "m/s",
    "rad",
    "rad/s",
    "%",
    "V",
    "A",
    "mA.h",
    "J",
    "Cel",
    "us",
    "hPa",
    "m/s2",
    "s",
    "deg/min",
    "G",
    "cm2",
    "mm",
    "MiBy",
}


def test_paths_and_columns_are_unique() -> None:
    """No two signals share a place in a document, or a column of the lake."""
    assert len(BY_PATH) == len(SIGNALS)
    assert len({signal.column for signal in SIGNALS}) == len(SIGNALS)


def test_no_leaf_is_a_branch() -> None:
    """A document has a value there or more leaves, never both."""
    branches = {
        ".".join(path.split(".")[:n]) for path in BY_PATH for n in range(1, path.count(".") + 1)
    }
    assert branches & set(BY_PATH) == set()
    assert set(BRANCHES) <= branches


@pytest.mark.parametrize("signal", [*SIGNALS, *FAMILIES], ids=lambda signal: signal.path)
def test_a_signal_is_named_measured_and_bounded(signal: Signal) -> None:
    """Its path can be a column, its unit is a UCUM code, and its range is one."""
    signal = msgspec.structs.replace(signal, path=signal.path.replace("{n}", "1"))
    assert re.fullmatch(r"[a-z_]+(\.[a-z0-9_]+){1,3}", signal.path)
    assert re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", signal.column)
    assert signal.unit in UNITS
    assert signal.low < signal.high or signal.kind == "text"
    assert signal.description
    assert f"{signal.branch}.{signal.leaf}" == signal.path


def test_what_can_be_averaged_is_measured() -> None:
    """Numbers are; codes, flags, texts and lists are not."""
    for signal in SIGNALS:
        assert measured(signal.path) is (signal.kind in ("number", "integer"))


def test_a_family_stands_for_as_many_signals_as_there_are() -> None:
    """Each has the family's unit and range; the number says which it is."""
    for family in FAMILIES:
        for number in ("0", "1", "17"):
            assert find(family.path.replace("{n}", number)) is family
        assert find(family.path.replace("{n}", "one")) is None


def test_a_signal_of_a_devices_own_is_in_no_catalogue() -> None:
    """It may be measured all the same."""
    assert find("soil.moisture") is None
    assert measured("soil.moisture")
    assert place("soil.bed.2.moisture") == ("soil.bed.2", "moisture")


@pytest.mark.parametrize(
    ("path", "value", "held"),
    [
        ("position.global.latitude", 90, True),
        ("position.global.latitude", 90.0001, False),
        ("position.global.latitude", float("nan"), False),
        ("power.current", -1000.1, False),
        ("vehicle_status.armed", True, True),
        ("vehicle_status.mode", "anything", True),
        ("power.voltage", "12", False),
        ("power.cells", [4.1, 0.0], True),
        ("power.cells", [4.1, 67.0], False),
        ("power.cells", [], True),
        ("vehicle_status.custom_mode", 2**32, False),
    ],
)
def test_a_range_holds_what_lies_in_it(path: str, value: object, held: bool) -> None:  # noqa: FBT001
    """Both ends included; of a list, every value."""
    assert BY_PATH[path].holds(value) is held
