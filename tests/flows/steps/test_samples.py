"""Samples come back as they were, by signal and in the order of their times."""

from collections import defaultdict
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from messages import NOON, SECOND

from flows.ontology.telemetry import Report
from flows.steps.samples import Samples, add, forget, said, series, shared

SPEED, HEADING = "vfr.groundspeed", "vfr.heading"


def report(sequence: int, at_us: int, values: dict[str, Any]) -> Report:
    return Report("v1", "north", "X", sequence, at_us, at_us, values, {})


def kept(reports: list[Report]) -> Samples:
    samples: Samples = {}
    for each in reports:
        add(samples, each.at_us // SECOND * SECOND, each)
    return samples


NUMBERS = st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False))
LOGS = st.lists(
    st.tuples(
        st.integers(0, 3 * SECOND),
        st.dictionaries(st.sampled_from((SPEED, HEADING, "soil.moisture")), NUMBERS),
    ),
    max_size=40,
).map(lambda found: [report(at + 1, NOON + at, values) for at, values in found])


@given(LOGS)
def test_samples_are_those_of_the_reports(log: list[Report]) -> None:
    """Whatever is said together, also after a restart; of one time in the order of the stream."""
    expected = defaultdict(list)
    for each in sorted(log, key=lambda each: (each.at_us, each.sequence)):
        if NOON <= each.at_us < NOON + 3 * SECOND:
            for signal, value in each.values.items():
                expected[signal].append((each.at_us, float(value)))
    samples = msgspec.msgpack.decode(msgspec.msgpack.encode(kept(log)), type=Samples)
    found = series(said(samples, NOON, 3))

    assert found.keys() == expected.keys()
    for signal, (clock, values) in found.items():
        assert sorted(zip(clock.times, values, strict=True)) == sorted(expected[signal])
        assert list(clock.times) == sorted(clock.times)
        assert sum(clock.apart) == clock.times[-1] - clock.times[0]


def test_samples_of_one_moment_are_in_the_order_of_the_stream() -> None:
    """Of messages that set a signal among others as well."""
    log = [
        report(9, NOON, {SPEED: 9}),
        report(7, NOON, {SPEED: 7, HEADING: 0}),
        report(8, NOON, {SPEED: 8}),
    ]
    assert series(said(kept(log), NOON, 1))[SPEED][1] == (7, 8, 9)


def test_only_numbers_that_are_measured_are_kept() -> None:
    """No flags, texts or lists, of the catalogue or of a device's own."""
    values = {
        "vehicle_status.armed": True,
        "vehicle_status.mode": "AUTO",
        "power.cells": [4.1],
        "soil.ok": False,
        "soil.kind": "loam",
        "mission.current_waypoint": 3,
        "soil.moisture": 0.5,
    }
    samples: Samples = {}

    assert add(samples, NOON, report(1, NOON, values)) == (
        "mission.current_waypoint",
        "soil.moisture",
    )
    assert add(samples, NOON, report(2, NOON, {"vehicle_status.armed": True})) == ()
    assert len(samples) == 1


def test_an_integer_of_hundreds_of_digits_spoils_nothing() -> None:
    """What stands beside it is kept."""
    samples = kept([report(1, NOON, {"a.big": 10**400, SPEED: 2.5})])
    assert series(said(samples, NOON, 1), (SPEED,))[SPEED][1] == (2.5,)


def test_what_is_forgotten_takes_no_room() -> None:
    """Not even by its name."""
    samples = kept([report(1, NOON, {SPEED: 1}), report(2, NOON + SECOND, {HEADING: 1})])
    forget(samples, NOON + SECOND)
    assert list(samples) == [(HEADING,)]
    forget(samples, NOON + 2 * SECOND)
    assert samples == {}


def test_signals_that_several_shapes_have_are_shared() -> None:
    """And no others."""
    assert shared(((SPEED, HEADING), (HEADING, "a.b"), ("c.d",), ("a.b",))) == {HEADING, "a.b"}
    assert shared(((SPEED,),)) == shared(()) == frozenset()
