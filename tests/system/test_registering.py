"""What is registered by events is in the bucket and in the registry, whatever becomes of the flow."""

import itertools
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cluster import BUCKET, Cluster, cluster
from nats.js.errors import KeyNotFoundError

from connectors.projection import PROJECTIONS
from connectors.session import Server, session
from connectors.sqlite import prepare, read_rows

SECONDS = 30.0


class Registry:
    """A flow with its message server, and whoever registers there."""

    def __init__(self, running: Cluster) -> None:
        self.running = running
        settings = running.settings
        self.server = Server(settings.server, "client", settings.seed("client"))

    def publish(self, kind: str, entity: str, fields: dict | None = None, **data: Any) -> int:
        """An event; its sequence."""
        body = {"data": {"entity_id": entity, "org_id": "default", **data}, "source": "test"}
        if fields is not None:
            body["data"]["entity"] = fields

        async def say(client) -> int:
            subject = f"constellation.entities.default.{kind}"
            return (await client.jetstream().publish(subject, json.dumps(body).encode())).seq

        with session(self.server) as opened:
            return opened.call(say, opened.client)

    def rows(self, sql: str, *values: object) -> list[dict]:
        return read_rows(self.running.settings.database, sql, values)

    def reached(self, sequence: int) -> bool:
        rows = self.rows("SELECT sequence FROM projections WHERE projection = 'entities'")
        return bool(rows) and rows[0]["sequence"] >= sequence

    def until_reached(self, sequence: int) -> None:
        until(lambda: self.reached(sequence), f"the projection of {sequence}")

    def row(self, entity: str) -> dict | None:
        rows = self.rows("SELECT * FROM entities WHERE entity_id = ?", entity)
        return rows[0] if rows else None

    def document(self, entity: str) -> dict | None:
        async def read(client) -> dict | None:
            bucket = await client.jetstream().key_value(BUCKET)
            try:
                return json.loads((await bucket.get(entity)).value)
            except KeyNotFoundError:
                return None

        with session(self.server) as opened:
            return opened.call(read, opened.client)


def until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"not within {SECONDS} s: {what}"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def registry(tmp_path_factory) -> Iterator[Registry]:
    with cluster(tmp_path_factory.mktemp("registry")) as running:
        prepare(running.settings.database, PROJECTIONS)
        running.start("entities")
        registry = Registry(running)
        registry.until_reached(registry.publish("created", "first", GATE))
        yield registry


GATE = {
    "name": "Gate",
    "entity_type": "sensor_platform",
    "position": {"latitude": 47.5, "longitude": 8.5, "altitude": 400},
    "tags": ["north", "gate"],
    "metadata": {"height_m": 3},
}


@pytest.fixture
def entity() -> str:
    return str(uuid.uuid4())


def test_what_is_reached_is_in_the_registry_and_in_the_bucket(registry, entity) -> None:
    """A moment after it was published, for both are written before the mark."""
    sequence = registry.publish("created", entity, GATE)
    registry.until_reached(sequence)

    row, document = registry.row(entity), registry.document(entity)
    assert (row["name"], row["latitude"], row["revision"]) == ("Gate", 47.5, sequence)
    assert (json.loads(row["tags"]), row["is_live"]) == (["north", "gate"], 0)
    assert document["position"]["global"]["latitude"] == 47.5
    assert (document["metadata"], document["is_live"]) == ({"height_m": 3}, False)
