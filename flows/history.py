"""The tables of the lake, as analysts find them; README lists them from here."""

from collections.abc import Iterable, Sequence
from itertools import chain

from connectors.lake.frames import Rows
from connectors.tables import Column, Table
from flows.ontology.signals import SIGNALS, Value
from flows.steps.commands.transitions import COLUMNS as COMMAND_COLUMNS
from flows.steps.rows import (
    ALONE_COLUMNS,
    ALONE_COPIES,
    WINDOW_COLUMNS,
    Cells,
    Shapes,
    places,
)
from flows.steps.told import WindowRows

_TYPES = {
    "number": "DOUBLE",
    "integer": "BIGINT",
    "code": "BIGINT",
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

COMMANDS = Table(
    "commands",
    (
        *_PLACE,
        Column("ts", "TIMESTAMP", "when the command came into the state; UTC"),
        Column("ts_ingest", "TIMESTAMP", "when the stream took that; UTC"),
        Column("org_id", "VARCHAR", "the organisation whose command it is"),
        Column("entity_id", "VARCHAR", "who is to do it, or `broadcast`"),
        Column("command_id", "VARCHAR", "which command, of those of the organisation"),
        Column("number", "INTEGER", "which of its transitions, from 1"),
        Column("state", "VARCHAR", "the state that it came into"),
        Column("previous", "VARCHAR", "the state that it was in"),
        Column("command", "VARCHAR", "its kind, as the catalogue has it"),
        Column("priority", "VARCHAR", "low, normal, high or emergency"),
        Column("by_id", "VARCHAR", "who has brought it into the state"),
        Column("by_name", "VARCHAR", "what they are called"),
        Column("by_means", "VARCHAR", "a person, a key, over nats, or the flow"),
        Column("reason", "VARCHAR", "why, in a sentence"),
        Column("requested_by", "VARCHAR", "who has asked for it"),
        Column("approved_by", "VARCHAR", "who has approved it, where that was needed"),
        Column("requested_at", "TIMESTAMP", "when it was asked for; UTC"),
        Column("expires_at", "TIMESTAMP", "after which it is not to be done; UTC"),
        Column("parent_id", "VARCHAR", "the broadcast that it is a part of"),
        Column("progress", "DOUBLE", "how far it is, where known", "%"),
        Column("params", "JSON", "what it is asked with; in its first row"),
        Column("result", "JSON", "what the device has said of it"),
        Column("counts", "JSON", "of a broadcast, how many parts are in which state"),
    ),
    partition_by="year(ts_ingest), month(ts_ingest), day(ts_ingest)",
    sort_by=("entity_id", "ts"),
)

TABLES = (TELEMETRY, WINDOW_ROWS, COMMANDS)

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
    # A row for each command. What was done at once is accepted as well, and where an answer was
    # lost it was when the next one came.
    "command_lives": (
        "SELECT *, epoch(sent_at - requested_at) AS sent_seconds, "
        "epoch(accepted_at - requested_at) AS accepted_seconds, "
        "epoch(ended_at - requested_at) AS ended_seconds FROM ("
        "SELECT org_id, command_id, any_value(entity_id) AS entity_id, "
        "any_value(command) AS command, any_value(priority) AS priority, "
        "any_value(parent_id) AS parent_id, any_value(requested_by) AS requested_by, "
        "arg_max(approved_by, number) AS approved_by, min(requested_at) AS requested_at, "
        "min(ts) FILTER (state = 'sent') AS sent_at, "
        "min(ts) FILTER (state = 'received') AS received_at, "
        "min(ts) FILTER (state IN ('accepted', 'executing', 'completed')) AS accepted_at, "
        "min(ts) FILTER (state IN ('completed', 'failed', 'rejected', 'timed_out', 'expired', "
        "'cancelled', 'superseded')) AS ended_at, arg_max(state, number) AS state, "
        "arg_max(reason, number) AS reason, max(number) AS transitions, "
        "arg_min(params, number) AS params, arg_max(result, number) AS result "
        "FROM commands GROUP BY org_id, command_id)"
    ),
    "command_times": (
        "SELECT org_id, command, count(*) AS commands, "
        "count(*) FILTER (state = 'completed') AS completed, "
        "quantile_cont(accepted_seconds, 0.5) AS accepted_seconds_p50, "
        "quantile_cont(accepted_seconds, 0.99) AS accepted_seconds_p99, "
        "quantile_cont(ended_seconds, 0.5) AS ended_seconds_p50, "
        "quantile_cont(ended_seconds, 0.99) AS ended_seconds_p99 "
        "FROM command_lives WHERE entity_id <> 'broadcast' GROUP BY org_id, command"
    ),
}


def transitions(stream: str, cells: Sequence[Cells]) -> Rows:
    """Rows of transitions of commands as the lake takes them."""
    return Rows(COMMANDS.name, stream, COMMAND_COLUMNS, cells)


def reports(stream: str, shapes: Shapes) -> Iterable[Rows]:
    """Rows of reports as the lake takes them."""
    return (Rows(TELEMETRY.name, stream, columns, cells) for columns, cells in shapes.items())


def windows(stream: str, told: Sequence[WindowRows]) -> Iterable[Rows]:
    """Rows of windows; final ones carry marks of what is stored, those that may change none."""
    closed = [each for each in told if each.final]
    standing = [each for each in told if not each.final]
    made = [
        of(stream, some, final=some is closed)
        for some in (closed, standing)
        for of in (_several, _alone)
    ]
    return [rows for rows in made if rows.rows]


def _several(stream: str, told: list[WindowRows], *, final: bool) -> Rows:
    """Of the signals of which there are several samples, or may be."""
    some = [each for each in told if each.rows]
    rows = [*chain.from_iterable([each.rows for each in some])]
    runs = [len(each.rows) for each in some]
    return Rows(WINDOW_ROWS.name, stream, WINDOW_COLUMNS, rows, final, places(some), runs)


def _alone(stream: str, told: list[WindowRows], *, final: bool) -> Rows:
    some = [each for each in told if each.alone]
    rows = [*chain.from_iterable([each.alone for each in some])]
    runs = [len(each.alone) for each in some]
    same: dict[str, list[Value]] = places(some)
    same["count"] = [1] * len(some)
    return Rows(WINDOW_ROWS.name, stream, ALONE_COLUMNS, rows, final, same, runs, ALONE_COPIES)
