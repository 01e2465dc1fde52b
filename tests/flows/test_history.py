"""The tables of the lake hold what the steps say, and their views show it once."""

from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from connectors.lake import create
from connectors.lake.attach import connect
from connectors.lake.frames import Rows
from connectors.lake.sink import LakeSink
from connectors.tables import Table
from flows import history
from flows.ontology.signals import SIGNALS
from flows.ontology.telemetry import MICROSECONDS, Report, moment
from flows.steps import rows
from flows.steps.told import WindowRows

STREAM = "CONSTELLATION_TELEMETRY"
NOON = 1_790_000_000 * MICROSECONDS


@pytest.fixture(scope="module")
def lake(tmp_path_factory) -> Path:
    """A lake with a position, a window that was told twice, and one that was closed later."""
    root = tmp_path_factory.mktemp("lake")
    create(root, history.TABLES, history.VIEWS)
    sink = LakeSink(root, history.TABLES).build_part("out", "0", None)
    sink.write_batch([*told(), *windows()])
    sink.snapshot()
    sink.close()
    return root


def told() -> list[Rows]:
    place = {
        "position.global.latitude": 47.25,
        "position.global.longitude": 8.5,
        "position.global.altitude_msl": 400.0,
    }
    many = [
        Report("v1", "north", "GLOBAL_POSITION_INT", 1, NOON, NOON, place, {"odd": [1]}),
        Report("v1", "north", "VFR_HUD", 2, NOON, NOON, {"vfr.groundspeed": 3.5}, {}, NOON),
    ]
    return list(history.reports(STREAM, rows.reports(many)))


def window(sequence: int, mean: float, *, final: bool, start: int = NOON) -> WindowRows:
    row = ("vfr.groundspeed", 2, 0.0, 9.0, mean, 1.5, 9.0, mean, 9.0)
    return WindowRows(sequence, NOON, "north", "v1", "udp:1", 10, start, [row], final)


def windows() -> list[Rows]:
    later = NOON + 10 * MICROSECONDS
    told = [
        window(5, 1.0, final=False),
        window(7, 2.0, final=False),
        window(9, 4.0, final=False, start=later),
        window(7, 3.0, final=True),
    ]
    return list(history.windows(STREAM, told))


def found(lake: Path, sql: str) -> list[tuple]:
    with connect(lake) as connection:
        return connection.execute(sql).fetchall()


def test_a_report_is_a_row(lake: Path) -> None:
    """Of its signals and of where it came from."""
    names = "seq, ts, ts_device, entity_id, message_type, vfr_groundspeed, extra, stream"
    noon = moment(NOON).replace(tzinfo=None)
    assert found(lake, f"SELECT {names} FROM telemetry ORDER BY seq") == [
        (1, noon, None, "v1", "GLOBAL_POSITION_INT", None, '{"odd":[1]}', STREAM),
        (2, noon, noon, "v1", "VFR_HUD", 3.5, None, STREAM),
    ]


def test_tracks_are_the_rows_that_have_a_place(lake: Path) -> None:
    """In the words of a map."""
    sql = "SELECT entity_id, latitude, longitude, altitude_msl, seq FROM tracks"
    assert found(lake, sql) == [("v1", 47.25, 8.5, 400.0, 1)]


def test_of_a_window_the_newest_row_counts(lake: Path) -> None:
    """The closed one before one that was told with the same message; each start is its own."""
    start: datetime = moment(NOON).replace(tzinfo=None)
    sql = 'SELECT "start", mean, final FROM windows ORDER BY "start"'
    (first, second) = found(lake, sql)
    assert first == (start, 3.0, True)
    assert second[1:] == (4.0, False)
    assert len(found(lake, "SELECT * FROM window_rows")) == 4


NEW = {"source", "stddev", "p95", "time_weighted", "others"}


def test_a_lake_of_before_gets_the_columns_that_it_lacks(tmp_path: Path) -> None:
    """Its rows stay, without what they did not have, beside those that come now."""
    tables = [
        Table(
            table.name,
            tuple(column for column in table.columns if column.name not in NEW),
            table.partition_by,
            table.sort_by,
        )
        for table in history.TABLES
    ]
    view = 'SELECT entity_id, "start", mean FROM window_rows'
    create(tmp_path, tables, {"windows": view})
    with closing(connect(tmp_path, read_only=False)) as connection:
        connection.execute(
            "INSERT INTO window_rows BY NAME SELECT 'v1' AS entity_id, 's' AS signal, "
            "10 AS seconds, 1 AS seq, TIMESTAMP '2026-01-01' AS \"start\", 2.5 AS mean, "
            "true AS final"
        )
    create(tmp_path, history.TABLES, history.VIEWS)
    sink = LakeSink(tmp_path, history.TABLES).build_part("out", "0", None)
    sink.write_batch(windows())
    sink.snapshot()
    sink.close()

    sql = "SELECT source, mean, stddev, p95, time_weighted FROM windows ORDER BY seq"
    assert found(tmp_path, sql) == [
        (None, 2.5, None, None, None),
        ("udp:1", 3.0, 1.5, 9.0, 3.0),
        ("udp:1", 4.0, 1.5, 9.0, 4.0),
    ]


def test_every_signal_has_a_column_with_its_unit() -> None:
    """In the words of the tree."""
    columns = {each.name: each for each in history.TELEMETRY.columns}
    for signal in SIGNALS:
        assert columns[signal.column].unit == signal.unit
        assert columns[signal.column].description == signal.description


def test_the_steps_fill_columns_that_there_are() -> None:
    """Under the names that the tables give them."""
    for table, filled in (
        (history.TELEMETRY, rows.REPORT_COLUMNS),
        (history.WINDOW_ROWS, [*rows.WINDOW_COLUMNS, *rows.place(window(1, 1.0, final=True))]),
    ):
        assert set(filled) <= {each.name for each in table.columns}


def test_rows_say_whether_they_are_held_back_from_repeating() -> None:
    """Those that may still change are not."""
    (held,) = history.windows(STREAM, [window(1, 1.0, final=True)])
    assert (held.table, held.stream, held.guarded) == ("window_rows", STREAM, True)
    assert [each.guarded for each in windows()] == [False, False, False, True]
