"""A refusal is published, kept and counted, and once however often it is made."""

import base64

import msgspec
from bytewax import operators as op
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource, run_main

from connectors.meter import Count
from connectors.sqlite import SqliteSink, read_rows
from flows.ontology.wire import Rejected
from flows.rejections import REJECTIONS, record

BROKEN = Rejected(
    "decode", "not an envelope", "t.north.v1", "T", 7, 1_790_000_000_000_000, b"\xff{"
)


def recorded(rejected: list[Rejected], name: str = "telemetry") -> tuple[list, list, list]:
    """What is published, what the ledger takes, and what is counted."""
    said, rows, counts = [], [], []
    flow = Dataflow("rejections")
    refused = op.input("in", flow, TestingSource(rejected))
    op.output("out", record(name, refused, TestingSink(rows), TestingSink(counts)),
              TestingSink(said))  # fmt: skip
    run_main(flow)
    return said, rows, counts


def test_a_refusal_is_published_kept_and_counted() -> None:
    """With all that it says; bytes travel in base64."""
    ((_, publication),), ((_, row),), counts = recorded([BROKEN])

    assert publication.subject == "constellation.rejected.telemetry"
    assert publication.message_id == "telemetry:T:7:decode:not an envelope"
    told = msgspec.json.decode(publication.data)
    assert base64.b64decode(told.pop("data")) == b"\xff{"
    assert told == {
        "step": "decode",
        "reason": "not an envelope",
        "subject": "t.north.v1",
        "stream": "T",
        "sequence": 7,
        "stored_us": 1_790_000_000_000_000,
    }
    assert row["rejection_id"] == publication.message_id
    assert set(row) == set(REJECTIONS.columns)
    assert counts == [Count("overwatch_rejected_total", ("telemetry", "decode"), 1)]


def test_refusals_of_one_message_are_told_apart(tmp_path) -> None:
    """By flow, step and reason; the same one again is the same row."""
    others = [
        msgspec.structs.replace(BROKEN, step="translate"),
        msgspec.structs.replace(BROKEN, reason="too deep"),
        msgspec.structs.replace(BROKEN, sequence=8),
    ]
    path = tmp_path / "registry.db"
    sink = SqliteSink(path, REJECTIONS).build_part("out", "rejections", None)
    for name in ("telemetry", "entities"):
        _, rows, _ = recorded([BROKEN, *others, BROKEN], name)
        sink.write_batch([row for _, row in rows])
    sink.close()

    kept = read_rows(path, "SELECT * FROM rejections")
    assert len(kept) == 8
    assert {row["data"] for row in kept} == {b"\xff{"}
