"""Where the next page of a list begins: after what stood last on this one, whatever comes between.

To whoever asks it is a text without meaning.
"""

import base64
import binascii

import msgspec

from web.problems import Problem
from web.query import wrong

NAME = "cursor"


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """What stood last: by what the list was sorted, its value of that, and what it is called."""

    order: str
    value: str | int
    key: str | int

    def text(self) -> str:
        return base64.urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")


def read_cursor(text: str, order: str) -> Cursor:
    """A cursor that a list sorted so has given.

    Raises:
        Problem: 422, it is none, or one of a list that was sorted otherwise.
    """
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        found = msgspec.json.decode(base64.b64decode(padded, b"-_", validate=True), type=Cursor)
    except (msgspec.MsgspecError, binascii.Error, UnicodeError, RecursionError):
        raise _unknown(text) from None
    if found.order != order:
        raise _unknown(text)
    return found


def _unknown(text: str) -> Problem:
    return wrong(NAME, "expected what the list of this order has given", text)
