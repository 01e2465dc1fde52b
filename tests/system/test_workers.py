"""One log gives one history and one state: by one worker, by several, and whatever dies."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cluster import FLOWS, Cluster, cluster, recorded
from deployment import until
from sensors import SENSORS, said
from windowing import COUNTS, EXPECTED_COUNTS, WRONG

RECORDINGS = sorted((Path(__file__).parents[1] / "recordings").glob("*.tlog"))
MOST_BYTES = 600_000  # Of each: two minutes of four vehicles are more than is needed here.
SECONDS = 120.0
MESSAGES = 2000
KILLS = 5
# Processes, and threads of each.
ALONE, PAIR, THREADS = (1, 1), (2, 1), (1, 2)
CORRECTED = """
    SELECT count(*) FROM window_rows AS told JOIN windows AS w
    USING (entity_id, source, signal, seconds, start) WHERE told.final AND told.seq < w.seq
"""
TABLES = ("telemetry", "windows", "window_rows WHERE final")


pytestmark = pytest.mark.timeout(400)


@dataclass
class Outcome:
    """All that has come of a log: the lines of each table, and the documents."""

    lines: dict[str, Counter[str]]
    documents: dict[str, tuple[dict, dict]]
    wrong: list[tuple]
    corrected: int


@pytest.fixture(scope="module")
def log(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("cut")
    for path in RECORDINGS:
        (folder / path.name).write_bytes(path.read_bytes()[:MOST_BYTES])
    cut = sorted(folder.iterdir())
    return recorded(tmp_path_factory.mktemp("log"), cut, said(MESSAGES))


@pytest.fixture(scope="module")
def alone(log: Path, tmp_path_factory) -> Outcome:
    """What one worker makes of the log."""
    with started(tmp_path_factory.mktemp("alone"), log, ALONE) as running:
        return outcome(running)


@contextmanager
def started(folder: Path, log: Path, workers: tuple[int, int]) -> Iterator[Cluster]:
    with cluster(folder, log) as running:
        for flow in FLOWS:
            running.start(flow, *workers)
        yield running


def outcome(running: Cluster) -> Outcome:
    """Once everything is stored, the silence afterwards is told, and everybody is lost."""
    last = running.stream_last()
    until(lambda: running.stored() == last or gone(running), SECONDS, "all of the log")
    (expected,) = running.ask(EXPECTED_COUNTS)
    until(lambda: running.ask(COUNTS) == [expected] or gone(running), SECONDS, f"{expected}")
    until(lambda: all_lost(running) or gone(running), SECONDS, "everybody is lost")
    assert not gone(running)
    lines = {
        name: Counter(row[0] for row in running.ask(f"SELECT t::VARCHAR FROM (FROM {name}) AS t"))
        for name in TABLES
    }
    ((corrected,),) = running.ask(CORRECTED)
    return Outcome(lines, running.documents(), running.ask(WRONG), corrected)


def gone(running: Cluster) -> bool:
    return not all(running.runs(flow) for flow in FLOWS)


def all_lost(running: Cluster) -> bool:
    states = [each["liveness"]["state"] for each, _ in running.documents().values()]
    return bool(states) and set(states) == {"lost"}


def expect_the_same(found: Outcome, alone: Outcome) -> None:
    """To the last bit, but for the order in which rows lie in their files."""
    for name, lines in alone.lines.items():
        assert len(lines) > 1000
        assert _odd(found.lines[name], lines) == []
        assert _odd(lines, found.lines[name]) == []
    assert found.documents == alone.documents


def _odd(these: Counter[str], those: Counter[str]) -> list[tuple[int, int, str]]:
    """Some lines that are here more often than there: how often, and the line."""
    return [(these[line], those[line], line) for line in list(these - those)[:3]]


def test_windows_are_what_sql_makes_of_the_rows(alone: Outcome) -> None:
    """Each figure of every window of every signal, and no window more."""
    assert alone.wrong == []
    assert len(alone.documents) == 6 + len(SENSORS)
    assert alone.corrected > 100


def test_two_processes_make_the_same(log: Path, alone: Outcome, tmp_path: Path) -> None:
    """Wherever each entity's state lies, and whoever writes; threads have their turn below."""
    with started(tmp_path, log, PAIR) as running:
        found = outcome(running)

    expect_the_same(found, alone)


def test_flows_that_are_killed_make_the_same(log: Path, alone: Outcome, tmp_path: Path) -> None:
    """SIGKILL at random moments, and on with another number of workers each time."""
    chance = random.Random(7)
    killed = 0
    with started(tmp_path, log, PAIR) as running:
        last = running.stream_last()
        until(running.stored, SECONDS, "something of the log")
        while killed < KILLS and running.stored() < last:
            running.wait_for_more(last, SECONDS)
            # Half of the time at once: what is in the lake is not yet in the recovery store.
            time.sleep(chance.choice((0.0, chance.uniform(0, 1))))
            for flow in FLOWS:
                running.kill(flow)
            killed += 1
            workers = chance.choice((ALONE, PAIR, THREADS))
            for flow in FLOWS:
                running.start(flow, *workers)
        found = outcome(running)

    assert killed >= KILLS // 2
    expect_the_same(found, alone)
