"""Bytes of an ADS-B receiver as messages, whether it speaks Beast, AVR or SBS.

A Beast frame begins with an escape byte, everything else is a line: so it is found out
anew for each what it is, and a reader that comes in the middle finds its way. In a
Beast frame each escape byte of its body stands twice.
"""

import re
from collections import OrderedDict

import msgspec

from connectors.receivers import mode_s, sbs
from connectors.receivers.heard import UNWANTED, Said, Told, Unread
from connectors.receivers.lines import LONGEST_LINE

ESCAPE = 0x1A
CLOCK_BYTES = 6
HEAD_BYTES = CLOCK_BYTES + 1  # And one of the signal's strength.
# In place of a clock: the frame was made up from what several receivers have heard.
NO_CLOCK = (b"\xff\x00MLAT", bytes(CLOCK_BYTES))
# By what follows the escape byte: Mode A/C, Mode S short and long, the receiver's state; and
# the number of a receiver, which has no head.
BODIES = {
    0x31: HEAD_BYTES + 2,
    0x32: HEAD_BYTES + mode_s.SHORT_BYTES,
    0x33: HEAD_BYTES + mode_s.LONG_BYTES,
    0x34: HEAD_BYTES + 14,
    0xE3: 8,
}
MODE_S = (0x32, 0x33)
# A frame after the time at which it was heard, as logs of research projects have it.
_DATED = re.compile(rb'"?(\d{9,10}(?:\.\d{1,9})?)"?[,;]"?((?:[0-9A-Fa-f]{14}){1,2})\b')
_LINE_ENDS = re.compile(rb"[\r\n\x1a]")
# What stands before the frame in a line of AVR, by its first sign: clock, strength.
_BEFORE = {b"*": 0, b":": 0, b"@": 12, b"%": 12, b"<": 14}

# For how long an address counts that was heard unharmed, and how many do.
KNOWN_US = 60_000_000
MOST_KNOWN = 4096

NOT_BEAST = "bytes that are no Beast frame"
NOT_A_LINE = "neither a row of SBS nor a frame of AVR"
OVERLONG = "a line without end"
FORM = "a form other than the receiver's"


class AdsbReader:
    """Reads one peer's bytes.

    Args:
        form: ``beast``, ``avr`` or ``sbs`` if nothing else is to be read; empty for all.
    """

    def __init__(self, form: str = "") -> None:
        self._form = form
        self._known: OrderedDict[int, int] = OrderedDict()
        self._heard_us = 0
        self._tail = b""
        self._overlong = False

    def feed(self, data: bytes, heard_us: int, *, whole: bool) -> list[Told]:
        self._heard_us = heard_us
        data = self._tail + data
        told: list[Told] = []
        at, size = 0, len(data)
        while at < size:
            if data[at] == ESCAPE:
                self._overlong = False
                end = self._frame(data, at, told)
            else:
                end = self._line(data, at, told, whole=whole)
            if end is None:
                break  # It may go on in the next bytes.
            at = end
        self._tail = b"" if whole else data[at:]
        if whole and at < size:
            told.append(Unread(NOT_BEAST, data[at:]))
        return told

    def _frame(self, data: bytes, at: int, told: list[Told]) -> int | None:
        """Read the Beast frame at ``at``; where it ends, None if it has not ended."""
        if at + 1 >= len(data):
            return None
        kind = data[at + 1]
        length = BODIES.get(kind)
        if length is None:
            # The second byte is no start of anything, or the escape byte of the next frame.
            told.append(Unread(NOT_BEAST, data[at : at + 2]))
            return at + (1 if kind == ESCAPE and data[at + 2 : at + 3] != b"\x1a" else 2)
        body, end = unescaped(data, at + 2, length)
        if len(body) < length:
            if end < len(data) and data[end + 1 : end + 2]:
                told.append(Unread(NOT_BEAST, data[at:end]))
                return end
            return None
        if kind not in MODE_S:
            told.append(UNWANTED)
        elif self._form in ("", "beast"):
            told.append(_ticking(body[:CLOCK_BYTES], self._mode_s(body[HEAD_BYTES:])))
        else:
            told.append(Unread(FORM, data[at:end]))
        return end

    def _line(self, data: bytes, at: int, told: list[Told], *, whole: bool) -> int | None:
        """Read the line at ``at``; where it ends, None if it has not ended."""
        found = _LINE_ENDS.search(data, at)
        end = found.start() if found else len(data)
        if found is None and not whole and end - at <= LONGEST_LINE:
            return None
        line = data[at:end]
        if self._overlong or len(line) > LONGEST_LINE:
            if not self._overlong:
                told.append(Unread(OVERLONG, line))
            self._overlong = found is None and not whole
        else:
            told.extend(self._told(line.strip()))
        return end + 1 if found and data[end] != ESCAPE else end

    def _told(self, line: bytes) -> list[Told]:
        if not line or line.startswith(b"#"):
            return []
        if line[:1] in _BEFORE:
            if self._form not in ("", "avr"):
                return [Unread(FORM, line)]
            return [self._avr(each.strip()) for each in line.split(b";") if each.strip()]
        dated = _DATED.match(line)
        if dated:
            return [_at(float(dated[1]), self._mode_s(bytes.fromhex(dated[2].decode())))]
        if sbs.is_sbs(line):
            return [sbs.read(line) if self._form in ("", "sbs") else Unread(FORM, line)]
        return [Unread(NOT_A_LINE, line)]

    def _avr(self, text: bytes) -> Told:
        digits = text[1 + _BEFORE.get(text[:1], 0) :]
        if text[:1] not in _BEFORE or len(digits) not in (14, 28) or not digits.isalnum():
            # Mode A/C are four digits.
            return UNWANTED if len(digits) == 4 else Unread(NOT_A_LINE, text)
        try:
            frame = bytes.fromhex(digits.decode())
        except ValueError:
            return Unread(NOT_A_LINE, text)
        return self._mode_s(frame)

    def _mode_s(self, frame: bytes) -> Told:
        """What a frame says, if the address that it seems to have is known by other frames.

        Any bytes are a reply of somebody, and some noise is an answer to some radar.
        """
        told = mode_s.read(frame)
        if not isinstance(told, Said):
            return told
        if mode_s.vouches(frame):
            self._known[told.number] = self._heard_us
            self._known.move_to_end(told.number)
            if len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
            return told
        known_us = self._known.get(told.number)
        return UNWANTED if known_us is None or self._heard_us - known_us > KNOWN_US else told


def unescaped(data: bytes, at: int, length: int) -> tuple[bytes, int]:
    """So many bytes with escape bytes taken once, and where they end.

    They are fewer if the data ends before, or another frame begins there.
    """
    end = at + length
    body = data[at:end]
    if ESCAPE not in body:
        return body, at + len(body)
    found = bytearray()
    end = at
    while len(found) < length and end < len(data):
        if data[end] == ESCAPE:
            if data[end + 1 : end + 2] != b"\x1a":
                break
            end += 1
        found.append(data[end])
        end += 1
    return bytes(found), end


def _ticking(clock: bytes, told: Told) -> Told:
    if isinstance(told, Said) and clock not in NO_CLOCK:
        return Said(told.number, told.fields, told.told_us, int.from_bytes(clock, "big"))
    return told


def _at(seconds: float, told: Told) -> Told:
    if isinstance(told, Said):
        return msgspec.structs.replace(told, told_us=round(seconds * 1_000_000))
    return told
