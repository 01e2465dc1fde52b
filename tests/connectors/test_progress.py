"""How far a playing has come is shown: as a bar to people, as lines to a file."""

import os
import pty
import subprocess
import sys

from connectors import progress
from connectors.progress import played

PLAY = """
from connectors.progress import played
show = played("[/b]flight.tlog (1 of 2)")
for done in range(0, 101, 10):
    show(done, 100, done * 3)
show(100, 100, 301)
"""


def test_a_file_gets_a_line_now_and_then_and_one_at_the_end(capsys, monkeypatch) -> None:
    """The end is told once, however often it is reached."""
    monkeypatch.setattr(progress, "LINE_SECONDS", 3600.0)
    show = played("flight.tlog")
    for done in (0, 50, 99, 100, 100):
        show(done, 100, done * 3)
    assert capsys.readouterr().err == "flight.tlog: 100 %, 300 packets\n"

    monkeypatch.setattr(progress, "LINE_SECONDS", 0.0)
    show = played("flight.tlog")
    for done in (0, 50, 100):
        show(done, 100, done * 3)
    assert capsys.readouterr().err.splitlines() == [
        "flight.tlog: 0 %, 0 packets",
        "flight.tlog: 50 %, 150 packets",
        "flight.tlog: 100 %, 300 packets",
    ]


def test_a_terminal_gets_a_bar() -> None:
    """Which is finished, leaves the terminal as it was, and takes a name for nothing else."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", PLAY],
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    ) as process:
        os.close(theirs)
        shown = b""
        try:
            while chunk := os.read(ours, 65_536):
                shown += chunk
        except OSError:  # That is how a terminal ends.
            pass
        os.close(ours)
    assert process.returncode == 0
    text = shown.decode()
    assert "[/b]flight.tlog (1 of 2)" in text
    assert "100%" in text
    assert "packets" in text
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 1  # The cursor is back.
