"""The secret key of MAVLink's signatures, from a file that nobody else can read."""

import os
import stat
from pathlib import Path

KEY_BYTES = 32
OTHERS = stat.S_IRWXG | stat.S_IRWXO
_LONGEST = 4 * KEY_BYTES


class KeyUnusable(ValueError):
    """The file holds no key, or others can read it. The message says what to do, and no secret."""


def read_key(file: Path) -> bytes:
    """The key in a file: its 32 bytes, or 64 hexadecimal digits.

    Raises:
        KeyUnusable: it cannot be read, others can read it, or it is no key.
    """
    named = f"{file} (MAVLINK_SIGNING_KEY_FILE)"
    try:
        with file.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            data = opened.read(_LONGEST)
    except OSError as error:
        raise KeyUnusable(f"{named} cannot be read: {error.strerror}.") from error
    if mode & OTHERS:
        raise KeyUnusable(
            f"{named} can be read by others: its mode is {stat.S_IMODE(mode):04o}. "
            f"Make it its owner's alone: chmod 600 {file}."
        )
    key = data if len(data) == KEY_BYTES else _from_hex(data)
    if len(key) != KEY_BYTES:
        raise KeyUnusable(f"{named} holds no key: it must be 32 bytes, or 64 hexadecimal digits.")
    return key


def _from_hex(data: bytes) -> bytes:
    try:
        return bytes.fromhex(data.decode("ascii").strip())
    except ValueError:  # What else it is may be a secret.
        return b""
