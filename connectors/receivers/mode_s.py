"""Mode S frames as messages of aircraft: checksums here, bits read by rs1090.

The address in replies to radars (formats 0, 4, 5, 16, 20 and 21) is folded into their
checksum, so that any bytes give one: whoever takes them has to know the aircraft.
"""

from typing import Any, cast

import rs1090

from connectors.receivers.heard import UNWANTED, Said, Told, Unread

SHORT_BYTES, LONG_BYTES = 7, 14
ALL_CALL, SQUITTER, NOT_A_TRANSPONDER = 11, 17, 18
REPLIES = frozenset((0, 4, 5, 16, 20, 21))
POLYNOMIAL = 0xFFF409
# An answer to a radar's all-call has that radar's number, seven bits, over its checksum.
RADAR = 0x7F

LENGTH = "a Mode S frame of a wrong length"
CHECKSUM = "a checksum is wrong"


def _remainder_of(byte: int) -> int:
    value = byte << 16
    for _ in range(8):
        value = value << 1 ^ (POLYNOMIAL if value & 0x800000 else 0)
    return value & 0xFFFFFF


_REMAINDERS = tuple(_remainder_of(byte) for byte in range(256))


def remainder(frame: bytes) -> int:
    """What is left of a frame by the polynomial of Mode S: 0 if it came unharmed."""
    left = 0
    for byte in frame[:-3]:
        left = (left << 8 & 0xFFFFFF) ^ _REMAINDERS[left >> 16 ^ byte]
    return left ^ int.from_bytes(frame[-3:], "big")


def read(frame: bytes) -> Told:
    """What a frame says, in feet, knots and feet a minute."""
    kind = frame[0] >> 3 if frame else 0
    if len(frame) != (LONG_BYTES if kind >= 16 else SHORT_BYTES):
        return Unread(LENGTH, frame)
    if kind in (ALL_CALL, SQUITTER, NOT_A_TRANSPONDER):
        left = remainder(frame)
        if left & ~RADAR if kind == ALL_CALL else left:
            return Unread(CHECKSUM, frame)
        # Who is no transponder may have an address that is nobody's, or tell of others.
        if kind == NOT_A_TRANSPONDER and frame[0] & 7:
            return UNWANTED
    elif kind not in REPLIES:
        return UNWANTED
    # The driver promises a message for every frame, and gives None for some.
    message = cast("dict[str, Any] | None", rs1090.decode(frame.hex()))
    address = int(message.pop("icao24"), 16) if message else 0
    if not message or not address:
        return UNWANTED
    fields = {name: value for name, value in message.items() if _is_plain(value)}
    if fields.get("bds") == "08":
        fields["category"] = _category(frame)
    return Said(address, {**fields, "df": kind})


def vouches(frame: bytes) -> bool:
    """Whether a frame that was read has its address in the open, under a whole checksum."""
    return frame[0] >> 3 in (ALL_CALL, SQUITTER, NOT_A_TRANSPONDER) and not remainder(frame)


def _category(frame: bytes) -> str:
    """The emitter category as it is written: ``A3``."""
    return f"{'DCBA'[(frame[4] >> 3) - 1]}{frame[4] & 7}"


def _is_plain(value: object) -> bool:
    return isinstance(value, bool | int | float | str)
