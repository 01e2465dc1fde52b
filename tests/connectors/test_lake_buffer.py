"""Rows that wait for their epoch take little memory, and none of them is lost on the way."""

import math
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from lake_tables import TABLES, rows_of

from connectors.lake import LakeError
from connectors.lake.buffer import Batch, Buffer
from connectors.lake.frames import Rows

NAMED = {table.name: table for table in TABLES}


def contents(buffer: Buffer) -> dict[Batch, list[str]]:
    """All rows by where they belong, as what is filled in them."""
    found: dict[Batch, list[str]] = {}
    for batch, frames in buffer.batches():
        frame = pl.concat(frames, how="diagonal")
        filled = ({k: v for k, v in row.items() if v is not None} for row in frame.to_dicts())
        found.setdefault(batch, []).extend(str(sorted(row.items())) for row in filled)
    return {batch: sorted(rows) for batch, rows in found.items()}


def moment(microseconds: int) -> datetime:
    return datetime(1970, 1, 1) + timedelta(microseconds=microseconds)  # noqa: DTZ001 - UTC, as the lake has it.


def open_files(folder: Path) -> int:
    """How many files of ours lie in a folder, named or not."""
    names = []
    for link in Path("/proc/self/fd").iterdir():
        try:
            names.append(str(link.readlink()))
        except FileNotFoundError:  # The one that lists the others.
            continue
    return sum(name.startswith(f"{folder}/") for name in names)


@pytest.mark.parametrize(
    ("loose", "packed"), [(10**9, 10**9), (0, 10**9), (500, 10**9), (0, 0), (2000, 5000)]
)
def test_packing_and_spilling_change_nothing(tmp_path: Path, loose: int, packed: int) -> None:
    """Whatever stays in memory and whatever goes to the disk, the same rows come out, twice."""
    buffer = Buffer(NAMED, tmp_path, loose, packed)
    expected: dict[Batch, list[str]] = {}
    for sequence in range(200):
        for rows in rows_of("ab"[sequence % 2], sequence):
            buffer.add(rows)
            filled = expected.setdefault(Batch(rows.table, rows.stream, guarded=True), [])
            for row in rows.rows:
                cells = dict(zip(rows.columns, row, strict=True)) | {"stream": rows.stream}
                if "ts" in cells:
                    cells["ts"] = moment(cells["ts"])
                filled.append(str(sorted(cells.items())))

    for _ in range(2):
        assert contents(buffer) == {batch: sorted(rows) for batch, rows in expected.items()}
    buffer.clear()


@pytest.mark.parametrize("packed", [10**9, 2000, 0])
def test_what_is_taken_before_stays_until_all_is_cleared(tmp_path: Path, packed: int) -> None:
    """Once many rows are packed; what is left then is the rest, wherever they all lie."""
    buffer = Buffer(NAMED, tmp_path, most_loose=0, most_packed=packed)
    taken: list[int] = []
    for sequence in range(100):
        buffer.add(
            Rows("part", "a", ("number",), [(each,) for each in range(7)], same={"seq": [sequence]}, runs=[7])
        )
        taken += [frame.height for _, frames in buffer.take(50) for frame in frames]
    rest = [frame.height for _, frames in buffer.batches(rest=True) for frame in frames]

    assert sum(taken) + sum(rest) == 700
    assert bool(taken) is bool(packed)
    whole = [frame for _, frames in buffer.batches() for frame in frames]
    assert sorted(pl.concat(whole)["seq"].to_list()) == [each // 7 for each in range(700)]
    buffer.clear()
    assert buffer.empty


def test_cells_that_rows_have_alike_stand_in_each_of_them(tmp_path: Path) -> None:
    """Given once for many rows in turn, or for none."""
    buffer = Buffer(NAMED, tmp_path)
    for same, runs in (([0, 1], [3, 0]), ([2], [1]), ([3, 4, 5], [1, 0, 2])):
        rows = [(sum(runs),)] * sum(runs)
        buffer.add(Rows("part", "a", ("number",), rows, same={"seq": same}, runs=runs))
    ((_, (frame,)),) = buffer.batches()

    expected = [(0, 3), (0, 3), (0, 3), (2, 1), (3, 3), (5, 3), (5, 3)]
    assert frame.select("seq", "number").rows() == expected


def test_a_column_can_be_as_another(tmp_path: Path) -> None:
    """It has the same cells, beside rows in which it has cells of its own."""
    buffer = Buffer(NAMED, tmp_path)
    buffer.add(Rows("part", "a", ("seq", "number"), [(1, 7), (2, None)], copies={"other": "number"}))
    buffer.add(Rows("part", "a", ("seq", "number", "other"), [(3, 8, 9)]))
    ((_, frames),) = buffer.batches()

    frame = pl.concat(frames, how="diagonal").sort("seq")
    assert frame.select("number", "other").rows() == [(7, 7), (None, None), (8, 9)]


def test_what_is_spilled_has_no_name_and_is_gone_after_clearing(tmp_path: Path) -> None:
    """A process that is killed leaves nothing behind, since its files have no names."""
    buffer = Buffer(NAMED, tmp_path, most_loose=0, most_packed=0)
    for sequence in range(1, 4):
        for rows in rows_of("a", sequence):
            buffer.add(rows)
    spilled, named = open_files(tmp_path), list(tmp_path.iterdir())
    buffer.clear()

    assert spilled > 0
    assert named == []
    assert open_files(tmp_path) == 0
    assert buffer.empty
    assert contents(buffer) == {}


def test_long_texts_count_as_long(tmp_path: Path) -> None:
    """A few rows with much text are packed as early as many rows without."""
    buffer = Buffer(NAMED, tmp_path, most_loose=10_000)
    buffer.add(Rows("sample", "a", ("seq", "note"), [(1, "x" * 20_000)]))
    packed = buffer._packed
    assert [frame.height for frames in packed.values() for frame in frames] == [1]
    assert buffer._loose_bytes == 0


def test_where_nothing_can_be_spilled_the_path_is_named(tmp_path: Path) -> None:
    """A folder that is gone, or a disk that is full, is one sentence."""
    buffer = Buffer(NAMED, tmp_path / "gone", most_loose=0, most_packed=0)

    with pytest.raises(LakeError, match=rf"The lake at {tmp_path}/gone could not be written"):
        buffer.add(Rows("sample", "a", ("seq",), [(1,)]))


def test_a_frame_has_the_columns_of_its_rows_and_their_stream(tmp_path: Path) -> None:
    """Of a wide table only what is filled costs anything."""
    buffer = Buffer(NAMED, tmp_path)
    buffer.add(Rows("sample", "a", ("seq", "ts", "speed"), [(1, 0, math.inf)]))
    buffer.add(Rows("sample", "a", ("seq", "note"), [(2, "x")]))
    ((batch, frames),) = buffer.batches()

    assert batch == Batch("sample", "a", guarded=True)
    assert pl.concat(frames, how="diagonal").schema == {
        "seq": pl.Int64(),
        "ts": pl.Datetime("us"),
        "speed": pl.Float64(),
        "stream": pl.String(),
        "note": pl.String(),
    }
