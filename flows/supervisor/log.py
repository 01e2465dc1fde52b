"""What a part says, kept in a file of its own: for its owner only, and of bounded size."""

import os
from pathlib import Path

MOST_BYTES = 4 * 1024 * 1024


class PartLog:
    """One file, and one older beside it: at ``most_bytes`` the newer becomes the older."""

    def __init__(self, file: Path, most_bytes: int = MOST_BYTES) -> None:
        """Open the file, to be gone on with.

        Raises:
            OSError: it cannot be made.
        """
        self._file = file
        self._most_bytes = most_bytes
        self._opened = _open(file)

    def write(self, line: bytes) -> None:
        """Add a line.

        Raises:
            OSError: the disk is full, for instance.
        """
        if os.fstat(self._opened).st_size + len(line) >= self._most_bytes:
            os.close(self._opened)
            self._file.replace(self._file.with_suffix(".log.1"))
            self._opened = _open(self._file)
        os.write(self._opened, line + b"\n")

    def close(self) -> None:
        os.close(self._opened)


def _open(file: Path) -> int:
    return os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
