"""Lines as the parts write them: how serious they are, and why a part ended."""

import logging

import pytest

from flows.supervisor.said import LONGEST_SENTENCE, Said, read

LINES = {
    "2026-01-02 03:04:05 [info     ] listening    flow=relay": (
        logging.INFO,
        "listening flow=relay",
    ),
    "2026-01-02 03:04:05 [warning  ] nats_disconnected   part=web": (
        logging.WARNING,
        "nats_disconnected part=web",
    ),
    "[4711] 2026/01/02 03:04:05.123456 [INF] Server is ready": (logging.INFO, "Server is ready"),
    "[4711] 2026/01/02 03:04:05.123456 [WRN] Slow": (logging.WARNING, "Slow"),
    "[4711] 2026/01/02 03:04:05.123456 [FTL] No": (logging.CRITICAL, "No"),
    "[INFO] Listening at: http://127.0.0.1:1": (logging.INFO, "Listening at: http://127.0.0.1:1"),
    "[ERROR] Worker gone": (logging.ERROR, "Worker gone"),
    "source closed": (None, "source closed"),
    "a long line of words that mentions an [error] late in its course": (
        None,
        "a long line of words that mentions an [error] late in its course",
    ),
    "": (None, ""),
}

BYTEWAX = """\
thread '<unnamed>' panicked at src/inputs.rs:446:37:
Box<dyn Any>
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
source closed

Traceback (most recent call last):
  File "flow.py", line 7, in next_batch
    try: 1/0
ZeroDivisionError: division by zero

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "session.py", line 8, in connect
connectors.session.NatsUnreachable: NATS cannot be used: no. Is the server running?

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "run.py", line 355, in <module>
    cli_main(**kwargs)
bytewax.errors.BytewaxRuntimeError: (src/inputs.rs:453:50): error calling `next_batch`"""

ENDINGS = {
    BYTEWAX: "NATS cannot be used: no. Is the server running?",
    "Traceback (most recent call last):\n  File\nKeyError: 'x'": "KeyError: 'x'",
    "Traceback (most recent call last):\n  File\nKeyboardInterrupt": "KeyboardInterrupt",
    "Usage: python -m x\n\nError: There is no lake.": "Error: There is no lake.",
    "[1] 2026/01/02 03:04:05 [FTL] cannot store\n[1] 2026/01/02 03:04:05 [INF] bye": "cannot store",
    "Value: is no exception outside a traceback": "Value: is no exception outside a traceback",
    "": "",
}


@pytest.mark.parametrize("line", LINES)
def test_a_line_is_told_apart_from_its_level(line):
    """Whichever program wrote it."""
    assert tuple(read(line)) == LINES[line]


@pytest.mark.parametrize("text", ENDINGS)
def test_one_sentence_says_why_it_ended(text):
    """The exception that says most, else the last error, else the last line."""
    said = Said()
    for line in text.split("\n"):
        said.hear(line)
    assert said.sentence == ENDINGS[text]


def test_a_sentence_has_bounds():
    """An error may hold a whole message."""
    said = Said()
    said.hear("x" * 100_000)
    assert len(said.sentence) == LONGEST_SENTENCE
