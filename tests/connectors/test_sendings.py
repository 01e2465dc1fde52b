"""What is sent is on record before, and for a day."""

import os
import signal
import sqlite3
import subprocess
import sys

import pytest

from connectors import sendings
from connectors.sendings import KEPT_US, Sendings, sent_once
from connectors.sqlite import DatabaseUnusable


def test_what_is_on_record_is_known_by_who_opens_it_next(tmp_path):
    """Those to be sent once alone; its owner's file."""
    file = tmp_path / "sendings.db"
    assert sent_once(file) == frozenset()
    record = Sendings(file)
    assert record.record([("a", True), ("b", False), ("a", True)]) == [False, False, True]
    record.close()

    assert sent_once(file) == {"a"}
    again = Sendings(file)
    assert again.record([("a", True), ("c", True)]) == [True, False]
    again.close()
    assert {each.stat().st_mode & 0o777 for each in tmp_path.iterdir()} == {0o600}


def test_what_is_older_than_a_day_is_forgotten(tmp_path, monkeypatch):
    """Nothing is sent so long after it was asked for."""
    file = tmp_path / "sendings.db"
    record = Sendings(file)
    record.record([("new", True)])
    with sqlite3.connect(file) as other:
        old = f"UPDATE sendings SET at_us = at_us - {KEPT_US} - 1"
        other.execute(old)
    other.close()
    monkeypatch.setattr(sendings, "FORGET_EVERY", 2)
    record.record([("x", True), ("y", True)])
    record.close()

    assert sent_once(file) == {"x", "y"}


def test_what_cannot_be_recorded_is_an_error(tmp_path):
    """Which stops whoever would send it."""
    record = Sendings(tmp_path / "sendings.db")
    record.close()
    with pytest.raises(DatabaseUnusable, match="could not be written"):
        record.record([("a", True)])


def test_what_is_on_record_survives_who_wrote_it(tmp_path):
    """A process that is killed as soon as it has said so."""
    file = tmp_path / "sendings.db"
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from connectors.sendings import Sendings\n"
        f"Sendings(Path({str(file)!r})).record([('a', True)])\n"
        "print('recorded', flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"recorded\n"
        os.kill(process.pid, signal.SIGKILL)

    assert sent_once(file) == {"a"}
