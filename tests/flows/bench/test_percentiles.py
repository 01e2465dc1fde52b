"""Half of all, and all but one in a hundred."""

import pytest

from flows.bench.percentiles import percentiles


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ([0.002], (2.0, 2.0)),
        ([0.003, 0.001, 0.002], (2.0, 3.0)),
        ([each / 1000 for each in range(101)], (50.0, 99.0)),
    ],
)
def test_percentiles_are_of_the_ordered_figures(seconds, expected):
    """In milliseconds, whatever order they came in."""
    assert percentiles(seconds) == pytest.approx(expected)
