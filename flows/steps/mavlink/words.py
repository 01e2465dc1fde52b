"""One field to one signal by more than arithmetic. Any value may come; None is no signal."""

from collections.abc import Callable

from flows.ontology.signals import Value
from flows.steps.mavlink.message import LARGEST

Read = Callable[[object], Value | None]

MOST_LETTERS = 256
# FIRMWARE_VERSION_TYPE: from this number on, a release is called so.
_RELEASES = ((255, "official"), (192, "rc"), (128, "beta"), (64, "alpha"), (0, "dev"))


def text(value: object) -> str | None:
    """A text that says something."""
    said = value.strip() if isinstance(value, str) else ""
    return said[:MOST_LETTERS] or None


def letters(value: object) -> str | None:
    """A text that is sent as the numbers of its bytes, up to the first zero."""
    if not isinstance(value, list) or not all(type(each) is int for each in value):
        return None
    sent = value[: value.index(0)] if 0 in value else value
    if not all(0 < each < 256 for each in sent):
        return None
    return text(bytes(sent).decode(errors="replace"))


def hexadecimal(value: object) -> str | None:
    """Bytes as digits; nothing where all are zero."""
    if not isinstance(value, list) or not all(type(each) is int for each in value):
        return None
    if not any(value) or not all(0 <= each < 256 for each in value):
        return None
    return bytes(value).hex()[:MOST_LETTERS]


def digits(value: object) -> str | None:
    """A number that is a name: all of its digits, of which a JSON number may lose some."""
    return str(value) if type(value) is int and 0 < value < LARGEST else None


def firmware(value: object) -> str | None:
    """``4.5.7-official``: a byte each for major, minor, patch and kind of release."""
    if type(value) is not int or not 0 < value < 2**32:
        return None
    major, minor, patch, kind = value.to_bytes(4, "big")
    release = next(name for least, name in _RELEASES if kind >= least)
    return f"{major}.{minor}.{patch}-{release}"


def camera_firmware(value: object) -> str | None:
    """``1.2.3.4``: major in the lowest byte, then minor, patch, and dev in the highest."""
    if type(value) is not int or not 0 < value < 2**32:
        return None
    return ".".join(str(each) for each in value.to_bytes(4, "little"))


def at_least(least: float) -> Read:
    """A number below which the sender does not know."""

    def read(value: object) -> float | None:
        if type(value) is not int and type(value) is not float:
            return None
        return value if least <= value < LARGEST else None

    return read


def instead(unknown: int, known: int, absent: int = -1) -> Read:
    """A whole number, of which one stands for another, and one for nothing."""

    def read(value: object) -> int | None:
        if type(value) is not int or value == absent or not -LARGEST < value < LARGEST:
            return None
        return known if value == unknown else value

    return read


def octal(value: object) -> str | None:
    """A squawk: four digits, each below eight, that are sent as a decimal number."""
    if type(value) is not int or not 0 <= value <= 7777:
        return None
    code = f"{value:04d}"
    return None if set(code) & set("89") else code
