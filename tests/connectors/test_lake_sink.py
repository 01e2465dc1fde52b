"""Rows reach the lake once, whatever is played again and whoever writes beside."""

import itertools
import math
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lake_tables import PART, SAMPLE, TABLES, parts_of, rows_of

from connectors.lake import LakeError, connect, create, progress
from connectors.lake.frames import Cell, Rows
from connectors.lake.sink import LakeBehind, LakeSink
from connectors.tables import Column, Table

EVERY_TYPE = Table(
    "every_type",
    (
        Column("stream", "VARCHAR", "where the message was"),
        Column("seq", "BIGINT", "which it was there"),
        Column("text", "VARCHAR", ""),
        Column("document", "JSON", ""),
        Column("flag", "BOOLEAN", ""),
        Column("tiny", "TINYINT", ""),
        Column("small", "SMALLINT", ""),
        Column("whole", "INTEGER", ""),
        Column("big", "BIGINT", ""),
        Column("single", "FLOAT", ""),
        Column("number", "DOUBLE", ""),
        Column("moment", "TIMESTAMP", ""),
        Column("wholes", "BIGINT[]", ""),
        Column("numbers", "DOUBLE[]", ""),
    ),
)
ALL = (*TABLES, EVERY_TYPE)
STREAMS = (f"stream-{number}" for number in itertools.count())


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    """A lake that all tests of this file write to, each in streams of its own."""
    path = tmp_path_factory.mktemp("sink") / "lake"
    create(path, ALL, {})
    return path


def opened(root: Path, resumed: dict[tuple[str, str], int] | None = None):
    return LakeSink(root, ALL).build_part("lake", "0", resumed)


def stored(root: Path, table: str, stream: str, columns: str) -> list[tuple[Cell, ...]]:
    query = f"SELECT {columns} FROM {table} WHERE stream = ? ORDER BY ALL"
    connection = connect(root)
    try:
        return connection.execute(query, [stream]).fetchall()
    finally:
        connection.close()


def assert_whole(root: Path, stream: str, last: int) -> None:
    """Each message up to the last has left exactly its rows, of both tables."""
    sequences = range(1, last + 1)
    assert stored(root, "sample", stream, "seq") == [(sequence,) for sequence in sequences]
    assert stored(root, "part", stream, "seq, number") == [
        (sequence, number) for sequence in sequences for number in range(parts_of(sequence))
    ]


# How many messages a run writes in each of its epochs, and how many of the epochs before its
# end Bytewax's own record lags behind the lake's when it dies.
RUNS = st.lists(
    st.tuples(st.lists(st.integers(0, 9), min_size=1, max_size=3), st.integers(0, 2)),
    min_size=1,
    max_size=3,
)
LAST = 3 * 3 * 9 + 9  # More than all runs together come to.


@settings(max_examples=4)
@given(runs=RUNS, unfinished=st.integers(0, 5))
def test_a_log_played_again_in_other_pieces_is_stored_once(root, runs, unfinished) -> None:
    """A crash loses what was not committed and repeats what was; neither shows."""
    stream = next(STREAMS)
    recorded: list[tuple[int, dict[tuple[str, str], int]]] = [(0, {})]
    for epochs, lag in runs:
        at, marks = recorded[-1]
        part = opened(root, marks)
        for size in epochs:
            for sequence in range(at + 1, at + size + 1):
                part.write_batch(rows_of(stream, sequence))
            at += size
            recorded.append((at, part.snapshot()))
        for sequence in range(at + 1, at + unfinished + 1):
            part.write_batch(rows_of(stream, sequence))
        part.close()
        recorded = recorded[: max(1, len(recorded) - lag)]
    at, marks = recorded[-1]
    part = opened(root, marks)
    for sequence in range(at + 1, LAST + 1):
        part.write_batch(rows_of(stream, sequence))
    part.snapshot()
    part.close()

    assert_whole(root, stream, LAST)


MANY = 150_000  # Rows of two cells, so that most of them are inserted before their epoch ends.


def many(stream: str, first: int = 1) -> list[Rows]:
    return [Rows("part", stream, ("number", "seq"), [(at, at) for at in range(first, MANY + 1)])]


def files(root: Path) -> int:
    return len(list(root.glob("data/main/part/*.parquet")))


def until_more_files(root: Path, than: int) -> None:
    """Wait until rows are on the disk that no commit names yet."""
    deadline = time.monotonic() + 30
    while files(root) <= than:
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def test_many_rows_are_inserted_before_their_epoch_ends_and_show_after_it(root) -> None:
    """Each of them once, and those of a crashed epoch not at all."""
    stream, before = next(STREAMS), files(root)
    crashed = opened(root)
    crashed.write_batch(many(stream))
    until_more_files(root, before)
    early = stored(root, "part", stream, "count(*)")
    crashed.close()
    part = opened(root)
    part.write_batch(many(stream))
    part.write_batch(rows_of(stream, MANY + 2))
    marks = part.snapshot()
    part.close()

    assert early == [(0,)]
    counts = "count(*), count(DISTINCT (seq, number)), min(seq), max(seq)"
    told = parts_of(MANY + 2)
    assert stored(root, "part", stream, counts) == [(MANY + told, MANY + told, 1, MANY + 2)]
    assert marks == {("part", stream): MANY + 2, ("sample", stream): MANY + 2}


def test_who_was_quicker_with_the_same_rows_is_not_repeated(root) -> None:
    """What was inserted early is taken back, and only what is new is inserted again."""
    stream, before = next(STREAMS), files(root)
    slow, quick = opened(root), opened(root)
    slow.write_batch(many(stream))
    until_more_files(root, before)
    quick.write_batch([Rows("part", stream, ("number", "seq"), [(1, 1), (2, 2)])])
    quick.snapshot()
    quick.close()
    slow.snapshot()
    slow.close()

    assert stored(root, "part", stream, "count(*), count(DISTINCT seq)") == [(MANY, MANY)]


def test_what_fails_early_is_told_at_the_end(tmp_path) -> None:
    """In one sentence, like what fails then."""
    create(tmp_path, TABLES, {})
    part = LakeSink(tmp_path, TABLES).build_part("lake", "0", None)
    with closing(connect(tmp_path, read_only=False)) as connection:
        connection.execute("DROP TABLE part")
    part.write_batch(many("a"))

    with pytest.raises(LakeError, match=r"could not be written: .*part"):
        part.snapshot()
    part.close()


def test_all_tables_of_an_epoch_come_at_once(root) -> None:
    """Nothing shows before the epoch's end, then everything and how far it goes."""
    stream = next(STREAMS)
    part = opened(root)
    part.write_batch([each for sequence in (1, 2, 3) for each in rows_of(stream, sequence)])
    before = (stored(root, "sample", stream, "seq"), stored(root, "part", stream, "seq"))
    marks = part.snapshot()
    part.close()

    assert before == ([], [])
    assert_whole(root, stream, 3)
    assert marks == {("sample", stream): 3, ("part", stream): 2}
    assert {key: last for key, last in progress(root).items() if key[1] == stream} == marks


def test_rows_of_an_epoch_may_come_in_any_order(root) -> None:
    """Only an epoch's end says that no row of a sequence is missing."""
    stream = next(STREAMS)
    part = opened(root)
    for sequence in (5, 1, 4, 2, 3):
        part.write_batch(rows_of(stream, sequence))
    part.snapshot()
    part.close()

    assert_whole(root, stream, 5)


def test_streams_do_not_hide_each_other(root) -> None:
    """The same sequence of another stream is another row."""
    one, other = next(STREAMS), next(STREAMS)
    part = opened(root)
    part.write_batch(rows_of(one, 9))
    part.snapshot()
    part.write_batch(rows_of(other, 9))
    part.snapshot()
    part.close()

    assert stored(root, "sample", one, "seq") == stored(root, "sample", other, "seq") == [(9,)]


def test_an_epoch_without_rows_commits_nothing(root) -> None:
    """A quiet flow makes no snapshots of the lake."""
    newest = "SELECT id FROM ducklake_current_snapshot('lake')"
    part = opened(root, None)
    before = connect(root).execute(newest).fetchall()
    part.write_batch([Rows("part", next(STREAMS), ("seq",), [])])

    assert part.snapshot() == {}
    assert connect(root).execute(newest).fetchall() == before
    part.close()


def test_unguarded_rows_are_written_as_they_are(root) -> None:
    """A row of a sequence that is stored already is another row there, and leaves no mark."""
    stream = next(STREAMS)
    part = opened(root)
    for _ in range(2):
        rows = Rows("part", stream, ("seq", "number"), [(7, 1)], guarded=False)
        part.write_batch([rows])
        marks = part.snapshot()
    part.close()

    assert stored(root, "part", stream, "seq, number") == [(7, 1), (7, 1)]
    assert marks == {}


def test_another_lake_than_the_flow_knew_is_refused(root) -> None:
    """With the table, both sequences and what to do; the right lake is taken."""
    stream = next(STREAMS)
    part = opened(root)
    part.write_batch(rows_of(stream, 4))
    marks = part.snapshot()
    part.close()

    opened(root, marks).close()
    with pytest.raises(LakeBehind, match=rf"has sample of {stream} up to 4, but 5 had been stored"):
        opened(root, {("sample", stream): 5})
    with pytest.raises(LakeBehind, match=r"up to nothing, but 1 had .* remove the flow's recovery"):
        opened(root, {("sample", "never"): 1})


HOSTILE: list[tuple[str, Cell]] = [
    ("text", ""),
    ("text", "\0"),
    ("text", "a\0b'; DROP TABLE sample; --\n\r\t\\"),
    ("text", "é \U0001f680 \u202e \ufeff \ufffd"),
    ("text", "x" * 1_000_000),
    ("text", None),
    ("document", '{"a": "\\u0000", "\\u202e": [1e999, null]}'),
    ("flag", False),
    ("tiny", -128),
    ("small", 32_767),
    ("whole", -(2**31)),
    ("big", 2**63 - 1),
    ("single", math.nan),
    ("number", math.nan),
    ("number", math.inf),
    ("number", -math.inf),
    ("number", 5e-324),
    ("moment", 0),
    ("moment", -1),
    ("wholes", [-(2**63), 2**63 - 1]),
    ("numbers", []),
    ("numbers", [math.nan, math.inf, 0.5]),
]


@pytest.mark.parametrize("many", [1, 30], ids=["in the catalog", "in a file"])
def test_whatever_a_cell_can_hold_comes_back(root, many) -> None:
    """Few rows are kept in the catalog and many in files: both give back what they were given."""
    part = opened(root)
    written = [(next(STREAMS), column, cell) for column, cell in HOSTILE]
    for stream, column, cell in written:
        rows = [(sequence, cell) for sequence in range(many)]
        part.write_batch([Rows("every_type", stream, ("seq", column), rows)])
        part.snapshot()
    part.close()

    connection = connect(root)
    for stream, column, cell in written:
        read = "epoch_us(moment)" if column == "moment" else column
        query = f"SELECT {read} FROM every_type WHERE stream = ?"
        found = [value for (value,) in connection.execute(query, [stream]).fetchall()]
        assert list(map(repr, found)) == [repr(cell)] * many


@pytest.mark.parametrize(
    ("columns", "cells", "reason"),
    [
        (("seq", "nope"), (1, 1), "has no column nope"),
        (("text",), ("no sequence",), "have no seq"),
        (("seq", "text"), (1, "\ud800"), "Column text of table every_type cannot hold"),
        (("seq", "text"), (1, 1), "Column text of table every_type cannot hold"),
        (("seq", "tiny"), (1, 128), "Column tiny"),
        (("seq", "whole"), (1, 1.5), "Column whole"),
        (("seq", "flag"), (1, 1), "Column flag"),
        (("seq", "big"), (1, 2**63), "Column big"),
        (("seq", "number"), (1, "1.0"), "Column number"),
        (("seq", "number"), (1, 10**400), "Column number"),
        (("seq", "wholes"), (1, [0.5]), "Column wholes"),
        (("seq", "document"), (1, "{no json"), "Malformed JSON"),
    ],
)
def test_what_a_column_cannot_hold_stops_the_flow_and_stores_nothing(
    root, columns, cells, reason
) -> None:
    """Rows are made by us: a wrong one is our own fault, told by table and column."""
    stream = next(STREAMS)
    part = opened(root)
    part.write_batch(rows_of(stream, 1))
    part.write_batch([Rows("every_type", stream, columns, [cells])])
    with pytest.raises(LakeError, match=reason):
        part.snapshot()
    part.close()

    assert stored(root, "sample", stream, "seq") == []


def test_an_epoch_of_the_largest_messages_fits_into_little_memory(root) -> None:
    """Whoever fills every message to the limit of its stream stops no flow."""
    stream = next(STREAMS)
    text = '{"a": "' + "x" * 2**19 + '"}'
    part = opened(root)
    for first in range(0, 240, 40):
        rows = [(sequence, text) for sequence in range(first, first + 40)]
        part.write_batch([Rows("every_type", stream, ("seq", "document"), rows)])
    part.snapshot()
    part.close()

    lengths = stored(root, "every_type", stream, "count(*), min(length(document))")
    assert lengths == [(240, len(text))]


def test_a_table_that_the_sink_was_not_given_is_refused(root) -> None:
    """By its name, as soon as a row for it comes."""
    part = opened(root)
    with pytest.raises(LakeError, match="no table progress"):
        part.write_batch([Rows("progress", "s", ("seq",), [(1,)])])
    part.close()


def test_a_flow_writes_to_a_lake_that_has_grown_and_one_that_has_grown_writes_too(tmp_path) -> None:
    """Columns that a row does not have are NULL, before and after they were added."""
    root = tmp_path / "lake"
    create(root, TABLES, {})
    wider = Table("sample", (*SAMPLE.columns, Column("height", "DOUBLE", "how high", "m")))
    old = LakeSink(root, TABLES).build_part("lake", "0", None)
    old.write_batch(rows_of("old", 1))
    old.snapshot()
    create(root, (wider, PART), {})
    old.write_batch(rows_of("old", 3))
    marks = old.snapshot()
    old.close()
    new = LakeSink(root, (wider, PART)).build_part("lake", "0", marks)
    new.write_batch(rows_of("old", 3))
    new.write_batch([Rows("sample", "old", ("seq", "height"), [(5, 9.5)])])
    new.snapshot()
    new.close()

    found = stored(root, "sample", "old", "seq, speed, height")
    assert found == [(1, 0.5, None), (3, 1.5, None), (5, None, 9.5)]


def test_parts_that_write_at_once_wait_for_each_other(root) -> None:
    """Each commits all of its epochs; collisions are tried again."""
    streams = [next(STREAMS) for _ in range(3)]
    start = threading.Barrier(len(streams))
    failures: list[Exception] = []

    def write(stream: str) -> None:
        part = opened(root)
        start.wait()
        try:
            for sequence in range(1, 6):
                part.write_batch(rows_of(stream, sequence))
                part.snapshot()
        except LakeError as error:
            failures.append(error)
        finally:
            part.close()

    threads = [threading.Thread(target=write, args=[stream]) for stream in streams]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    for stream in streams:
        assert_whole(root, stream, 5)


def test_rows_lie_in_their_tables_order(root) -> None:
    """A commit's rows are sorted, so that a query of a time reads few of them."""
    stream = next(STREAMS)
    part = opened(root)
    for sequence in reversed(range(1, 41)):
        part.write_batch(rows_of(stream, sequence))
    part.snapshot()
    part.close()
    connection = connect(root)
    query = "SELECT seq FROM sample WHERE stream = ?"
    rows = connection.execute(query, [stream]).fetchall()

    assert [sequence for (sequence,) in rows] == list(range(1, 41))
