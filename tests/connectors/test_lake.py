"""The lake is made, found, opened and extended."""

import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from lake_tables import PART, SAMPLE, TABLES

from connectors.lake import LakeError, LakeMissing, connect, create, narrow, progress
from connectors.lake.attach import attach, catalog
from connectors.tables import Column, Table

HOSTILE = 'it\'s a "lake"; DROP é'


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("made") / HOSTILE
    create(path, TABLES, {"fast": "SELECT * FROM sample WHERE speed > 10"})
    return path


@pytest.fixture
def root(template: Path, tmp_path: Path) -> Path:
    """A lake with a hostile name."""
    return shutil.copytree(template, tmp_path / HOSTILE)


def run(code: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run Python beside us."""
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_lake_that_is_not_there_is_said_to_be_missing(tmp_path: Path, monkeypatch) -> None:
    """Both by path and by the environment, and nothing is made by looking."""
    monkeypatch.setenv("OVERWATCH_DATA_DIR", str(tmp_path))

    for root in (None, tmp_path / "lake"):
        with pytest.raises(LakeMissing, match=rf"no lake at {tmp_path}/lake\. Start the flows"):
            connect(root)
    with pytest.raises(LakeMissing):
        progress()
    assert list(tmp_path.iterdir()) == []


def test_a_lake_that_is_only_being_made_is_missing(tmp_path: Path) -> None:
    """Its catalog is there before its tables."""
    catalog(tmp_path).parent.mkdir()
    (tmp_path / "data").mkdir()
    attach(tmp_path, catalog(tmp_path), read_only=False).close()

    with pytest.raises(LakeMissing, match="no tables yet"):
        progress(tmp_path)


def test_the_environment_says_where_the_lake_is(tmp_path: Path, monkeypatch) -> None:
    """A notebook names no path."""
    monkeypatch.setenv("OVERWATCH_DATA_DIR", str(tmp_path))
    create(None, TABLES, {})

    assert connect().execute("SELECT count(*) FROM sample").fetchall() == [(0,)]
    assert progress() == {}


def test_readers_cannot_write(root: Path) -> None:
    """Neither rows nor tables."""
    connection = connect(root)

    for statement in (
        "INSERT INTO sample (seq) VALUES (1)",
        "DELETE FROM progress",
        "UPDATE sample SET seq = 2",
        "DROP TABLE sample",
        "CREATE TABLE mine (a INTEGER)",
        "CREATE TABLE mine AS SELECT 1 AS a",
    ):
        with pytest.raises(duckdb.Error, match="read-only"):
            connection.execute(statement)


@pytest.mark.parametrize("threads", [1, 2])
def test_rows_come_in_the_order_in_which_they_are_stored(root: Path, threads: int) -> None:
    """A notebook that is run again shows the same rows first, with any number of threads."""
    writer = connect(root, read_only=False)
    for number in range(3):
        writer.execute("INSERT INTO part (seq) SELECT ? + i FROM range(60000) r(i)", [number])
    writer.close()
    connection = connect(root, threads=threads)

    rows = [row for (row,) in connection.execute("SELECT seq FROM part").fetchall()]
    assert rows == [number + row for number in range(3) for row in range(60_000)]


def test_a_reader_may_see_the_rows_of_one_value_alone(root: Path) -> None:
    """In tables and views alike, whatever the value; tables without the column are not found."""
    others = ("it's", '"; DROP TABLE sample; --')
    with closing(attach(root, catalog(root), read_only=False)) as lake:
        for number, note in enumerate(("ours", *others)):
            lake.execute("INSERT INTO sample (seq, speed, note) VALUES (?, 20, ?)", [number, note])
    for note in ("ours", *others):
        with closing(narrow(connect(root), note=note)) as lake:
            for table in ("sample", "fast"):
                assert [(note,)] == lake.execute(f"SELECT note FROM {table}").fetchall()
            with pytest.raises(duckdb.CatalogException):
                lake.execute("SELECT * FROM part")


def test_nothing_is_ever_fetched(root: Path) -> None:
    """An extension that is not here is missing, and a caller cannot ask for it either."""
    connection = connect(root, autoinstall_known_extensions=True, autoload_known_extensions=True)
    settings = connection.execute(
        "SELECT value FROM duckdb_settings() WHERE name LIKE 'auto%known_extensions'"
    ).fetchall()

    assert settings == [("false",), ("false",)]
    with pytest.raises(duckdb.Error, match=r"httpfs"):
        connection.execute("SELECT * FROM read_csv('https://192.0.2.1/a.csv')")


def test_the_lake_is_its_owners_alone(template: Path) -> None:
    """Folders and catalog, whatever the umask."""
    modes = {path: path.stat().st_mode & 0o777 for path in template.glob("catalog/*")}

    assert {template.stat().st_mode & 0o777, (template / "data").stat().st_mode & 0o777} == {0o700}
    assert catalog(template) in modes
    assert set(modes.values()) == {0o600}


def test_a_lake_can_be_moved(root: Path, tmp_path: Path) -> None:
    """A backup or a mount has another path."""
    connection = connect(root, read_only=False)
    connection.execute("INSERT INTO part (seq) SELECT * FROM range(100)")
    connection.close()
    moved = root.rename(tmp_path / "elsewhere")

    assert connect(moved).execute("SELECT count(*) FROM part").fetchall() == [(100,)]


def test_columns_say_what_they_hold(root: Path) -> None:
    """Descriptions and units are comments in the lake."""
    comments = dict(
        connect(root)
        .execute("SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'sample'")
        .fetchall()
    )

    assert comments == {column.name: column.comment for column in SAMPLE.columns}
    assert comments["speed"] == "how fast [m/s]"


def test_a_new_column_is_added_and_old_rows_stay(root: Path) -> None:
    """A view over all columns shows it too."""
    connection = connect(root, read_only=False)
    connection.execute("INSERT INTO sample (seq, speed) SELECT 1, 11.0 FROM range(20)")
    connection.close()
    wider = Table("sample", (*SAMPLE.columns, Column("height", "FLOAT", "how high", "m")))
    create(root, (wider, PART), {"fast": "SELECT * FROM sample WHERE speed > 10"})

    found = connect(root).execute("SELECT DISTINCT seq, speed, height FROM fast").fetchall()
    assert found == [(1, 11.0, None)]


def test_what_has_not_changed_is_left_alone(root: Path) -> None:
    """Each change of the schema would part older files from newer ones."""

    def changes() -> int:
        query = "SELECT id FROM ducklake_current_snapshot('lake')"
        return connect(root).execute(query).fetchall()[0][0]

    before = changes()
    create(root, TABLES, {"fast": "select *  from sample WHERE speed>10"})
    assert changes() == before
    create(root, TABLES, {"fast": "SELECT * FROM sample WHERE speed > 11"})
    assert changes() == before + 1


def test_a_column_never_changes_its_type(root: Path) -> None:
    """It is refused by name, and nothing of that attempt is done."""
    other = Table(
        "sample",
        (
            *(column for column in SAMPLE.columns if column.name != "speed"),
            Column("speed", "VARCHAR", "how fast"),
            Column("added", "DOUBLE", "first"),
        ),
    )

    with pytest.raises(LakeError, match=r"Column speed of table sample .* is DOUBLE, and cannot"):
        create(root, (other,), {})
    with pytest.raises(duckdb.Error, match="added"):
        connect(root).execute("SELECT added FROM sample")


def test_where_no_lake_can_be_made_the_path_is_named(tmp_path: Path) -> None:
    """One sentence, of our own kind."""
    (tmp_path / "file").touch()

    with pytest.raises(LakeError, match=rf"No lake can be made at {tmp_path}/file/lake"):
        create(tmp_path / "file" / "lake", TABLES, {})


def test_a_catalog_that_is_none_is_an_error_that_names_the_path(root: Path) -> None:
    """A damaged disk, or a file of another kind."""
    catalog(root).write_bytes(b"no database at all" * 100)

    with pytest.raises(LakeError, match="cannot be opened"):
        connect(root)


CREATE = """
import sys; sys.path[:0] = sys.argv[2:]
from lake_tables import TABLES
from connectors.lake import create
print("ready", flush=True); sys.stdin.readline()
create(sys.argv[1], TABLES, {"fast": "SELECT * FROM sample WHERE speed > 10"})
"""


def test_several_processes_may_make_the_lake_at_once(tmp_path: Path) -> None:
    """All succeed, and there is one of everything."""
    creators = [
        subprocess.Popen(
            [sys.executable, "-c", CREATE, tmp_path / "lake", *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for creator in creators:
        assert creator.stdout.readline() == "ready\n"
    for creator in creators:
        creator.stdin.write("go\n")
        creator.stdin.flush()
    errors = [creator.communicate(timeout=60)[1] for creator in creators]

    assert errors == [""] * 4
    tables = connect(tmp_path / "lake").execute("SHOW TABLES").fetchall()
    assert tables == [("fast",), ("part",), ("progress",), ("sample",)]


def test_a_reader_loads_no_dataflow_engine() -> None:
    """Pages and notebooks import the lake; they shall not pay for those who write."""
    code = "import sys, connectors.lake; print({'bytewax', 'polars', 'pyarrow'} & {*sys.modules})"

    assert run(code).stdout == "set()\n"
