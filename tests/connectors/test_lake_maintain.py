"""Maintenance: old days go, small files become few, and neither readers nor writers notice."""

import os
import shutil
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from lake_tables import TABLES

from connectors.lake import LakeError, LakeMissing, connect, create, maintain
from connectors.lake.__main__ import main
from connectors.lake.frames import Rows
from connectors.lake.sink import LakeSink
from connectors.tables import Column, Table

DAY = timedelta(days=1)
NOW = datetime.now(UTC)
MIDNIGHT = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
AT_ONCE = {"keep": timedelta(0), "orphaned": timedelta(0)}


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "lake"
    create(path, TABLES, {})
    return path


@pytest.fixture
def root(empty: Path, tmp_path: Path) -> Path:
    """A lake with nothing in it."""
    return shutil.copytree(empty, tmp_path / "lake")


def store(root: Path, moments: list[datetime], sequence: int = 1) -> None:
    """Fifty rows for each moment, in a commit of its own."""
    part = LakeSink(root, TABLES).build_part("lake", "0", None)
    for moment in moments:
        ts = int(moment.timestamp() * 1e6)
        rows = [(sequence + number, ts, number / 7) for number in range(50)]
        part.write_batch([Rows("sample", f"s{ts}", ("seq", "ts", "speed"), rows)])
        part.snapshot()
    part.close()


def files(root: Path) -> list[Path]:
    return sorted((root / "data" / "main" / "sample").rglob("*.parquet"))


def count(root: Path) -> int:
    connection = connect(root)
    try:
        return connection.execute("SELECT count(*) FROM sample").fetchall()[0][0]
    finally:
        connection.close()


def test_rows_go_by_the_day_and_never_too_early(root: Path) -> None:
    """Kept for two days means: at least, and then until that day (UTC) is over."""
    kept = [timedelta(0), NOW - MIDNIGHT, 2 * DAY, NOW - MIDNIGHT + 2 * DAY]
    gone = [kept[-1] + timedelta(microseconds=1), 4 * DAY, 3000 * DAY]
    store(root, [NOW - age for age in (*kept, *gone)])
    done = maintain(root, 2 * DAY)
    left = connect(root).execute("SELECT DISTINCT ts FROM sample").fetchall()

    assert done.rows_deleted == 50 * len(gone)
    assert {ts for (ts,) in left} == {(NOW - age).replace(tzinfo=None) for age in kept}


def test_what_happened_long_ago_is_kept_as_long_as_what_is_new(tmp_path: Path) -> None:
    """A flight of years ago that is played today: its age is that of its storing, if known."""
    table = Table(
        "flown",
        (
            Column("stream", "VARCHAR", "where the message was"),
            Column("seq", "BIGINT", "which it was there"),
            Column("ts", "TIMESTAMP", "when it was recorded"),
            Column("ts_ingest", "TIMESTAMP", "when it was stored"),
        ),
    )
    create(tmp_path / "lake", (table,), {})
    part = LakeSink(tmp_path / "lake", (table,)).build_part("lake", "0", None)
    now, old = (int(each.timestamp() * 1e6) for each in (NOW, NOW - 3000 * DAY))
    rows = [(1, old, now), (2, old, old), (3, old, None), (4, now, None), (5, now, old)]
    part.write_batch([Rows("flown", "s", ("seq", "ts", "ts_ingest"), rows)])
    part.snapshot()
    part.close()
    maintain(tmp_path / "lake", 2 * DAY)

    left = connect(tmp_path / "lake").execute("SELECT seq FROM flown ORDER BY seq").fetchall()
    assert left == [(1,), (4,)]


def test_the_files_of_a_day_that_is_over_are_removed(root: Path) -> None:
    """And nothing that is kept is lost."""
    store(root, [NOW - 9 * DAY, NOW - 8 * DAY, NOW])
    before = files(root)
    done = maintain(root, 5 * DAY)
    for _ in range(2):  # First nobody can read their days any more, then the files go.
        maintain(root, **AT_ONCE)

    assert len(before) == 3
    assert done.rows_deleted == 100
    assert len(files(root)) == 1
    assert count(root) == 50


def test_without_retention_nothing_is_deleted(root: Path) -> None:
    """However old it is; other tables than those named stay whole, too."""
    store(root, [NOW - 9000 * DAY])

    assert maintain(root).rows_deleted == 0
    assert maintain(root, {}).rows_deleted == 0
    assert count(root) == 50


def test_small_files_are_merged_and_hold_the_same(root: Path) -> None:
    """Those of one day; the old ones stay until no reader can want them."""
    store(root, [MIDNIGHT - DAY + timedelta(minutes=each) for each in range(6)])
    query = "SELECT * FROM sample ORDER BY ALL"
    before = connect(root).execute(query).fetchall()
    assert len(files(root)) == 6

    merged = maintain(root)
    assert merged.files_merged >= 6
    assert merged.files_made <= 2
    assert len(files(root)) == 7
    removed = maintain(root, **AT_ONCE)
    assert removed.files_removed >= 6
    assert len(files(root)) == 1
    assert connect(root).execute(query).fetchall() == before


def test_a_reader_keeps_what_its_transaction_began_with(root: Path) -> None:
    """Old files stay while a statement may need them."""
    store(root, [NOW - 9 * DAY, NOW])
    reader = connect(root)
    reader.execute("BEGIN")
    before = reader.execute("SELECT count(*) FROM sample").fetchall()
    maintain(root, 5 * DAY)

    assert reader.execute("SELECT count(*), count(speed) FROM sample").fetchall() == [(100, 100)]
    reader.execute("COMMIT")
    assert before == [(100,)]
    assert reader.execute("SELECT count(*) FROM sample").fetchall() == [(50,)]


def test_files_that_no_commit_names_are_removed_once_they_are_old(root: Path) -> None:
    """A writer that was killed leaves them; a writer that runs has young ones."""
    store(root, [NOW])
    stray = root / "data" / "main" / "sample" / "stray.parquet"
    stray.write_bytes(b"PAR1")
    assert maintain(root).files_removed == 0
    assert stray.exists()
    ancient = (NOW - 3 * DAY).timestamp()
    os.utime(stray, (ancient, ancient))

    assert maintain(root).files_removed == 1
    assert not stray.exists()
    assert count(root) == 50


def test_what_is_no_table_with_times_is_refused(root: Path) -> None:
    """By name; and where there is no lake, that is said."""
    for table in ("nope", "part", "progress"):
        with pytest.raises(LakeError, match=f"no table '{table}' with times"):
            maintain(root, {table: DAY})
    with pytest.raises(LakeMissing, match="no lake"):
        maintain(root / "elsewhere")


def test_the_command_tells_what_was_done(root: Path) -> None:
    """In one line; an error in one sentence, with a status that says so."""
    store(root, [NOW - 9 * DAY])
    run = CliRunner().invoke
    done = run(main, ["maintain", "--root", str(root), "--retain-days", "3"])
    missing = run(main, ["maintain", "--root", str(root / "none")])
    wrong = run(main, ["maintain", "--root", str(root), "--retain-days", "0"])

    assert (done.exit_code, done.output[:16]) == (0, "50 rows deleted,")
    assert missing.exit_code == 1
    assert missing.output.startswith(f"Error: There is no lake at {root}/none. Start the flows")
    assert wrong.exit_code == 2


def test_a_file_that_its_writer_takes_back_meanwhile_is_no_fault(root: Path) -> None:
    """Who was slower than another writer removes its files and makes others: they are nobody's."""
    folder = root / "data" / "main" / "sample"
    folder.mkdir(parents=True, exist_ok=True)
    over = threading.Event()

    def come_and_go() -> None:
        files = [folder / f"ducklake-{number}.parquet" for number in range(100)]
        while not over.is_set():
            for file in files:
                file.write_bytes(b"PAR1")
            for file in files:
                file.unlink()

    others = threading.Thread(target=come_and_go)
    others.start()
    try:
        for _ in range(5):
            maintain(root)
    finally:
        over.set()
        others.join()
