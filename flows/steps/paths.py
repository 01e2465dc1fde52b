"""Paths of a device's own JSON, in one spelling.

Names are written in lower case with ``_`` between words, of ``a`` to ``z``, digits, ``_``
and ``-``: ``batteryLevel`` and ``Battery Level`` are ``battery_level``, and ``é`` is ``e``.
A letter of another alphabet is ``u`` and its number. A dot in a name divides a path.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

MOST_LEVELS = 8
MOST_LETTERS = 48  # Of one part of a path.
# So many names of one message are spelled, whether anything stands under them or not.
MOST_MEMBERS = 4096
MOST_SPELLED = 4 * MOST_LETTERS  # Of a name before it is spelled.
# Devices say the same names again and again: each path is made once.
MOST_KNOWN = 8192
SHOWN = 64

# What only wraps what a device says is no part of a path.
WRAPPERS = frozenset(
    (
        "data", "signals", "telemetry", "payload", "values", "fields", "measurements", "readings",
        "body", "properties", "decoded_payload",
    )
)  # fmt: skip

_OURS = re.compile(r"[a-z0-9-]+(?:_[a-z0-9-]+)*")
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_DOT = re.compile(r"\.(?!\d)|(?<!\d)\.")  # The one of ``PM2.5`` divides nothing.
_FOREIGN = re.compile(r"[^a-z0-9-]+")


class Below(NamedTuple):
    """A path, or why it can be none; and whether its last name is a wrapper's."""

    path: str
    reason: str = ""
    wrapper: bool = False


@lru_cache(MOST_KNOWN)
def spelled(name: str) -> tuple[str, ...]:
    """The parts of a path that a name stands for, in our spelling."""
    return tuple(_part(part) for part in _DOT.split(name))


@lru_cache(MOST_KNOWN)
def below(path: str, name: str) -> Below:
    """What a name below a path stands for."""
    parts = spelled(name)
    whole = ".".join((path, *parts)) if path else ".".join(parts)
    if whole.count(".") >= MOST_LEVELS:
        return Below("", f"{whole[:SHOWN]} has more than {MOST_LEVELS} levels")
    if any(len(part) > MOST_LETTERS for part in parts):
        return Below("", f"{whole[:SHOWN]} has a name of more than {MOST_LETTERS} letters")
    return Below(whole, wrapper=len(parts) == 1 and parts[0] in WRAPPERS)


def _part(text: str) -> str:
    if _OURS.fullmatch(text):
        return text
    text = _WORDS.sub("_", text)
    if not text.isascii():
        letters = (
            each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each)
        )
        text = "".join(_letter(each) for each in letters)
    return _FOREIGN.sub("_", text.lower()).strip("_") or "_"


def _letter(letter: str) -> str:
    if letter.isascii():
        return letter
    return f"u{ord(letter):x}" if letter.isalnum() else "_"
