"""The telemetry graph, from stored messages to rows of the lake, without a network."""

import bytewax.operators as op
import msgspec
import pytest
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource, run_main
from ends import NOON, SECOND, STREAM, envelope

from connectors.jetstream import Message
from connectors.meter import Count
from flows.operators import keep

SPEED = "vfr.groundspeed"


def speed(sequence: int, value: float, **more):
    return envelope(sequence, {"groundspeed": value}, **more)


def windows(ends, seconds: int) -> list[tuple]:
    names = ("seconds", "start", "count", "min", "max", "mean", "last", "final")
    return [
        ((start - NOON) // SECOND, *figures)
        for length, start, *figures in ends.cells("window_rows", *names)
        if length == seconds
    ]


def test_a_message_becomes_a_row_in_the_trees_units(ends):
    """What no signal takes is kept as it was sent."""
    data = {"lat": 473977418, "lon": 85455939, "alt": 488090, "hdg": 65535, "oddity": [1]}
    run_main(ends.telemetry([envelope(7, data, "GlobalPositionInt", source="udp:14550")]))

    (row,) = ends.cells(
        "telemetry",
        "seq",
        "entity_id",
        "message_type",
        "position_global_latitude",
        "position_global_altitude_msl",
        "position_global_heading",
        "source",
        "extra",
    )
    name, link, extra = "GLOBAL_POSITION_INT", "udp:14550", '{"oddity":[1]}'
    assert row == (7, "v1", name, 47.3977418, 488.09, None, link, extra)
    assert {stream for stream, _ in ends.lake} == {STREAM}


def test_a_closed_window_becomes_one_row_with_the_sequence_that_closed_it(ends):
    """Samples of one signal within ten seconds are one row."""
    run_main(ends.telemetry([speed(at, float(at)) for at in (0, 3, 9, 17)]))

    assert windows(ends, 10) == [(0, 3, 0.0, 9.0, 4.0, 9.0, True)]
    closed_by = ends.cells("window_rows", "seconds", "seq")
    assert (10, 17) in closed_by


def test_a_straggler_is_counted_and_changes_no_row(ends):
    """It is in the history all the same."""
    run_main(ends.telemetry([speed(1, 1.0), speed(60, 2.0), speed(61, 9.0, at=1)]))

    assert Count("overwatch_late_total", ("telemetry",), 1) in ends.counts
    assert windows(ends, 1)[0] == (1, 1, 1.0, 1.0, 1.0, 1.0, True)
    assert len(ends.cells("telemetry", "seq")) == 3


def test_what_is_late_makes_a_newer_row_with_its_own_sequence(ends):
    """For each window that had been told; the one that is still open has it in the end."""
    run_main(ends.telemetry([speed(1, 1.0), speed(17, 2.0), speed(18, 9.0, at=3)]))

    names = ("seconds", "seq", "count", "stddev", "p95", "time_weighted")
    rows = [row for row in ends.cells("window_rows", *names) if row[1] == 18]
    assert rows == [(1, 18, 1, None, 9.0, 9.0), (10, 18, 2, pytest.approx(32**0.5), 9.0, 1.0)]
    assert not [count for count in ends.counts if count.counter == "overwatch_late_total"]


def test_two_sources_with_different_clocks_have_windows_of_their_own(ends):
    """Neither breaks the other's into pieces, however far apart they are."""
    years = 5 * 365 * 86_400
    both = [
        message
        for at in range(1, 40)
        for message in (
            speed(2 * at, float(at), at=at, source="udp:14550"),
            speed(2 * at + 1, float(-at), at=at - years, source="log:old.tlog"),
        )
    ]
    run_main(ends.telemetry(both))

    names = ("source", "seconds", "start", "count", "mean")
    rows = [row for row in ends.cells("window_rows", *names) if row[1] == 10]
    assert sorted(
        (source, (start - NOON) // SECOND % years, *rest) for source, _, start, *rest in rows
    ) == [
        (
            source,
            10 * number,
            9 if number == 0 else 10,
            sign * (5.0 if number == 0 else 10 * number + 4.5),
        )
        for source, sign in (("log:old.tlog", -1), ("udp:14550", 1))
        for number in range(3)
    ]
    assert not [count for count in ends.counts if count.counter == "overwatch_late_total"]


def test_malformed_messages_are_refused_with_their_reason_and_stop_nothing(ends):
    """They are kept, published and counted."""
    broken = Message(STREAM, "constellation.telemetry.north.v1", b"{", 1, NOON)
    run_main(ends.telemetry([broken, speed(2, 3.0)]))

    ((step, reason),) = ends.refused()
    assert step == "decode"
    assert reason.startswith("not an envelope")
    assert Count("overwatch_rejected_total", ("telemetry", "decode"), 1) in ends.counts
    ((_, publication),) = ends.said
    assert publication.subject == "constellation.rejected.telemetry"
    assert len(ends.cells("telemetry", "seq")) == 1


def test_a_clock_a_year_ahead_is_not_believed(ends):
    """It would close every window of the vehicle at once."""
    run_main(ends.telemetry([speed(1, 1.0), speed(2, 2.0, at=365 * 86_400), speed(3, 3.0)]))

    cells = ends.cells("telemetry", "ts", "clamped")
    assert [((ts - NOON) // SECOND, clamped) for ts, clamped in cells] == [
        (1, False),
        (2, True),
        (3, False),
    ]
    assert not [count for count in ends.counts if count.counter == "overwatch_late_total"]


def test_a_gap_in_the_stream_is_an_event(ends):
    """What was discarded before it was read is never passed over in silence."""
    message = speed(9, 1.0)
    after_gap = Message(STREAM, message.subject, message.data, 9, message.stored_us, lost_before=4)
    run_main(ends.telemetry([after_gap]))

    ((_, publication),) = ends.said
    assert publication.subject == "constellation.events.loss.north.telemetry"
    assert b'"first_sequence":5,"last_sequence":8,"messages":4' in publication.data


def test_a_restart_finishes_the_window_that_it_interrupted(ends, run_recovered):
    """A window open at a crash closes after it with every sample, once."""
    already_read = Message(STREAM, "constellation.telemetry.north.v1", b"read twice?", 1, NOON)
    crash = [speed(1, 2.0), speed(2, 4.0), speed(3, 9.0), TestingSource.ABORT()]
    run_recovered(ends.telemetry(crash))
    assert windows(ends, 10) == []
    before = len(ends.cells("telemetry", "seq"))

    run_recovered(ends.telemetry([already_read] * 3 + [speed(4, 9.0), speed(30, 0.0)]))

    assert ends.refused() == []
    assert windows(ends, 10) == [(0, 4, 2.0, 9.0, 6.0, 9.0, True)]
    assert (before, len(ends.cells("telemetry", "seq"))) == (3, 5)


class Before(msgspec.Struct, array_like=True):
    """What 0.1.0 remembered of an entity's windows, by another step."""

    org_id: str = "north"
    entity_id: str = "v1"
    open: dict[int, dict[int, dict[str, tuple[int, float]]]] = msgspec.field(
        default_factory=lambda: {1: {NOON: {SPEED: (1, 2.0)}}}
    )


def test_a_flow_goes_on_where_a_version_with_other_windows_had_come(ends, run_recovered):
    """What stood open there is told without its beginning; nothing else is lost or comes twice."""
    messages = [speed(1, 2.0), speed(2, 4.0), TestingSource.EOF(), speed(3, 9.0), speed(70, 0.0)]
    before = Dataflow("telemetry")
    stored = op.input("telemetry", before, TestingSource(messages, batch_size=3))
    by_entity = op.key_on("by_entity", stored, lambda _: "v1")
    windows_before = keep("windows", by_entity, Before, lambda _, values, __: values)
    op.output("lake", windows_before, TestingSink(seen := []))
    run_recovered(before)
    run_recovered(ends.telemetry(messages))

    assert [message.sequence for _, message in seen] == [1, 2]
    assert ends.cells("telemetry", "seq") == [(3,), (70,)]
    assert windows(ends, 60) == [(-20, 1, 9.0, 9.0, 9.0, 9.0, True)]
