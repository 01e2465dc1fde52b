"""Losses by the numbers of packets, against a count of which packets were let through."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.ontology.link import RECENT, Link, loss


def counted(numbers: list[int]) -> Link:
    link = Link()
    for number in numbers:
        link.count(number % 256)
    link.count_up()
    return link


def figures(link: Link) -> tuple[int, int]:
    return link.received, link.missed


@pytest.mark.parametrize(
    ("numbers", "received", "missed"),
    [
        ([7], 1, 0),
        ([7, 8, 9], 3, 0),
        ([254, 255, 256, 257], 4, 0),
        ([250, 260], 2, 9),
        ([7, 10, 11], 3, 2),
        ([7, 8, 8, 8, 9], 3, 0),
        ([7, 10, 8, 9, 11], 5, 0),
        ([7, 10, 8, 8, 11], 4, 1),
        ([7, 6, 5, 8], 2, 0),
        ([200, 201, 202, 100, 101], 5, 0),
        ([100, 101, 0, 1, 2], 5, 0),
    ],
    ids=[
        "one", "in order", "round", "a gap round", "a gap", "twice", "late", "late twice",
        "before the first", "started again", "started again close by",
    ],
)  # fmt: skip
def test_numbers_tell_what_is_missing(numbers: list[int], received: int, missed: int) -> None:
    """What comes late is not missing, what comes again counts once."""
    assert figures(counted(numbers)) == (received, missed)


@given(st.integers(0, 255), st.lists(st.booleans(), min_size=1, max_size=600))
def test_what_was_let_through_is_counted_and_what_was_not_is_missed(
    first: int, kept: list[bool]
) -> None:
    """As long as no more than a hundred in a row are lost."""
    runs = "".join("1" if each else "0" for each in kept).split("1")
    if max(map(len, runs)) > 100:
        return
    through = [first + number for number, each in enumerate(kept) if each]
    between = kept[kept.index(True) : len(kept) - kept[::-1].index(True)] if through else []
    assert figures(counted(through)) == (len(through), between.count(False))


@given(st.lists(st.integers(0, 40), max_size=60), st.randoms(use_true_random=False))
def test_the_order_within_a_few_packets_does_not_matter(gaps: list[int], random) -> None:
    """Only the first and the last are where they were."""
    numbers = [0]
    for gap in gaps:
        numbers.append(numbers[-1] + 1 + (gap == 0))
    shuffled = [number for _, number in sorted((n + random.uniform(0, 8), n) for n in numbers[1:])]
    assert figures(counted([0, *shuffled, numbers[-1] + 1])) == figures(
        counted([*numbers, numbers[-1] + 1])
    )


def test_what_was_lost_long_ago_weighs_less_and_less() -> None:
    """A link that has become good is soon called good; the counts of all stay."""
    bad = [number for number in range(1000) if number % 2]
    good = list(range(1001, 6000))
    link = counted([*bad, *good])

    assert link.missed == 500
    assert link.recent_received + link.recent_missed < RECENT
    assert (loss(link.received, link.missed) or 0) > 8
    assert (loss(link.recent_received, link.recent_missed) or 0) < 2


@given(st.lists(st.integers(0, 255), max_size=300), st.sets(st.integers(0, 300)))
def test_when_it_is_counted_up_changes_nothing(numbers: list[int], looks: set[int]) -> None:
    """Figures that are read often are the same as those that are read once."""
    often = Link()
    for place, number in enumerate(numbers):
        often.count(number)
        if place in looks:
            often.count_up()
            often = msgspec.msgpack.decode(msgspec.msgpack.encode(often), type=Link)
    often.count_up()

    assert often == counted(numbers)
    assert min(figures(often)) >= 0


def test_nothing_that_came_is_no_loss() -> None:
    """Nor is it none."""
    assert (loss(0, 0), loss(9, 1), loss(0, 5)) == (None, 10.0, 100.0)
