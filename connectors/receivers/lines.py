"""Bytes as lines, however they are cut into pieces, and however long they would be."""

import re

# An NMEA sentence has 82 characters, a tag block before it 80, a row of SBS some 150.
LONGEST_LINE = 1024
_ENDS = re.compile(rb"[\r\n]+")


class Lines:
    """Cuts one peer's bytes into lines, keeping an unfinished one for the next bytes."""

    def __init__(self) -> None:
        self._tail = b""
        self._overlong = False

    def feed(self, data: bytes, *, whole: bool) -> tuple[list[bytes], list[bytes]]:
        """The lines that these bytes complete, and the beginnings of those that are too long.

        Args:
            data: the next bytes.
            whole: whether the last line ends with them.
        """
        *lines, tail = _ENDS.split(self._tail + data)
        if self._overlong and lines:  # It has been told of already.
            lines, self._overlong = lines[1:], False
        elif self._overlong:
            tail = b""
        if whole:
            lines.append(tail)
            tail, self._overlong = b"", False
        overlong = [line for line in lines if len(line) > LONGEST_LINE]
        if len(tail) > LONGEST_LINE:
            overlong.append(tail)
            tail, self._overlong = b"", True
        self._tail = tail
        return [line for line in lines if 0 < len(line) <= LONGEST_LINE], overlong
