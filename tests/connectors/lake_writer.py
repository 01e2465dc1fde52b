"""A flow that numbers its messages and writes them to a lake, to be killed at any moment.

``python lake_writer.py LAKE RECOVERY LAST`` resumes where its recovery store says, and ends
after message LAST.
"""

import sys
from datetime import timedelta
from pathlib import Path

import bytewax.operators as op
from bytewax._bytewax import cli_main
from bytewax.dataflow import Dataflow
from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition
from bytewax.recovery import RecoveryConfig, init_db_dir
from lake_tables import TABLES, rows_of
from typing_extensions import override

from connectors.lake.sink import LakeSink

STREAM = "numbers"
AT_ONCE = 40


class _Part(StatefulSourcePartition[int, int]):
    def __init__(self, last: int, resumed: int) -> None:
        self._last, self._at = last, resumed

    @override
    def next_batch(self) -> list[int]:
        if self._at >= self._last:
            raise StopIteration
        batch = list(range(self._at + 1, min(self._at + AT_ONCE, self._last) + 1))
        self._at = batch[-1]
        return batch

    @override
    def snapshot(self) -> int:
        return self._at


class Numbers(FixedPartitionedSource[int, int]):
    """The numbers up to the last."""

    def __init__(self, last: int) -> None:
        self._last = last

    @override
    def list_parts(self) -> list[str]:
        return [STREAM]

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: int | None) -> _Part:
        return _Part(self._last, resume_state or 0)


def main(lake: str, recovery: str, last: str) -> None:
    flow = Dataflow("writer")
    numbers = op.input("numbers", flow, Numbers(int(last)))
    rows = op.flat_map("rows", numbers, lambda number: rows_of(STREAM, number))
    op.output("lake", op.key_on("keyed", rows, lambda each: each.stream), LakeSink(lake, TABLES))
    if not Path(recovery).exists():
        Path(recovery).mkdir()
        init_db_dir(recovery, 1)
    cli_main(
        flow, epoch_interval=timedelta(milliseconds=50), recovery_config=RecoveryConfig(recovery)
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
