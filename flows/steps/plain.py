"""Numbers that came as texts: what programs write that have no types, or fear for digits."""

import re
from collections.abc import Mapping
from typing import Any

from flows.ontology.enumerations import number_named

MOST_DIGITS = 40
_DECIMAL = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
_HEXADECIMAL = re.compile(r"0[xX][0-9a-fA-F]{1,16}")
# A number without leading zeros or a sign before it, so that it is no part number.
_PLAIN = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d{1,4})?", re.ASCII)
# Words that stand for no number; programs write them where they have none.
ABSENT = frozenset(
    (
        "", "nan", "+nan", "-nan", "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity",
        "null", "none", "nil", "undefined", "n/a", "na",
    )
)  # fmt: skip
# Fields that MAVLink has for texts, in whatever message: those are never read as numbers.
TEXTS = frozenset(
    (
        "ar_c", "band_str", "busname", "c", "c1", "c2", "callsign", "cam_definition_uri",
        "custom_name", "description", "device_name", "error", "file_url", "flight_id", "key",
        "login", "manufacture_date", "mode_name", "mode_str", "model_name", "name", "operator_id",
        "param_id", "param_value", "passkey", "password", "registration", "s", "serial_number",
        "ssid", "text", "tune", "tune2", "uri", "value", "vendor_name",
    )
)  # fmt: skip


def number(text: str) -> float | int | None:
    """The finite number that a text writes; None for any other text."""
    text = text.strip()
    if len(text) > MOST_DIGITS:
        return None
    if _DECIMAL.fullmatch(text):
        return _finite(text)
    return int(text, 16) if _HEXADECIMAL.fullmatch(text) else None


def plain_number(text: str) -> float | int | None:
    """The same, but only of texts that could be nothing else: ``0012`` may be a name."""
    if len(text) > MOST_DIGITS or not _PLAIN.fullmatch(text):
        return None
    return _finite(text)


def is_absent(text: str) -> bool:
    """Whether a text says that there is no value."""
    return len(text) <= MOST_DIGITS and text.strip().lower() in ABSENT


def numbered(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a message of MAVLink, with numbers where texts stand for numbers."""
    return {
        field: _numbered(value) if isinstance(value, str) and field not in TEXTS else value
        for field, value in data.items()
    }


def _numbered(text: str) -> object:
    found = number(text)
    if found is None:
        found = number_named(text) if len(text) <= MOST_NAMES else None
    return text if found is None else found


# The longest mask has 32 names.
MOST_NAMES = 2048


def _finite(text: str) -> float | int | None:
    if text.lstrip("+-").isdecimal():
        return int(text)
    value = float(text)
    return value if abs(value) != float("inf") else None
