"""A device's own JSON becomes leaves under paths of one spelling, within bounds."""

import pytest

from flows.steps.paths import MOST_LETTERS, MOST_LEVELS, MOST_MEMBERS
from flows.steps.tree import (
    MOST_LEAVES,
    MOST_NUMBERS,
    MOST_REASONS,
    MOST_TEXT,
    Leaves,
    says_something,
)


@pytest.mark.parametrize(
    ("tree", "values"),
    [
        ({"a": 1, "b": 2.5, "c": True, "d": "x", "e": [1, 2]}, None),
        ({"a": None, "b": "NaN", "c": "-inf", "d": "", "e": "n/a", "f": float("nan")}, {}),
        ({"a": 10**400, "b": -(10**400), "c": float("inf")}, {}),
        ({"a": 2**63 - 1, "b": 2**64}, {"a": 2**63 - 1, "b": float(2**64)}),
        ({"a": "12.5", "b": "-3", "c": "1e3"}, {"a": 12.5, "b": -3, "c": 1000.0}),
        ({"a": "0012", "b": "+3", "c": "12.", "d": "1_000", "e": "\u0663"}, None),
        ({"data": {"signals": {"a": 1}}, "payload": {"b": 2}}, {"a": 1, "b": 2}),
        ({"engine": {"data": {"a": 1}}}, {"engine.data.a": 1}),
        ({"data": [1, 2]}, {"data": [1, 2]}),
        ({"a": []}, {}),
        ({"a": [1, None, 3]}, {"a.0": 1, "a.2": 3}),
        ({"a": [True, False]}, {"a.0": True, "a.1": False}),
        ({"a": [[1, 2], ["x"]]}, {"a.0": [1, 2], "a.1.0": "x"}),
        ({"a": [{"b": 1}, {"b": {"c": 2}}]}, {"a.0.b": 1, "a.1.b.c": 2}),
        ({"A": 1, "a": 1}, {"a": 1}),
        ({"type": "Feature", "a": 1}, {"a": 1}),
        (
            {"where": {"type": "Point", "coordinates": [8.5, 47.25]}},
            {"where.location.longitude": 8.5, "where.location.latitude": 47.25},
        ),
        (
            {"gps": {"type": "Point", "coordinates": [8.5, 47.25, 400]}},
            {"location.longitude": 8.5, "location.latitude": 47.25, "location.altitude": 400},
        ),
        (
            {"gps": {"type": "Point", "coordinates": ["8.5", 47.25]}},
            {"gps.type": "Point", "gps.coordinates.0": 8.5, "gps.coordinates.1": 47.25},
        ),
    ],
)
def test_leaves_are_values_by_path(tree: dict, values: dict | None) -> None:
    """Absent is what says that it is; ``None`` here: as they came."""
    leaves = Leaves(tree)

    expected = tree if values is None else values
    assert leaves.values == expected
    assert list(map(type, leaves.values.values())) == list(map(type, expected.values()))
    assert leaves.beyond == []


def nested(levels: int) -> dict:
    tree: dict = {"leaf": 1}
    for _ in range(levels - 1):
        tree = {"a": tree}
    return tree


LONG = "x" * (MOST_LETTERS + 1)


@pytest.mark.parametrize(
    ("within", "beyond", "reason"),
    [
        (nested(MOST_LEVELS), nested(MOST_LEVELS + 1), f"has more than {MOST_LEVELS} levels"),
        ({LONG[1:]: 1}, {LONG: 1}, f"has a name of more than {MOST_LETTERS} letters"),
        ({"a": "x" * MOST_TEXT}, {"a": "x" * (MOST_TEXT + 1)}, f"more than {MOST_TEXT} letters"),
        ({"a": [1] * MOST_NUMBERS}, {"a": [1] * (MOST_NUMBERS + 1)}, f"than {MOST_NUMBERS} memb"),
        ({"a": 1}, {"x" * 10_000: 1}, "is no name"),
        ({"A": 1, "a": 1}, {"rest": 1, "Rest": 2}, "rest is said twice"),
    ],
)
def test_what_exceeds_a_bound_is_named_and_the_rest_stands(within, beyond, reason) -> None:
    """On the bound it is still taken."""
    assert (len(Leaves(within).values), Leaves(within).beyond) == (1, [])

    leaves = Leaves({**beyond, "rest": 1})
    assert leaves.values == {"rest": 1}
    assert len(leaves.beyond) == 1
    assert reason in leaves.beyond[0]
    assert len(leaves.beyond[0]) < 200


def test_so_many_signals_a_message_and_no_more() -> None:
    """The first of them, whatever comes after."""
    tree = {f"s{number}": number for number in range(MOST_LEAVES)}
    assert Leaves(tree).values == tree
    assert Leaves(tree).beyond == []

    leaves = Leaves({**tree, "one": 1, "two": 2})
    assert leaves.values == tree
    assert leaves.beyond == [f"more than {MOST_LEAVES} signals"]


def test_so_many_members_are_looked_at() -> None:
    """Also where they say nothing."""
    tree = {f"s{number}": None for number in range(MOST_MEMBERS - 1)}
    assert Leaves({**tree, "rest": 1}).values == {"rest": 1}

    leaves = Leaves({**tree, "one": 1, "two": 2})
    assert leaves.values == {"one": 1}
    assert leaves.beyond == [f"more than {MOST_MEMBERS} members"]


def test_so_many_reasons_and_no_more() -> None:
    """What is told of a message is no longer than the message."""
    leaves = Leaves({f"a{number}": "x" * 1000 for number in range(100)})
    assert len(leaves.beyond) == MOST_REASONS


@pytest.mark.parametrize(
    ("value", "says"),
    [({}, False), ([], False), ({"a": [{}, []]}, False), ({"a": None}, True), ([[0]], True)],
)
def test_whether_a_tree_says_anything(value: object, says: bool) -> None:  # noqa: FBT001
    """Be it that there is nothing to say."""
    assert says_something(value) is says
