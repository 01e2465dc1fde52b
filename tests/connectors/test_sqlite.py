"""Rows of SQLite only ever get newer, whoever else writes and however often they are written."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from message_server import DEADLINE

from connectors import sqlite
from connectors.sqlite import (
    DatabaseUnusable,
    SqliteSink,
    SqliteTable,
    open_database,
    prepare,
    read_rows,
)

STATES = SqliteTable(
    "states", {"name": str, "value": int, "at": int}, key="name", newer="at", indexes=(("value",),)
)
LEDGER = SqliteTable("ledger", {"name": str, "data": bytes}, key="name", most=50)
WRITE = """
import sys
from pathlib import Path
from connectors.sqlite import SqliteSink, SqliteTable
table = SqliteTable("states", {"name": str, "value": int, "at": int}, key="name", newer="at")
part = SqliteSink(Path(sys.argv[1]), table).build_part("out", "states", None)
print("open", flush=True)
sys.stdin.readline()
for number in range(200):
    part.write_batch([{"name": f"{sys.argv[2]}-{number}", "value": number, "at": 1},
                      {"name": "both", "value": number, "at": number}])
part.close()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "registry.db"


def opened(path: Path, table: SqliteTable = STATES) -> Any:
    return SqliteSink(path, table).build_part("out", table.name, None)


def state(name: str, value: int, at: int) -> dict[str, Any]:
    return {"name": name, "value": value, "at": at}


def states(path: Path) -> dict[str, int]:
    return {row["name"]: row["value"] for row in read_rows(path, "SELECT * FROM states")}


def test_a_key_has_one_row_and_it_never_gets_older(path: Path) -> None:
    """What is as new is written again; what is older changes nothing."""
    part = opened(path)
    part.write_batch([state("a", 1, 5), state("b", 2, 5), state("a", 3, 4), state("b", 4, 5)])
    part.write_batch([state("a", 5, 6), state("a", 6, 1)])
    part.close()

    assert states(path) == {"a": 5, "b": 4}


ROWS = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 9)), max_size=20)


@given(ROWS, st.integers(0, 20))
def test_a_replay_changes_nothing(tmp_path_factory, rows: list[tuple[str, int]], back: int) -> None:
    """From wherever it begins, all of it comes to the same."""
    path = tmp_path_factory.mktemp("replay") / "registry.db"
    many = [state(name, at, at) for name, at in rows]
    part = opened(path)
    if many:
        part.write_batch(many)
        before = states(path)
        part.write_batch(many[back % len(many) :])
        assert states(path) == before == {name: max(a for n, a in rows if n == name)
                                          for name, _ in rows}  # fmt: skip
    part.close()


def test_a_table_of_which_only_the_newest_are_kept_does_not_grow(path: Path, monkeypatch) -> None:
    """It is looked at now and then, and with the first row after a start."""
    monkeypatch.setattr(sqlite, "TRIM_EVERY", 20)
    part = opened(path, LEDGER)
    for number in range(300):
        part.write_batch([{"name": f"{number:03}", "data": b""}])
    count = len(read_rows(path, "SELECT * FROM ledger"))
    part.close()
    assert LEDGER.most <= count < LEDGER.most + 20

    part = opened(path, LEDGER)
    part.write_batch([{"name": "last", "data": b""}])
    part.close()
    names = [row["name"] for row in read_rows(path, "SELECT * FROM ledger ORDER BY name")]
    assert names == [*(f"{number:03}" for number in range(251, 300)), "last"]


def test_two_processes_write_the_same_table(path: Path) -> None:
    """Each waits for the other, and neither loses a row."""
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITE, str(path), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    for each in writers:
        assert each.stdout is not None
        assert each.stdout.readline() == "open\n"
    for each in writers:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    for each in writers:
        each.communicate(timeout=2 * DEADLINE)

    assert [each.returncode for each in writers] == [0, 0]
    found = states(path)
    assert len(found) == 401
    assert found["both"] == 199


def test_a_row_waits_for_a_lock(path: Path) -> None:
    """As an operator's own look at the database may hold it."""
    part = opened(path)
    with closing(sqlite3.connect(path, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        writing = threading.Thread(target=part.write_batch, args=[[state("a", 1, 1)]])
        writing.start()
        writing.join(0.1)
        assert writing.is_alive()
        other.execute("COMMIT")
        writing.join(DEADLINE)
    part.close()
    assert states(path) == {"a": 1}


def test_a_lock_that_stays_ends_the_flow_with_its_name(path: Path, monkeypatch) -> None:
    """And with nothing written by half."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)
    part = opened(path)
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseUnusable, match=r"registry\.db could not be written: .* locked"):
            part.write_batch([state("a", 1, 1)])
    part.write_batch([state("b", 1, 1)])
    part.close()
    assert states(path) == {"b": 1}


def test_of_a_batch_that_fails_nothing_is_written(path: Path) -> None:
    """An epoch that ends badly is played again as a whole."""
    part = opened(path)
    part.write_batch([state("a", 1, 1)])
    with pytest.raises(DatabaseUnusable, match="could not be written"):
        part.write_batch([state("a", 2, 2), {"name": "b", "value": 1}])
    part.close()
    assert states(path) == {"a": 1}


def test_a_database_is_its_owners_alone(path: Path) -> None:
    """So are its folder and what SQLite keeps beside it."""
    before = os.umask(0)
    try:
        part = opened(path)
        part.write_batch([state("a", 1, 1)])
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
        part.close()
    finally:
        os.umask(before)

    assert modes == dict.fromkeys(("registry.db", "registry.db-wal", "registry.db-shm"), 0o600)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_commits_outlive_a_power_cut_and_readers_are_not_kept_waiting(path: Path) -> None:
    """By what SQLite promises of these two settings."""
    with closing(open_database(path, STATES)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_column_that_is_new_is_added_and_old_rows_stay(path: Path) -> None:
    """A newer program goes on with an older one's database, and the older beside it."""
    old = opened(path)
    old.write_batch([state("a", 1, 1)])
    wider = replace(STATES, columns={**STATES.columns, "note": str})
    new = opened(path, wider)
    new.write_batch([{**state("b", 2, 1), "note": "x"}])
    old.write_batch([state("c", 3, 1)])
    old.close()
    new.close()

    rows = read_rows(path, "SELECT name, note FROM states ORDER BY name")
    assert rows == [
        {"name": "a", "note": None},
        {"name": "b", "note": "x"},
        {"name": "c", "note": None},
    ]


def test_tables_and_indexes_can_be_made_ahead_and_again(path: Path) -> None:
    """Whoever reads before the first row finds them."""
    prepare(path, STATES, LEDGER)
    prepare(path, STATES, LEDGER)
    made = read_rows(path, "SELECT type, name FROM sqlite_master ORDER BY name")
    assert {"type": "table", "name": "ledger"} in made
    assert {"type": "table", "name": "states"} in made
    assert {"type": "index", "name": "idx_states_value"} in made


def test_many_that_open_a_new_database_at_once_all_can(path: Path) -> None:
    """As the flows of a deployment do when it is started first."""
    failed: list[BaseException] = []

    def make() -> None:
        try:
            prepare(path, STATES)
        except DatabaseUnusable as error:
            failed.append(error)

    makers = [threading.Thread(target=make) for _ in range(8)]
    for each in makers:
        each.start()
    deadline = time.monotonic() + DEADLINE
    for each in makers:
        each.join(max(0.0, deadline - time.monotonic()))

    assert not failed
    assert states(path) == {}


@pytest.mark.parametrize("content", [None, b"no database, but a text that is long enough" * 50])
def test_what_can_be_no_database_is_named(tmp_path: Path, content: bytes | None) -> None:
    """A folder, or a file of another kind."""
    path = tmp_path / "registry.db"
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(DatabaseUnusable, match=r"registry\.db cannot be (opened|written): "):
        open_database(path, STATES)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """With the reason."""
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseUnusable, match=r"registry\.db cannot be opened: .*file"):
        prepare(tmp_path / "file" / "registry.db", STATES)


def test_a_reader_cannot_write_and_makes_nothing(path: Path) -> None:
    """Neither a row nor a database."""
    prepare(path, STATES)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        read_rows(path, "INSERT INTO states (name) VALUES ('a')")
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        read_rows(path.with_name("none.db"), "SELECT 1")
    assert not path.with_name("none.db").exists()
