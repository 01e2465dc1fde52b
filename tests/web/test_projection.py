"""Waiting for events to be projected, over a registry as the flow writes it."""

import asyncio
import sqlite3

import pytest
from sqlite_utils import Database

from flows.ontology.registry import PROJECTION, STREAM, Refusals
from web.database import Tables
from web.projection import Outcome, Projection, Sent

pytestmark = pytest.mark.anyio

LONG = 30.0


class Flow:
    """What the flow has written of its events."""

    def __init__(self, path) -> None:
        self.database = Database(sqlite3.connect(path, timeout=LONG))
        self.database["projections"].create({"projection": str, "sequence": int}, pk="projection")
        self.database["entities"].create(
            {"entity_id": str, "org_id": str, "name": str, "revision": int}, pk="entity_id"
        )
        self.database["rejections"].create(
            {"rejection_id": str, "flow": str, "stream": str, "sequence": int, "step": str,
             "reason": str},
            pk="rejection_id",
        )  # fmt: skip

    def row(self, entity_id, revision):
        row = {"entity_id": entity_id, "org_id": "north", "name": "x", "revision": revision}
        self.database["entities"].upsert(row, pk="entity_id")
        return row

    def refuse(self, sequence, flow=PROJECTION, stream=STREAM):
        self.database["rejections"].insert(
            {"rejection_id": f"{flow}:{stream}:{sequence}", "flow": flow, "stream": stream,
             "sequence": sequence, "step": Refusals.EXISTS, "reason": "it is there"}
        )  # fmt: skip

    def reach(self, sequence):
        self.database["projections"].upsert(
            {"projection": PROJECTION, "sequence": sequence}, pk="projection"
        )


@pytest.fixture
def tables(tmp_path):
    tables = Tables(tmp_path / "db")
    yield tables
    tables.close()


@pytest.fixture
def flow(tables, tmp_path):
    flow = Flow(tmp_path / "db")
    yield flow
    flow.database.conn.close()


async def waited(projection, *sent, seconds=LONG):
    return await projection.outcomes([Sent(*each) for each in sent], seconds)


async def test_an_event_that_is_projected_has_its_entitys_row(tables, flow):
    """As it stands; none where it was deleted; and why, where it was refused."""
    row = flow.row("a", 4)
    flow.refuse(5)
    flow.reach(6)

    assert await waited(Projection(tables), (4, "a"), (5, "a"), (6, "gone")) == [
        Outcome(row),
        Outcome(None, Refusals.EXISTS, "it is there"),
        Outcome(),
    ]


async def test_what_others_were_refused_is_not_ours(tables, flow):
    """Another flow's refusal, or another stream's, may have the same sequence."""
    row = flow.row("a", 4)
    flow.refuse(4, flow="telemetry")
    flow.refuse(4, stream="CONSTELLATION_TELEMETRY")
    flow.reach(4)

    assert await waited(Projection(tables), (4, "a")) == [Outcome(row)]


async def test_who_waits_is_told_once_it_is_there(tables, flow):
    """Each when its own event is, whoever else waits."""
    projection = Projection(tables)
    first = asyncio.create_task(waited(projection, (7, "a")))
    second = asyncio.create_task(waited(projection, (9, "b")))
    await asyncio.sleep(0)
    row = flow.row("a", 7)
    flow.reach(7)

    assert await first == [Outcome(row)]
    assert not second.done()
    assert not projection.settled
    flow.reach(9)
    assert await second == [Outcome()]
    assert projection.settled


async def test_what_is_not_projected_in_time_is_not_known(tables):
    """Not even where the flow has never run, and has no tables."""
    projection = Projection(tables)

    assert projection.settled
    assert await waited(projection, (1, "a"), seconds=0.05) == [None]
    assert not projection.settled


async def test_a_thousand_are_told_at_once(tables, flow):
    """Of those that are there already nobody waits for the others' time to be up."""
    for number in range(1, 1000):
        flow.row(f"e{number}", number)
    flow.reach(999)

    found = await waited(
        Projection(tables), *((number, f"e{number}") for number in range(1, 1001)), seconds=2
    )

    assert [each.row["revision"] for each in found[:-1]] == list(range(1, 1000))
    assert found[-1] is None


async def test_a_registry_that_cannot_be_read_is_no_silence(tables, flow):
    """Whoever waits is told of the fault."""
    flow.reach(1)
    flow.database.execute("DROP TABLE entities")

    with pytest.raises(sqlite3.OperationalError, match="entities"):
        await waited(Projection(tables), (1, "a"))
