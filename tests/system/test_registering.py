"""What events register is in the bucket and in the registry, whatever becomes of the flow."""

import itertools
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cluster import BUCKET, Cluster, cluster
from documents import README
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

    def tell(self, entity: str, data: dict) -> None:
        """Telemetry."""
        subject = f"constellation.telemetry.default.{entity}"
        self.running.say([(subject, {"message_type": "VFR_HUD", "data": data})])

    def purge(self) -> None:
        """Let the stream of events forget all that it had."""
        settings = self.running.settings

        async def purge(client) -> None:
            await client.jetstream().purge_stream("CONSTELLATION_ENTITIES")

        with session(Server(settings.server, "admin", settings.seed("admin"))) as opened:
            opened.call(purge, opened.client)

    def deleted_last(self) -> dict:
        """What the stream has of the last deletion."""

        async def read(client) -> dict:
            subject = "constellation.entities.default.deleted"
            last = await client.jetstream().get_last_msg("CONSTELLATION_ENTITIES", subject)
            return json.loads(last.data)["data"]

        with session(self.server) as opened:
            return opened.call(read, opened.client)

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


def test_the_readme_registers_an_entity(registry) -> None:
    """As a device does, by NATS; what it prints is the revision."""
    code = README.read_text().partition("<!-- example:entity -->\n```python\n")[2]
    settings = registry.running.settings
    nats = {"NATS_URL": settings.server, "NATS_NKEY_SEED_FILE": settings.seed("client")}
    done = subprocess.run(
        [sys.executable, "-c", code.partition("```")[0]],
        env={**os.environ, **nats},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    registry.until_reached(int(done.stdout))

    row = registry.row("gate-7")
    assert (row["name"], row["revision"]) == ("North gate", int(done.stdout))
    assert (row["altitude"], row["expires_at"]) == (408, "2100-01-01T00:00:00Z")


def test_a_deleted_entity_is_in_neither(registry, entity) -> None:
    """Nor is there anything of it in the history of the bucket."""
    registry.publish("created", entity, GATE)
    registry.until_reached(registry.publish("deleted", entity, reason="sold"))

    assert (registry.row(entity), registry.document(entity)) == (None, None)


def test_what_is_refused_is_found_by_its_sequence(registry, entity) -> None:
    """With a step that says why, when the mark is there."""
    registry.publish("created", entity, GATE)
    again = registry.publish("created", entity, GATE)
    unread = registry.publish("updated", entity, {"colour": "red"})
    registry.until_reached(unread)

    sql = "SELECT step FROM rejections WHERE stream = 'CONSTELLATION_ENTITIES' AND sequence = ?"
    assert registry.rows(sql, again) == [{"step": "register:exists"}]
    assert registry.rows(sql, unread) == [{"step": "register"}]


def test_of_two_who_write_at_once_neither_loses_a_change(registry, entity) -> None:
    """Each changes fields of its own; with ``if_match`` only one of two is let in."""
    revision = registry.publish("created", entity, GATE)
    fields = itertools.product(("metadata", "components"), range(10))
    events = [(name, {name: {"count": count}}) for name, count in fields]
    last: list[int] = []

    def write(name: str) -> None:
        last.extend(registry.publish("updated", entity, said) for of, said in events if of == name)

    writers = [threading.Thread(target=write, args=(name,)) for name in ("metadata", "components")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    registry.until_reached(max(last))

    row = registry.row(entity)
    assert (row["metadata"], row["components"]) == ('{"count":9}', '{"count":9}')
    assert (row["name"], row["revision"]) == ("Gate", max(last))
    claims = [registry.publish("updated", entity, {}, if_match=max(last)) for _ in range(2)]
    registry.until_reached(max(claims))
    assert registry.row(entity)["revision"] == claims[0]
    assert revision < claims[0]


def test_what_is_killed_comes_back_with_all_that_was_said_meanwhile(registry) -> None:
    """Nothing that was deleted shows again for a moment, and nothing is missing."""
    kept, gone, meanwhile = (str(uuid.uuid4()) for _ in range(3))
    registry.publish("created", kept, GATE)
    registry.publish("created", gone, GATE)
    registry.until_reached(registry.publish("deleted", gone))
    seen: list[object] = []
    registry.running.kill("entities")
    last = registry.publish("updated", kept, {"metadata": {"count": 2}})
    registry.running.start("entities")
    while not registry.reached(last):
        seen.append(registry.row(gone) or registry.document(gone))
        time.sleep(0.02)
    assert registry.row(kept)["metadata"] == '{"count":2}'
    registry.until_reached(registry.publish("created", meanwhile, GATE))

    assert set(seen) == {None}
    assert registry.document(kept)["metadata"] == {"count": 2}
    assert registry.row(gone) is registry.document(gone) is None


def test_a_flow_without_memory_knows_all_by_streams_and_bucket(registry) -> None:
    """Its files may be lost; what was deleted stays so, and telemetry goes on."""
    kept, gone = str(uuid.uuid4()), str(uuid.uuid4())
    registry.publish("created", kept, GATE)
    registry.publish("created", gone, GATE)
    for each in (kept, gone):
        registry.tell(each, {"groundspeed": 3.5})
    until(lambda: (registry.document(gone) or {}).get("vfr"), "what was said")
    until(lambda: (registry.document(kept) or {}).get("vfr"), "what was said")
    last = registry.publish("updated", kept, {"tags": ["a"]})
    registry.until_reached(registry.publish("deleted", gone))
    registry.running.kill("entities")
    shutil.rmtree(registry.running.settings.recovery("entities"))
    later = registry.publish("updated", kept, {"priority": "high"})
    registry.running.start("entities")
    registry.until_reached(later)

    row = registry.row(kept)
    assert (row["tags"], row["priority"], row["revision"]) == ('["a"]', "high", later)
    assert last < later
    assert registry.row(gone) is registry.document(gone) is None
    registry.tell(gone, {"groundspeed": 4.5})
    until(lambda: registry.document(gone), "an entity made anew")
    assert "revision" not in registry.document(gone)
    until(lambda: registry.row(gone), "its row")
    assert registry.row(gone)["revision"] == 0


def test_a_change_is_let_in_though_only_the_bucket_knows_of_what(registry, entity) -> None:
    """The stream of events has forgotten it, the flow its files, and it was down as it was said."""
    registry.until_reached(registry.publish("created", entity, GATE))
    registry.running.kill("entities")
    shutil.rmtree(registry.running.settings.recovery("entities"))
    registry.purge()
    last = registry.publish("updated", entity, {"status": "inactive"})
    registry.running.start("entities")
    registry.until_reached(last)

    row = registry.row(entity)
    assert (row["name"], row["status"], row["revision"]) == ("Gate", "inactive", last)


def test_an_entity_whose_time_is_over_is_deleted(registry, entity) -> None:
    """By an event as anybody could have published it."""
    until_then = datetime.now(UTC) + timedelta(seconds=2)
    registry.until_reached(
        registry.publish("created", entity, {**GATE, "expires_at": until_then.isoformat()})
    )
    assert registry.row(entity) is not None
    until(lambda: registry.row(entity) is None, "its end")
    until(lambda: registry.document(entity) is None, "its end in the bucket")
    assert registry.deleted_last() == {
        "entity_id": entity, "org_id": "default", "reason": "expired",
    }  # fmt: skip
