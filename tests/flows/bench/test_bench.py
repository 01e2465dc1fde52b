"""The bench, run in its least sizes: figures for everything, and nothing left behind."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from flows.bench.apart import MeasuringFailed, measure
from flows.bench.plan import ALONE, FIGURES, IN_TURNS, STORE
from flows.bench.sizes import LEAST

DEADLINE = 60.0
# Names that scripts of others read: more may come, none may go.
PROMISED = {
    "fetch_msgs_per_s", "drain_msgs_per_s", "telemetry_msgs_per_s", "entities_msgs_per_s",
    "relay_packets_per_s", "publish_to_kv_ms_p50", "publish_to_kv_ms_p99",
    "publish_to_sse_ms_p50", "publish_to_sse_ms_p99", "rss_mb", "cpu_idle_percent",
}  # fmt: skip


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    """The bench; all that it makes is made in the folder."""
    return subprocess.Popen(
        [sys.executable, "-m", "flows.bench", "--least", *options],
        env={**os.environ, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def left(folder: Path) -> list[list[str]]:
    """Processes that have to do with the folder: each has it in its environment."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("TMPDIR") == str(folder) and process.pid != os.getpid():
                found.append(process.cmdline())
    return found


def test_everything_is_measured_and_nothing_left_behind(tmp_path):
    """One flat object of positive figures, with every name that was promised."""
    bench = start(tmp_path, "--json")
    said, progress = bench.communicate(timeout=170)

    assert bench.returncode == 0, progress
    figures = json.loads(said)
    assert set(figures) >= PROMISED
    assert set(figures) == {row.key for row in FIGURES}
    # Of what must not be there is nothing; everything else has taken time or room.
    nothing = {key: figure for key, figure in figures.items() if figure <= 0}
    assert nothing == {"broadcast_lost": 0, "broadcast_doubled": 0}
    assert figures["publish_to_kv_ms_p50"] <= figures["publish_to_kv_ms_p99"]
    assert figures["publish_to_sse_ms_p50"] <= figures["publish_to_sse_ms_p99"]
    assert figures["rss_idle_mb"] < figures["rss_mb"]
    assert (left(tmp_path), list(tmp_path.iterdir())) == ([], [])


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_a_bench_that_is_stopped_leaves_nothing_behind(tmp_path, told):
    """Whatever it was about, with whichever processes."""
    bench = start(tmp_path)
    deadline = time.monotonic() + DEADLINE
    while not any("flows.bench.child" in each for each in left(tmp_path)):
        assert time.monotonic() < deadline
        assert bench.poll() is None
        time.sleep(0.05)
    bench.send_signal(told)
    bench.communicate(timeout=DEADLINE)

    assert bench.returncode != 0
    assert (left(tmp_path), list(tmp_path.iterdir())) == ([], [])


def test_a_measurement_that_fails_says_which_and_why(tmp_path):
    """In one sentence, for whoever has to do something about it."""
    with pytest.raises(MeasuringFailed, match=r"Measuring nothing has failed: .*flows\.bench"):
        asyncio.run(measure("nothing", LEAST, dict(os.environ), tmp_path, DEADLINE))


def test_a_measurement_that_takes_too_long_is_ended(tmp_path):
    """A bench that hangs would say less than one that fails."""
    with pytest.raises(MeasuringFailed, match="Measuring idle took more than 0 s"):
        asyncio.run(measure("idle", LEAST, dict(os.environ), tmp_path, 0))


def test_every_measurement_is_in_the_plan():
    """A module that nobody runs would be a figure that nobody sees."""
    folder = Path(measure.__globals__["__file__"]).parent / "measured"
    modules = {file.stem for file in folder.glob("*.py")} - {"__init__", "deployment"}

    assert {each.name for each in (STORE, *IN_TURNS, *ALONE)} == modules
