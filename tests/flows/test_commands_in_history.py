"""Transitions of commands go from a real stream into a real lake, each once."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.testing import TestingSink, run_main
from message_server import Running, message_server, with_streams

from connectors.jetstream import JetStreamSource, last_sequence
from connectors.lake import connect, create
from connectors.lake.sink import LakeSink
from flows import history, telemetry
from flows.ontology import subjects
from flows.ontology.command_states import State
from flows.ontology.commands import STREAM, Control, Status
from flows.steps.window import Patience

NOON = datetime(2026, 9, 21, 12, tzinfo=UTC)
DEADLINE = 15.0
# A part of the flow of commands may publish these, as nobody else may.
WRITER, READER = "commands", "telemetry"
LIFE: tuple[State, ...] = ("requested", "queued", "sent", "received", "accepted", "completed")


@dataclass
class Told:
    """A stream of commands, and the lake that it goes into."""

    running: Running
    folder: Path

    def tell(self, *many: Status | Control, part: str = subjects.STATUS) -> None:
        async def publish() -> None:
            async with self.running.client(WRITER) as (client, _):
                for each in many:
                    subject = subjects.command(each.org_id, each.entity_id, part)
                    await client.jetstream(timeout=DEADLINE).publish(
                        subject, msgspec.json.encode(each)
                    )

        asyncio.run(publish())

    def read(self, until: int, recovery: str, most: int = 4000) -> None:
        """Run the graph to a sequence; where it had come to before is in a folder."""
        folder = self.folder / recovery
        if not folder.exists():
            folder.mkdir()
            init_db_dir(folder, 1)
        flow = Dataflow("telemetry")
        telemetry.graph(
            flow,
            messages=JetStreamSource(
                self.running.server(READER), STREAM, READER, until=until, most=most
            ),
            lake=LakeSink(self.folder / "lake", history.TABLES),
            said=TestingSink([]),
            ledger=TestingSink([]),
            counts=TestingSink([]),
            organization="north",
            ahead_us=0,
            patience=Patience(0, 0),
        )
        run_main(flow, epoch_interval=timedelta(0), recovery_config=RecoveryConfig(str(folder)))

    def ask(self, sql: str) -> list[tuple]:
        with connect(self.folder / "lake") as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("history")
    create(folder / "lake", history.TABLES, history.VIEWS)
    (folder / "server").mkdir()
    with message_server(folder / "server") as running:
        with_streams(running)
        yield Told(running, folder)


def life(command_id: str, *states: State, entity: str = "v1", org: str = "north") -> list[Status]:
    """A command that comes into a state each second."""
    return [
        Status(
            command_id=command_id, org_id=org, entity_id=entity, command="hold", number=number,
            state=state, previous=None, at=NOON + timedelta(seconds=number), requested_at=NOON,
            expires_at=NOON + timedelta(minutes=1), params={"a": 1} if number == 1 else {},
        )
        for number, state in enumerate(states, 1)
    ]  # fmt: skip


def test_every_transition_is_a_row_once_however_often_it_is_read(told):
    """Restarted, and begun anew without what it remembered, with the stream cut differently."""
    control = Control(org_id="north", entity_id="v1", number=1, at=NOON)
    first = life("c1", *LIFE)
    told.tell(*first[:2], control, *first[2:4])
    told.read(5, "recovery")
    assert told.ask("SELECT count(*) FROM commands") == [(4,)]

    told.tell(*first[4:], *life("c1", "requested", "rejected", entity="w1", org="south"))
    told.tell(*life("b1", "requested", entity=subjects.BROADCAST))
    told.tell(first[0], part=subjects.DELIVER)
    told.read(10, "recovery")
    rows = "SELECT seq, org_id, entity_id, command_id, number, state FROM commands ORDER BY seq"
    expected = [
        *((at, "north", "v1", "c1", number, state)
          for at, number, state in zip((1, 2, 4, 5, 6, 7), range(1, 7), LIFE, strict=True)),
        (8, "south", "w1", "c1", 1, "requested"),
        (9, "south", "w1", "c1", 2, "rejected"),
        (10, "north", "broadcast", "b1", 1, "requested"),
    ]  # fmt: skip
    assert told.ask(rows) == expected

    told.read(4, "begun anew", most=3)
    told.read(10, "begun anew")
    assert told.ask(rows) == expected


def test_a_view_tells_how_long_each_command_took(told):
    """From when it was asked for; what was refused was never accepted."""
    told.tell(*life("c1", *LIFE, org="west"), *life("c2", "requested", "rejected", org="west"))
    told.tell(*life("c3", "requested", "queued", "sent", "completed", org="west"))
    told.tell(*life("b1", "requested", entity=subjects.BROADCAST, org="west"))
    told.read(last_sequence(told.running.server(READER), STREAM), "of the view")
    lives = told.ask(
        "SELECT command_id, state, transitions, sent_seconds, accepted_seconds, ended_seconds"
        " FROM command_lives WHERE org_id = 'west' ORDER BY command_id"
    )
    assert lives == [
        ("b1", "requested", 1, None, None, None),
        ("c1", "completed", 6, 3.0, 5.0, 6.0),
        ("c2", "rejected", 2, None, None, 2.0),
        ("c3", "completed", 4, 3.0, 4.0, 4.0),
    ]
    times = (
        "SELECT command, commands, completed, accepted_seconds_p50 FROM command_times"
        " WHERE org_id = 'west'"
    )
    assert told.ask(times) == [("hold", 3, 2, 4.5)]
