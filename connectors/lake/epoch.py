"""An epoch's rows on their way into the lake: in one transaction, which may begin early."""

import math
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor

import duckdb
import polars as pl

from connectors.lake.buffer import Batch
from connectors.lake.marks import Marks, read_marks, write_marks
from connectors.lake.transaction import Writer
from connectors.tables import Table

# What goes to DuckDB at once, as it sits there in full width: rows, and bytes. Much more would
# not fit into its memory; much less it would keep in the catalog, and until then in memory.
AT_ONCE = 20_000
AT_ONCE_BYTES = 16_000_000


class Epoch:
    """What one transaction has inserted so far, and how far the tables come by it.

    Args:
        connection: has begun the transaction.
        tables: by name.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, tables: Mapping[str, Table]) -> None:
        self._connection = connection
        self._tables = tables
        self._stored = read_marks(connection)
        self._newest: Marks = {}

    def insert(self, batch: Batch, frames: list[pl.DataFrame]) -> None:
        """Insert rows, but for those that are stored already."""
        frame = pl.concat(frames, how="diagonal")
        if batch.guarded:
            mark = (batch.table, batch.stream)
            frame = frame.filter(pl.col("seq") > self._stored.get(mark, -1))
            if frame.is_empty():
                return
            last = frame.select(pl.max("seq")).row(0)
            self._newest[mark] = max(self._newest.get(mark, -1), *last)
        order = [name for name in self._tables[batch.table].sort_by if name in frame.columns]
        frame = frame.sort(order) if order else frame
        for piece in frame.iter_slices(_at_once(frame)):
            _insert(self._connection, batch.table, piece)

    def finish(self) -> Marks:
        """Set the marks; what they are now."""
        write_marks(self._connection, self._newest)
        return self._newest


class Ahead:
    """Inserts on a thread of its own, while the epoch goes on: DuckDB lets Python run meanwhile.

    Args:
        writer: is nobody else's between ``insert`` and ``settled``.
        tables: by name.
    """

    def __init__(self, writer: Writer, tables: Mapping[str, Table]) -> None:
        self._writer = writer
        self._tables = tables
        self._thread = ThreadPoolExecutor(1, "lake")
        self._given: list[Future[None]] = []
        self._begun: Epoch | None = None
        self._failed = False

    def insert(self, batch: Batch, frames: list[pl.DataFrame]) -> None:
        """Insert rows soon, in a transaction that the first of them begins."""
        self._given.append(self._thread.submit(self._insert, batch, frames))

    def settled(self) -> Epoch | None:
        """The epoch with all that was given, its transaction open; None if there is none.

        What failed does not say why here: whoever begins anew will hear of it.
        """
        for each in self._given:
            each.result()
        begun, failed = self._begun, self._failed
        self._given, self._begun, self._failed = [], None, False
        return None if failed else begun

    def close(self) -> None:
        self._thread.shutdown(cancel_futures=True)

    def _insert(self, batch: Batch, frames: list[pl.DataFrame]) -> None:
        if self._failed:
            return
        try:
            if self._begun is None:
                self._writer.begin()
                self._begun = Epoch(self._writer.connection, self._tables)
            self._begun.insert(batch, frames)
        except duckdb.Error:
            self._failed = True
            self._writer.rollback()


def _at_once(frame: pl.DataFrame) -> int:
    """Rows of each piece, all about alike, so that none is so small as to be kept in memory."""
    wide = int(frame.estimated_size()) // frame.height + 1
    pieces = math.ceil(frame.height / min(AT_ONCE, max(1, AT_ONCE_BYTES // wide)))
    return math.ceil(frame.height / pieces)


def _insert(connection: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    # The stream and not the frame: of a frame DuckDB would ask pyarrow.
    connection.register("batch", frame.__arrow_c_stream__())
    try:
        connection.execute(f'INSERT INTO "{table}" BY NAME SELECT * FROM batch')  # noqa: S608
    finally:
        connection.unregister("batch")
