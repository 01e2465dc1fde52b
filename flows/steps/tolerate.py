"""JSON as programs write it that do not write JSON: with ``NaN``, ``Infinity`` or a mark first.

Numbers that no float can be are absent, as those are.
"""

import json
from typing import Any

import msgspec


class Unreadable(ValueError):
    """It is no JSON object, not even so."""


def read(data: bytes) -> dict[str, Any]:
    """The object that the bytes are.

    Raises:
        Unreadable: they are none. The message says why.
    """
    try:
        found = msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        found = _again(data, error)
    if not isinstance(found, dict):
        raise Unreadable("no JSON object")
    return found


def _again(data: bytes, first: Exception) -> object:
    try:
        found = json.loads(data, parse_constant=_absent, parse_float=_finite)
        # Python reads halves of letters that nobody could write down again.
        msgspec.json.encode(found)
    except (ValueError, RecursionError, OverflowError):
        raise Unreadable(str(first)) from None
    return found


def _absent(_: str) -> None:
    return None


def _finite(text: str) -> float | None:
    value = float(text)
    return value if abs(value) != float("inf") else None
