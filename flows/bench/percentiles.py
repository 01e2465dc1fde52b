"""Half of all, and all but one in a hundred."""

from collections.abc import Sequence

MILLISECONDS = 1000.0


def percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    """The median and the 99th percentile, milliseconds."""
    ordered = sorted(seconds)
    last = len(ordered) - 1
    return ordered[last // 2] * MILLISECONDS, ordered[round(last * 0.99)] * MILLISECONDS
