"""Figures of several processes are one page, and outlive the processes that counted."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from connectors import metrics
from connectors.metrics import COUNTERS, GAUGES, beats, empty, forget_gauges, render

COUNT = """
import sys
from connectors.metrics import beat, counter, gauge
counter("overwatch_messages_total", "relay", "S").inc(int(sys.argv[1]))
gauge("overwatch_lag_messages", "relay", "S").set(int(sys.argv[1]))
beat("relay")
print("counted", flush=True)
if sys.argv[2:] == ["stay"]:
    sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "metrics"
    empty(path)
    return path


def counting(folder: Path | None, part: str | None, *arguments: str) -> subprocess.Popen[str]:
    """A process that has counted."""
    variables = {name: text for name, text in os.environ.items() if name != metrics.PART}
    variables.pop(metrics.FOLDER, None)
    variables |= {metrics.FOLDER: str(folder)} if folder else {}
    variables |= {metrics.PART: part} if part else {}
    process = subprocess.Popen(
        [sys.executable, "-c", COUNT, *arguments],
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "counted\n"
    return process


def counted(folder: Path | None, part: str | None, number: int) -> None:
    with counting(folder, part, str(number)) as process:
        process.communicate(timeout=30)
    assert process.returncode == 0


def shown(folder: Path) -> dict[str, float]:
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(render(folder).decode())
        for sample in family.samples
        if sample.labels.get("flow") == "relay"
    }


def test_a_part_that_is_started_again_goes_on_counting(folder: Path) -> None:
    """In the same files, however often."""
    for number in (5, 7, 1):
        counted(folder, "relay", number)
        files = sorted(each.name for each in folder.iterdir())

    assert shown(folder)["overwatch_messages_total"] == 13
    assert len(files) == 2


def test_figures_of_all_parts_are_one_page(folder: Path) -> None:
    """Counters add up; of a gauge the newest counts."""
    counted(folder, "one", 5)
    counted(folder, "two", 7)

    assert shown(folder)["overwatch_messages_total"] == 12
    assert shown(folder)["overwatch_lag_messages"] == 7


def test_what_a_part_showed_last_ends_with_it(folder: Path) -> None:
    """What it has counted stays counted."""
    counted(folder, "relay", 5)
    forget_gauges(folder, "relay")

    assert shown(folder) == {"overwatch_messages_total": 5}
    assert beats(folder) == {}


def test_a_process_that_nobody_supervises_shows_gauges_while_it_runs(folder: Path) -> None:
    """Then they are gone."""
    with counting(folder, None, "5", "stay") as process:
        during = shown(folder)
        process.communicate(timeout=30)

    assert during["overwatch_lag_messages"] == 5
    assert "overwatch_lag_messages" not in shown(folder)
    assert shown(folder)["overwatch_messages_total"] == 5


def test_a_beat_tells_when_a_flow_last_ran(folder: Path) -> None:
    """By the clock on the wall."""
    before = time.time()
    counted(folder, "relay", 1)
    assert before <= beats(folder)["relay"] <= time.time()


def test_without_a_folder_no_file_is_made(tmp_path: Path, monkeypatch) -> None:
    """A script that counts leaves nothing behind."""
    monkeypatch.chdir(tmp_path)
    counted(None, None, 5)
    assert list(tmp_path.iterdir()) == []


def test_a_new_run_begins_at_nothing(folder: Path) -> None:
    """And its folder is its owner's alone."""
    counted(folder, "relay", 5)
    empty(folder)

    assert shown(folder) == {}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_every_figure_says_what_it_is() -> None:
    """With names as Prometheus wants them."""
    assert all(name.startswith("overwatch_") for name in {**COUNTERS, **GAUGES})
    assert all(name.endswith("_total") for name in COUNTERS)
    assert all(
        row.description.endswith(".") and row.labels for row in {**COUNTERS, **GAUGES}.values()
    )
