"""Graphs between ends that can be looked into, without a network."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource

from connectors.jetstream import Message
from connectors.kv import VERSION, WRITER, Put, Version
from connectors.lake.frames import Cell, Rows
from connectors.ledger import Entry
from connectors.mavlink_sink import Sending
from connectors.meter import Count
from connectors.projection import Projected, Record
from connectors.publish import Publication
from flows import commands, entities, relay, telemetry, traffic
from flows.ontology import registry
from flows.ontology.command_desk import Rules
from flows.ontology.command_facts import Limits
from flows.ontology.radio import Station
from flows.ontology.subjects import BUCKET_STREAM, state
from flows.ontology.traffic import Listener
from flows.radio import Radio
from flows.steps import window
from flows.steps.commands.picture import Picture
from flows.steps.identify import Names
from flows.steps.relaying.carry import Relay
from flows.steps.silence import Patience

SECOND = 1_000_000
NOON = 1_790_000_000 * SECOND
STREAM = "CONSTELLATION_TELEMETRY"


def envelope(sequence: int, data: dict, message_type: str = "VFR_HUD", **more: Any) -> Message:
    """A telemetry message as the relay says it; it is heard and stored ``sequence`` s after noon.

    Args:
        sequence: in the stream.
        data: the message's fields.
        message_type: MAVLink's name.
        more: further fields of the envelope; ``at`` for another time, seconds after noon.
    """
    at = more.pop("at", sequence)
    body = {
        "entity_id": "v1",
        "org_id": "north",
        "message_type": message_type,
        "timestamp": at_text(at),
        "data": data,
        **more,
    }
    subject = f"constellation.telemetry.north.{body['entity_id']}"
    return Message(STREAM, subject, msgspec.json.encode(body), sequence, NOON + sequence * SECOND)


def entity_event(sequence: int, kind: str, entity: str = "v1", **more: Any) -> Message:
    """An event of an entity, stored ``sequence`` seconds after noon.

    Args:
        sequence: in the stream.
        kind: ``created``, ``updated``, ``deleted`` or ``status``.
        entity: of which it is.
        more: fields of the entity; ``data`` for more of the data, ``org`` for another
            organisation, ``source`` for another source.
    """
    org, data, source = more.pop("org", "north"), more.pop("data", {}), more.pop("source", "test")
    said = {"entity_id": entity, "org_id": org, **({"entity": more} if more else {}), **data}
    body = {"data": said, "timestamp": at_text(sequence), "source": source}
    subject = f"constellation.entities.{org}.{kind}"
    at_us = NOON + sequence * SECOND
    return Message(registry.STREAM, subject, msgspec.json.encode(body), sequence, at_us)


def at_text(seconds: float) -> str:
    """So many seconds after noon, as envelopes say it."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(NOON / SECOND + seconds, UTC).isoformat()


def document(sequence: int, key: str, value: object, version: Version | None = None) -> Message:
    """A put into the bucket: another program's, or with a version our own."""
    headers = {WRITER: "entities", VERSION: version.header()} if version else None
    data = value if isinstance(value, bytes) else msgspec.json.encode(value)
    return Message(BUCKET_STREAM, state(key), data, sequence, NOON + sequence * SECOND, headers)


def whole(rows: Rows) -> list[dict[str, Cell]]:
    """Rows with the cells that they have alike, and those that are another's."""
    of = [number for number, run in enumerate(rows.runs) for _ in range(run)]
    made = []
    for number, row in enumerate(rows.rows):
        cells = dict(zip(rows.columns, row, strict=True))
        cells |= {name: same[of[number]] for name, same in rows.same.items()}
        made.append(cells | {name: cells[other] for name, other in rows.copies.items()})
    return made


@dataclass
class Ends:
    """What has come out of a graph."""

    said: list[tuple[str, Publication]] = field(default_factory=list)
    ledger: list[tuple[str, dict]] = field(default_factory=list)
    counts: list[Count] = field(default_factory=list)
    lake: list[tuple[str, Rows]] = field(default_factory=list)
    projected: list[tuple[str, Projected]] = field(default_factory=list)
    entries: list[tuple[str, Entry]] = field(default_factory=list)
    sent: list[tuple[str, Sending]] = field(default_factory=list)

    @property
    def bucket(self) -> list[tuple[str, Put]]:
        """What was put."""
        return [(key, each) for key, each in self.projected if isinstance(each, Put)]

    @property
    def registry(self) -> list[tuple[str, dict]]:
        """The rows that were written."""
        return [
            (key, each.row)
            for key, each in self.projected
            if isinstance(each, Record) and each.table == "entities"
        ]

    def _common(self) -> dict:
        return {
            "said": TestingSink(self.said),
            "ledger": TestingSink(self.ledger),
            "counts": TestingSink(self.counts),
        }

    def relay(
        self,
        heard: list,
        names: Names | None = None,
        said_before: frozenset[str] = frozenset(),
        clock: Callable[[], int] = lambda: NOON,
    ) -> Dataflow:
        flow = Dataflow("relay")
        relay.graph(
            flow,
            heard=TestingSource(heard),
            names=names or Names("north"),
            radio=Radio(TestingSink(self.sent), Relay(Station(), said_before), clock),
            **self._common(),
        )
        return flow

    def traffic(
        self,
        heard: list,
        listener: Listener | None = None,
        clock: Callable[[], int] = lambda: NOON,
    ) -> Dataflow:
        flow = Dataflow("traffic")
        traffic.graph(
            flow,
            heard=TestingSource(heard),
            listener=listener or Listener("north"),
            clock=clock,
            **self._common(),
        )
        return flow

    def telemetry(self, messages: list, clock: Callable[[], int] = lambda: NOON) -> Dataflow:
        flow = Dataflow("telemetry")
        telemetry.graph(
            flow,
            messages=TestingSource(messages, batch_size=3),
            lake=TestingSink(self.lake),
            organization="north",
            ahead_us=2 * SECOND,
            patience=window.Patience(5 * SECOND, 10 * SECOND),
            clock=clock,
            **self._common(),
        )
        return flow

    def entities(
        self,
        messages: list,
        documents: list | None = None,
        recall_until: int = 0,
        clock: Callable[[], int] = lambda: NOON,
    ) -> Dataflow:
        flow = Dataflow("entities")
        entities.graph(
            flow,
            messages=TestingSource([*messages, *(documents or [])], batch_size=3),
            projection=TestingSink(self.projected),
            organization="north",
            ahead_us=2 * SECOND,
            patience=Patience(5 * SECOND, 30 * SECOND),
            recall_until=recall_until,
            clock=clock,
            **self._common(),
        )
        return flow

    def commands(
        self,
        messages: list,
        picture: Picture | None = None,
        rules: Rules | None = None,
        clock: Callable[[], int] = lambda: NOON,
    ) -> Dataflow:
        flow = Dataflow("commands")
        common = self._common()
        commands.graph(
            flow,
            messages=TestingSource(messages, batch_size=3),
            ledger=TestingSink(self.entries),
            said=common["said"],
            rejections=common["ledger"],
            counts=common["counts"],
            organization="north",
            rules=rules or Rules(Limits(120, 0, 30 * SECOND)),
            picture=picture or Picture(),
            clock=clock,
        )
        return flow

    def cells(self, table: str, *names: str) -> list[tuple]:
        """Some columns of all rows of a table, in the order in which they came."""
        return [
            tuple(row.get(name) for name in names)
            for _, rows in self.lake
            if rows.table == table
            for row in whole(rows)
        ]

    def refused(self) -> list[tuple[str, str]]:
        """Step and reason of each refusal, as the ledger has them."""
        return [(row["step"], row["reason"]) for _, row in self.ledger]

    def last(self, key: str) -> dict:
        """The newest state under a key."""
        puts = [put for each, put in self.bucket if each == key]
        return msgspec.json.decode(puts[-1].value)
