"""What becomes of a refusal in every flow: published, kept in SQLite, and counted."""

from typing import Any

import bytewax.operators as op
from bytewax.dataflow import Stream
from bytewax.operators import KeyedStream
from bytewax.outputs import Sink

from connectors.meter import Count
from connectors.publish import Publication
from connectors.sqlite import Row, SqliteTable
from flows.ontology import subjects
from flows.ontology.wire import Rejected, rejection_json

REJECTIONS = SqliteTable(
    "rejections",
    {
        "rejection_id": str,
        "flow": str,
        "step": str,
        "reason": str,
        "subject": str,
        "stream": str,
        "sequence": int,
        "stored_us": int,
        "data": bytes,
    },
    key="rejection_id",
    most=100_000,
    indexes=(("flow", "step"), ("stream", "sequence")),
)


def record(
    name: str, rejected: Stream[Rejected], ledger: Sink[tuple[str, Row]], counts: Sink[Count]
) -> KeyedStream[Publication]:
    """Keep and count what a flow refuses; what is to be published of it is returned.

    Args:
        name: the flow's.
        rejected: its refusals.
        ledger: the table ``rejections``.
        counts: the counters.
    """
    rows = op.map("rejected_row", rejected, lambda each: (each.step, row(name, each)))
    op.output("rejections", rows, ledger)
    # ("decode", {"rejection_id": "CONSTELLATION_TELEMETRY:17:decode:not an envelope...", ...})

    counted = op.map("rejected_count", rejected, lambda each: _count(name, each))
    op.output("rejected_counts", counted, counts)
    # Count("overwatch_rejected_total", ("telemetry", "decode"), 1)

    return op.map("rejected_publication", rejected, lambda each: _publication(name, each))
    # ("telemetry", Publication("constellation.rejected.telemetry", b'{"step": "decode", ...}'))


def row(name: str, rejected: Rejected) -> dict[str, Any]:
    """A refusal of a flow, as the table has it."""
    fields = {field: getattr(rejected, field) for field in rejected.__struct_fields__}
    return {**fields, "rejection_id": f"{name}:{rejected.identity}", "flow": name}


def _count(name: str, rejected: Rejected) -> Count:
    return Count("overwatch_rejected_total", (name, rejected.step))


def _publication(name: str, rejected: Rejected) -> tuple[str, Publication]:
    identity = f"{name}:{rejected.identity}"
    return name, Publication(subjects.rejected(name), rejection_json(rejected), identity)
