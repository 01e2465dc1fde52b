"""A clock that was set back is noticed, once; one that runs or is set forward is not."""

import pytest

from flows.supervisor.clock import Clock


@pytest.mark.parametrize(
    ("walls", "expected"),
    [
        ([1000, 1001, 1002], [0, 0]),
        ([1000, 401, 402], [600, 0]),
        ([1000, 5001, 5002], [0, 0]),
        ([1000, 1000.5, 1001], [0, 0]),
        ([1000, 5001, 1002, 1003], [0, 4000, 0]),
        ([1000, 901, 802], [100, 100]),
    ],
)
def test_only_a_step_back_is_told(walls: list[float], expected: list[float]) -> None:
    """A second passes between two looks."""
    wall, steady = iter(walls), iter(range(len(walls)))
    clock = Clock(lambda: next(wall), lambda: next(steady))
    assert [clock.set_back() for _ in expected] == expected
