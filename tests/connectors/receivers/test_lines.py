"""Lines are the same however their bytes are cut, and none grows without end."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.receivers.lines import LONGEST_LINE, Lines


@given(
    st.lists(st.binary(max_size=20).map(lambda each: each.translate(None, b"\r\n"))),
    st.lists(st.integers(1, 30)),
)
def test_lines_do_not_depend_on_how_they_come(lines, cuts) -> None:
    """In one piece, or in many."""
    data = b"".join(line + b"\r\n" for line in lines)
    cutter = Lines()
    found = []
    for size in [*cuts, len(data) + 1]:
        found += cutter.feed(data[:size], whole=False)[0]
        data = data[size:]

    assert found == [line for line in lines if line]


def test_the_last_line_of_a_datagram_needs_no_end() -> None:
    """And the first of the next one is not its continuation."""
    cutter = Lines()
    assert cutter.feed(b"one\ntwo", whole=True) == ([b"one", b"two"], [])
    assert cutter.feed(b"three\n", whole=True) == ([b"three"], [])


def test_a_line_without_end_is_told_once_and_thrown_away() -> None:
    """What stands behind it is read again."""
    cutter = Lines()
    told = [cutter.feed(b"x" * 700, whole=False) for _ in range(1000)]

    assert [len(overlong) for _, overlong in told] == [0, 1, *[0] * 998]
    assert all(lines == [] for lines, _ in told)
    assert len(cutter._tail) <= LONGEST_LINE
    assert cutter.feed(b"xx\nafter\n", whole=False) == ([b"after"], [])


def test_a_line_that_is_too_long_stands_between_others() -> None:
    """They are not lost with it."""
    long = b"y" * (LONGEST_LINE + 1)
    assert Lines().feed(b"a\n" + long + b"\nb\n", whole=False) == ([b"a", b"b"], [long])
