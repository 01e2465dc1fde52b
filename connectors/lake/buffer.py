"""Rows that wait for their epoch to end, in bounded memory.

Loose rows are packed into frames when they are many, and frames go to unnamed files
when they are large. Nothing shows in the lake before the epoch ends: within an epoch
rows may come in any order, and only its end says that no row of a sequence is missing.
Frames that are taken before are kept, since what was begun with them can fail.
"""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, NamedTuple

import polars as pl

from connectors.lake.attach import LakeError
from connectors.lake.frames import Rows, pack
from connectors.tables import Table

# In bytes as far as they can be told cheaply. Packed, sparse rows take a fifth.
MOST_LOOSE = 16_000_000
MOST_PACKED = 96_000_000
ROW, CELL = 60, 30


class Batch(NamedTuple):
    """Frames that belong together: those of one table and stream."""

    table: str
    stream: str
    guarded: bool


# Rows whose frames have the same columns.
_Shape = tuple[Batch, tuple[str, ...], tuple[str, ...], tuple[tuple[str, str], ...]]
_Frames = dict[Batch, list[pl.DataFrame]]


class Buffer:
    """Rows by where they belong.

    Args:
        tables: by name.
        folder: where unnamed files go.
        most_loose, most_packed: bytes that stay in memory.
    """

    def __init__(
        self,
        tables: Mapping[str, Table],
        folder: Path,
        most_loose: int = MOST_LOOSE,
        most_packed: int = MOST_PACKED,
    ) -> None:
        self._tables = tables
        self._folder = folder
        self._most_loose, self._most_packed = most_loose, most_packed
        self._texts = {
            name: {column.name for column in table.columns if column.type in ("VARCHAR", "JSON")}
            for name, table in tables.items()
        }
        self._loose: dict[_Shape, list[Rows]] = {}
        self._loose_bytes = 0
        self._packed: _Frames = {}
        self._packed_bytes = 0
        self._taken: _Frames = {}
        self._taken_bytes = 0
        self._files: list[tuple[Batch, IO[bytes], bool]] = []

    def clear(self) -> None:
        """Forget all rows."""
        for _, file, _ in self._files:
            file.close()
        self._files = []
        self._loose, self._loose_bytes = {}, 0
        self._packed, self._packed_bytes = {}, 0
        self._taken, self._taken_bytes = {}, 0

    @property
    def empty(self) -> bool:
        return not (self._loose or self._packed or self._taken or self._files)

    def add(self, rows: Rows) -> None:
        """Take rows in.

        Raises:
            LakeError: there is no such table or column, a cell has a wrong type, or the disk
                is full.
        """
        if rows.table not in self._tables:
            raise LakeError(f"There is no table {rows.table} to write to.")
        if not rows.rows:
            return
        batch = Batch(rows.table, rows.stream, rows.guarded)
        shape = batch, rows.columns, tuple(rows.same), tuple(rows.copies.items())
        self._loose.setdefault(shape, []).append(rows)
        self._loose_bytes += self._weigh(rows)
        if self._loose_bytes > self._most_loose:
            self._pack()
        if self._taken_bytes + self._packed_bytes > self._most_packed:
            self._spill()

    def take(self, rows: int) -> list[tuple[Batch, list[pl.DataFrame]]]:
        """What is packed and has not been taken, where it comes to so many rows."""
        many = [
            batch
            for batch, frames in self._packed.items()
            if sum([frame.height for frame in frames]) >= rows
        ]
        taken = [(batch, self._packed.pop(batch)) for batch in many]
        for batch, frames in taken:
            self._taken.setdefault(batch, []).extend(frames)
            size = _size(frames)
            self._taken_bytes += size
            self._packed_bytes -= size
        return taken

    def batches(self, *, rest: bool = False) -> Iterator[tuple[Batch, list[pl.DataFrame]]]:
        """Everything since ``clear``, or the rest that is not taken; as often as asked for."""
        self._pack()
        for batch, file, taken in self._files:
            if not (rest and taken):
                file.seek(0)
                yield batch, [pl.read_ipc(file)]
        if not rest:
            yield from self._taken.items()
        yield from self._packed.items()

    def _weigh(self, rows: Rows) -> int:
        texts = self._texts[rows.table]
        letters = 0
        for place, name in enumerate(rows.columns):
            if name in texts:
                # A list and no generator: every cell of every row goes through here.
                letters += sum([len(cell) for row in rows.rows if type(cell := row[place]) is str])
        return letters + len(rows.rows) * (ROW + CELL * (len(rows.columns) + len(rows.same)))

    def _pack(self) -> None:
        for (batch, _, _, _), loose in self._loose.items():
            frame = pack(self._tables[batch.table], loose)
            self._packed.setdefault(batch, []).append(frame)
            self._packed_bytes += _size([frame])
        self._loose, self._loose_bytes = {}, 0

    def _spill(self) -> None:
        """Frames to files, at first those that will be asked for only if something fails."""
        self._write(self._taken, taken=True)
        self._taken, self._taken_bytes = {}, 0
        if self._packed_bytes > self._most_packed:
            self._write(self._packed, taken=False)
            self._packed, self._packed_bytes = {}, 0

    def _write(self, frames: _Frames, *, taken: bool) -> None:
        try:
            for batch, some in frames.items():
                # Without a name, it is gone with this process, however that ends.
                file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115
                self._files.append((batch, file, taken))
                pl.concat(some, how="diagonal").write_ipc(file, compression="lz4")
        except (OSError, pl.exceptions.PolarsError) as error:
            raise LakeError(f"The lake at {self._folder} could not be written: {error}") from error


def _size(frames: list[pl.DataFrame]) -> int:
    return sum([int(frame.estimated_size()) for frame in frames])
