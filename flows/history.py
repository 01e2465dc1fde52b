"""The tables of the lake, as analysts find them; README lists them from here."""

from collections.abc import Iterable

from connectors.lake.frames import Rows
from connectors.tables import Column, Table
from flows.ontology.signals import SIGNALS
from flows.steps.rows import WINDOW_COLUMNS, Shapes, place
from flows.steps.told import WindowRows

_TYPES = {
    "number": "DOUBLE",
    "integer": "BIGINT",
    "flag": "BOOLEAN",
    "text": "VARCHAR",
    "numbers": "DOUBLE[]",
}
_PLACE = (
    Column("stream", "VARCHAR", "the JetStream stream that the message stands in"),
    Column("seq", "BIGINT", "its sequence there"),
)

TELEMETRY = Table(
    "telemetry",
    (
        *_PLACE,
        Column("ts", "TIMESTAMP", "when the message was heard, or recorded; UTC"),
        Column("ts_ingest", "TIMESTAMP", "when the stream took it; UTC"),
        Column("ts_device", "TIMESTAMP", "the device's own clock, where known; UTC"),
        Column("entity_id", "VARCHAR", "who said it"),
        Column("org_id", "VARCHAR", "the organisation that the entity belongs to"),
        Column("message_type", "VARCHAR", "MAVLink's name of the message"),
        Column("source", "VARCHAR", "the link or recording that it came by"),
        Column("system_id", "INTEGER", "MAVLink system"),
        Column("component_id", "INTEGER", "MAVLink component"),
        Column("link_sequence", "INTEGER", "MAVLink's own sequence number, 0 to 255"),
        Column("role", "VARCHAR", "autopilot, or a peripheral, which sets only signals of its own"),
        Column("recorded", "BOOLEAN", "whether it was played from a recording"),
        Column("clamped", "BOOLEAN", "whether its clock was ahead and was not believed"),
        *(Column(each.column, _TYPES[each.kind], each.description, each.unit) for each in SIGNALS),
        Column("others", "JSON", "the signals that have no column of their own, by path"),
        Column("extra", "JSON", "the fields that no signal took, as they were sent"),
    ),
    partition_by="year(ts), month(ts), day(ts)",
    sort_by=("entity_id", "ts"),
)

WINDOW_ROWS = Table(
    "window_rows",
    (
        *_PLACE,
        Column("org_id", "VARCHAR", "the organisation that the entity belongs to"),
        Column("entity_id", "VARCHAR", "whose signal it is"),
        Column("source", "VARCHAR", "the link or recording that it came by"),
        Column("signal", "VARCHAR", "the signal's path"),
        Column("seconds", "SMALLINT", "length of the window", "s"),
        Column("start", "TIMESTAMP", "when the window begins; UTC"),
        Column("ts_ingest", "TIMESTAMP", "when the stream took what closed it; UTC"),
        Column("count", "INTEGER", "samples"),
        Column("min", "DOUBLE", "the least, in the signal's unit"),
        Column("max", "DOUBLE", "the most"),
        Column("mean", "DOUBLE", "the mean of all samples"),
        Column("stddev", "DOUBLE", "their standard deviation; none of a single sample"),
        Column("p95", "DOUBLE", "the sample that 95 of 100 do not exceed"),
        Column("time_weighted", "DOUBLE", "the mean over time, each sample held until the next"),
        Column("last", "DOUBLE", "the newest"),
        Column("final", "BOOLEAN", "false while more may still come"),
    ),
    partition_by="year(start), month(start), day(start)",
    sort_by=("entity_id", "signal", "start"),
)

TABLES = (TELEMETRY, WINDOW_ROWS)

VIEWS = {
    # A window that was told before it closed, or before something late came, is superseded by
    # what was told later.
    "windows": (
        "SELECT * FROM window_rows QUALIFY row_number() OVER "
        '(PARTITION BY entity_id, source, signal, seconds, "start" '
        "ORDER BY seq DESC, final DESC) = 1"
    ),
    "tracks": (
        "SELECT org_id, entity_id, ts, position_global_latitude AS latitude, "
        "position_global_longitude AS longitude, "
        "position_global_altitude_msl AS altitude_msl, "
        "position_global_altitude_relative AS altitude_relative, "
        "position_global_heading AS heading, recorded, stream, seq FROM telemetry "
        "WHERE position_global_latitude IS NOT NULL"
    ),
}


def reports(stream: str, shapes: Shapes) -> Iterable[Rows]:
    """Rows of reports as the lake takes them."""
    return (Rows(TELEMETRY.name, stream, columns, cells) for columns, cells in shapes.items())


def windows(stream: str, told: Iterable[WindowRows]) -> Iterable[Rows]:
    """Rows of windows; final ones carry marks of what is stored, those that may change none."""
    return (
        Rows(WINDOW_ROWS.name, stream, WINDOW_COLUMNS, each.rows, each.final, place(each))
        for each in told
    )
