"""The graphs that were reviewed are the graphs that run, and those that the README shows."""

import pytest
from draw_graphs import GOLDEN, MARKS, README, drawings, illustrated

NAMES = ("relay", "telemetry", "entities")


@pytest.mark.parametrize("name", NAMES)
def test_a_graph_is_the_reviewed_one(name):
    """A changed topology is seen in review: ``make golden`` redraws it."""
    assert drawings()[name] == (GOLDEN / f"{name}.mmd").read_text()


def test_the_readme_shows_the_graphs_as_they_are():
    """Each of them, between its marks."""
    text = README.read_text()
    for name in NAMES:
        assert all(mark.format(name) in text for mark in MARKS)
    assert illustrated(text) == text
