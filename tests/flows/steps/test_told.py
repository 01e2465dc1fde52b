"""What is told at once of a second is what is told of it with more care."""

import math

from hypothesis import given
from hypothesis import strategies as st
from messages import NOON, SECOND

from flows.ontology.telemetry import Report
from flows.steps.samples import Samples, add, said, series
from flows.steps.told import at_once, figured

SPEED, HEADING, CLIMB = "vfr.groundspeed", "vfr.heading", "vfr.climb_rate"
SHAPES = st.sampled_from(((SPEED,), (HEADING,), (SPEED, HEADING), (CLIMB, HEADING), (CLIMB,)))
NUMBERS = st.one_of(st.floats(), st.sampled_from((1.5, 0.0, -0.0, math.nan, math.inf)))


@given(st.lists(st.tuples(SHAPES, st.integers(0, SECOND - 1), NUMBERS), max_size=12))
def test_a_second_is_told_at_once(log: list[tuple[tuple[str, ...], int, float]]) -> None:
    """To the last bit, whatever was said together and whatever of it is no number."""
    samples: Samples = {}
    for sequence, (shape, at, value) in enumerate(log, 1):
        values = {signal: value + place for place, signal in enumerate(shape)}
        add(samples, NOON, Report("v1", "north", "X", sequence, NOON, NOON + at, values, {}))
    parts = said(samples, NOON, 1)

    assert sorted(map(repr, at_once(parts))) == sorted(map(repr, figured(series(parts))))
