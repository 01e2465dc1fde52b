"""Reports and windows as rows of the history: cells in the order of their columns.

Reports that set the same signals have the same columns and stand together, so that
a wide and sparse table costs only what is filled.
"""

from collections.abc import Sequence
from functools import lru_cache

import msgspec

from flows.ontology.signals import BY_PATH, Value
from flows.ontology.telemetry import Report
from flows.steps.told import WindowRows
from flows.steps.translate import extra

Cells = tuple[Value | None, ...]
# Devices may have signals of their own: only so many sets of them are kept.
MOST_SHAPES = 1024
# Columns to the rows that fill them.
Shapes = dict[tuple[str, ...], list[Cells]]

REPORT_COLUMNS = (
    "seq", "ts", "ts_ingest", "ts_device", "entity_id", "org_id", "message_type", "source",
    "system_id", "component_id", "link_sequence", "role", "recorded", "clamped", "others", "extra",
)  # fmt: skip
# In the order of what is told of a signal.
WINDOW_COLUMNS = ("signal", "count", "min", "max", "mean", "stddev", "p95", "time_weighted", "last")
# A single sample is the last, and everything else but a standard deviation.
ALONE_COLUMNS = ("signal", "last")
ALONE_COPIES = dict.fromkeys(("min", "max", "mean", "p95", "time_weighted"), "last")

_json = msgspec.json.Encoder().encode


def reports(many: list[Report]) -> Shapes:
    """Rows of the table ``telemetry``."""
    shapes: Shapes = {}
    for report in many:
        values, left = report.values, extra(report)
        columns, others = _columns(tuple(values))
        cells = values.values()
        row: Cells = (
            report.sequence,
            report.at_us,
            report.stored_us,
            report.device_us,
            report.entity_id,
            report.org_id,
            report.message_type,
            report.source,
            report.system_id,
            report.component_id,
            report.link_sequence,
            report.role,
            report.recorded,
            report.clamped,
            _json({path: values[path] for path in others}).decode() if others else None,
            _json(left).decode() if left else None,
            *([cell for path, cell in values.items() if path in BY_PATH] if others else cells),
        )
        known = shapes.get(columns)
        if known is None:
            shapes[columns] = [row]
        else:
            known.append(row)
    return shapes


def places(told: Sequence[WindowRows]) -> dict[str, list[Value]]:
    """What all rows of each window have alike in the table ``window_rows``, by column."""
    return {
        "seq": [each.sequence for each in told],
        "ts_ingest": [each.stored_us for each in told],
        "org_id": [each.org_id for each in told],
        "entity_id": [each.entity_id for each in told],
        "source": [each.source for each in told],
        "seconds": [each.seconds for each in told],
        "start": [each.start_us for each in told],
        "final": [each.final for each in told],
    }


@lru_cache(MOST_SHAPES)
def _columns(paths: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns of a row that has these signals, and which of them have none of their own."""
    columns = (*REPORT_COLUMNS, *(BY_PATH[path].column for path in paths if path in BY_PATH))
    return columns, tuple(path for path in paths if path not in BY_PATH)
