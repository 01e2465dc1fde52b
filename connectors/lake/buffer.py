"""Rows that wait for their epoch to end, in bounded memory.

Loose rows are packed into frames when they are many, and frames go to unnamed files
when they are large. Nothing reaches the lake before the epoch ends: within an epoch
rows may come in any order, and only its end says that no row of a sequence is missing.
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
MOST_PACKED = 48_000_000
ROW, CELL = 60, 30


class Batch(NamedTuple):
    """Frames that belong together: those of one table and stream."""

    table: str
    stream: str
    guarded: bool


# Rows whose frames have the same columns.
_Shape = tuple[Batch, tuple[str, ...], tuple[str, ...]]


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
        self._packed: dict[Batch, list[pl.DataFrame]] = {}
        self._packed_bytes = 0
        self._files: list[tuple[Batch, IO[bytes]]] = []

    def clear(self) -> None:
        """Forget all rows."""
        for _, file in self._files:
            file.close()
        self._files = []
        self._loose, self._loose_bytes = {}, 0
        self._packed, self._packed_bytes = {}, 0

    @property
    def empty(self) -> bool:
        return not (self._loose or self._packed or self._files)

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
        self._loose.setdefault((batch, rows.columns, tuple(rows.same)), []).append(rows)
        self._loose_bytes += self._size(rows)
        if self._loose_bytes > self._most_loose:
            self._pack()
        if self._packed_bytes > self._most_packed:
            self._spill()

    def batches(self) -> Iterator[tuple[Batch, pl.DataFrame]]:
        """Everything taken in since ``clear``, in pieces; as often as it is asked for."""
        self._pack()
        for batch, file in self._files:
            file.seek(0)
            yield batch, pl.read_ipc(file)
        for batch, frames in self._packed.items():
            yield batch, pl.concat(frames, how="diagonal")

    def _size(self, rows: Rows) -> int:
        texts = self._texts[rows.table]
        letters = 0
        for place, name in enumerate(rows.columns):
            if name in texts:
                # A list and no generator: every cell of every row goes through here.
                letters += sum([len(cell) for row in rows.rows if type(cell := row[place]) is str])
        return letters + len(rows.rows) * (ROW + CELL * (len(rows.columns) + len(rows.same)))

    def _pack(self) -> None:
        for (batch, _, _), loose in self._loose.items():
            frame = pack(self._tables[batch.table], loose)
            self._packed.setdefault(batch, []).append(frame)
            self._packed_bytes += int(frame.estimated_size())
        self._loose, self._loose_bytes = {}, 0

    def _spill(self) -> None:
        try:
            for batch, frames in self._packed.items():
                # Without a name, it is gone with this process, however that ends.
                file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115
                self._files.append((batch, file))
                pl.concat(frames, how="diagonal").write_ipc(file, compression="lz4")
        except (OSError, pl.exceptions.PolarsError) as error:
            raise LakeError(f"The lake at {self._folder} could not be written: {error}") from error
        self._packed, self._packed_bytes = {}, 0
