"""What a part's lines mean: how serious each is, and in one sentence why the part ended.

Parts write as their programs do: structlog ``[warning  ]``, granian ``[WARNING]``,
nats-server ``[WRN]``, and Python and Bytewax tracebacks of many lines.
"""

import logging
import re
import signal
from typing import NamedTuple

LEVELS = {
    "trc": logging.DEBUG,
    "dbg": logging.DEBUG,
    "debug": logging.DEBUG,
    "inf": logging.INFO,
    "info": logging.INFO,
    "wrn": logging.WARNING,
    "warning": logging.WARNING,
    "err": logging.ERROR,
    "error": logging.ERROR,
    "ftl": logging.CRITICAL,
    "critical": logging.CRITICAL,
}
# The level comes first, or after a time and a process number.
_LEVEL = re.compile(
    r"^[\d\s\[\]:./TZ+-]{0,48}\[(" + "|".join(LEVELS) + r")\s*\]\s*(.*)$", re.IGNORECASE
)
_TRACEBACK = re.compile(r"^(Traceback \(most recent call last\):|thread '.*' panicked at )")
_RAISED = re.compile(r"^((?:[A-Za-z_]\w*\.)*[A-Z]\w*)(?:: (.+))?$")
# Exceptions of our own are sentences already.
_OURS = ("connectors.", "flows.", "web.")
# Bytewax wraps what went wrong in an error of its own, which says less.
_WRAPPER = "bytewax."
LONGEST_SENTENCE = 500


class Line(NamedTuple):
    """A line, told apart. ``level`` is None where it has none, as in a traceback."""

    level: int | None
    text: str


def read(line: str) -> Line:
    """Tell a line's level from its text."""
    found = _LEVEL.match(line)
    if found is None:
        return Line(None, line.strip())
    return Line(LEVELS[found[1].lower()], " ".join(found[2].split()))


class Said:
    """Listens to one life of a part, to say afterwards why it ended."""

    def __init__(self) -> None:
        self.interrupted = False
        self._traced = False
        self._raised = self._error = self._last = ""

    def hear(self, line: str) -> Line:
        """Take in one more line."""
        said = read(line)
        if _TRACEBACK.match(line):
            self._traced = True
        elif self._traced and (raised := _RAISED.match(line)):
            if not raised[1].startswith(_WRAPPER):
                self._raised = _sentence(raised[1], raised[2] or "")
                self.interrupted = raised[1] == "KeyboardInterrupt"
        elif said.level is not None and said.level >= logging.ERROR:
            self._error = said.text
        if said.text:
            self._last = said.text
        return said

    @property
    def sentence(self) -> str:
        """What went wrong, as well as the part has said it; empty if it said nothing."""
        return (self._raised or self._error or self._last)[:LONGEST_SENTENCE]


def reason(code: int, sentence: str) -> str:
    """Why a part ended, by its exit code and what it has said."""
    if code < 0:
        return f"It was ended by {signal.Signals(-code).name}."
    if code == 0:
        return "It ended by itself, without an error."
    if not sentence:
        return f"It ended with exit code {code}, and has said nothing."
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."


def _sentence(name: str, message: str) -> str:
    if message and name.startswith(_OURS):
        return message
    return f"{name}: {message}" if message else name
