"""What sources and sinks count is what they have read, lost and said."""

import os
import time
from pathlib import Path

import psutil
import pytest
from bytewax import operators as op
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSource, run_main

from connectors import meter
from connectors.meter import Count, CountSink, SinkMeter, SourceMeter, resident_bytes
from connectors.metrics import BEAT, counter, gauge


def shown(figure) -> float:
    return figure._value.get()


def test_a_source_tells_what_it_has_read_and_what_it_has_lost() -> None:
    """Each of its own stream."""
    one, two = SourceMeter("metered", "ONE"), SourceMeter("metered", "TWO")
    one.read(3, 0)
    one.read(0, 0)
    one.read(4, 0)
    one.lost(5)
    two.read(1, 0)

    assert shown(counter("overwatch_messages_total", "metered", "ONE")) == 7
    assert shown(counter("overwatch_lost_messages_total", "metered", "ONE")) == 5
    assert shown(counter("overwatch_messages_total", "metered", "TWO")) == 1
    assert shown(counter("overwatch_lost_messages_total", "metered", "TWO")) == 0


def test_a_flow_shows_that_it_runs_before_its_first_message() -> None:
    """So that one that waits is not taken for one that hangs."""
    before = time.time()
    SourceMeter("waiting", "ONE")
    assert before <= shown(gauge(BEAT, "waiting")) <= time.time()
    assert shown(gauge("overwatch_resident_bytes", "waiting")) > 2**20


def test_what_is_shown_is_shown_now_and_then(monkeypatch) -> None:
    """A batch that comes soon after another costs a look at the clock."""
    monkeypatch.setattr(meter, "BEAT_SECONDS", 3600.0)
    lag = gauge("overwatch_lag_messages", "seldom", "ONE")
    source = SourceMeter("seldom", "ONE")
    source.read(1, 100)
    assert shown(lag) == 0
    monkeypatch.setattr(meter, "BEAT_SECONDS", 0.0)
    source = SourceMeter("seldom", "ONE")
    source.read(1, 100)
    assert shown(lag) == 100
    source.idle()
    assert shown(lag) == 0


def test_a_sink_tells_what_it_has_said() -> None:
    """Of an empty batch nothing."""
    sink = SinkMeter("saying")
    for messages in (2, 0, 3):
        sink.published(messages)
    assert shown(counter("overwatch_published_total", "saying")) == 5


@pytest.mark.parametrize("times", [1, 3])
def test_counts_of_a_flow_go_up_by_what_they_say(times: int) -> None:
    """Each with its labels."""
    late = counter("overwatch_late_total", f"counting-{times}")
    gaps = counter("overwatch_link_gaps_total", f"counting-{times}", "udp:1")
    flow = Dataflow("counting")
    counts = [
        Count("overwatch_late_total", (f"counting-{times}",)),
        Count("overwatch_link_gaps_total", (f"counting-{times}", "udp:1"), 7),
    ]
    op.output("out", op.input("in", flow, TestingSource(counts * times)), CountSink())
    run_main(flow)

    assert (shown(late), shown(gaps)) == (times, 7 * times)


def test_memory_is_what_the_system_says() -> None:
    """In bytes."""
    ours, theirs = resident_bytes(), psutil.Process(os.getpid()).memory_info().rss
    assert abs(ours - theirs) < theirs / 4


def test_memory_is_nothing_where_the_system_does_not_say(tmp_path: Path, monkeypatch) -> None:
    """As on systems that have no such file."""
    monkeypatch.setattr(meter, "_STATM", tmp_path / "none")
    assert resident_bytes() == 0
