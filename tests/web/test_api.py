"""The REST interface."""

import time

import pytest
from serving import document, until
from sqlite_utils import Database

pytestmark = pytest.mark.anyio

ENTITIES = "/api/v1/organizations/north/entities"
COLUMNS = (
    "entity_id", "org_id", "name", "entity_type", "status", "priority", "is_live", "latitude",
    "longitude", "altitude", "heading", "velocity", "components", "tags", "metadata",
    "video_config", "created_at", "updated_at", "first_seen", "last_seen", "sequence", "revision",
)  # fmt: skip


@pytest.fixture
def registry(web, settings):
    """The registry, as the entities flow writes it."""
    with Database(settings.database) as database:

        def register(entity_id, org_id="north", **more):
            row = dict.fromkeys(COLUMNS) | {
                "entity_id": entity_id,
                "org_id": org_id,
                "name": entity_id.upper(),
                "entity_type": "aircraft_multirotor",
                "status": "active",
                "priority": "normal",
                "is_live": 1,
                "created_at": "2026-01-01T00:00:00Z",
                "updated_at": "2026-01-02T00:00:00Z",
            }
            database["entities"].insert(row | more, pk="entity_id")

        yield register


@pytest.fixture
async def client(web):
    async with web.client(**{"X-API-Key": web.key("north", "entities:read")}) as client:
        yield client


async def test_before_anything_is_registered_the_list_is_empty(client):
    """A bare array, even where the table does not exist yet."""
    answer = await client.get(ENTITIES)

    assert (answer.status_code, answer.json()) == (200, [])


async def test_an_entity_is_who_the_registry_says_and_where_the_picture_says(
    web, bucket, client, registry
):
    """Identity is of the registry; position and liveness are as live as the dashboard's."""
    registry("uav", latitude=1.0, longitude=2.0, metadata='{"a":1}')
    await bucket.put("uav", document("uav", vfr={"groundspeed": 12.5, "heading": 90.0}))
    await until(lambda: web.site.picture.entities("north"))

    (entity,) = (await client.get(ENTITIES)).json()

    assert entity == {
        "entity_id": "uav",
        "org_id": "north",
        "name": "UAV",
        "entity_type": "aircraft_multirotor",
        "status": "active",
        "priority": "normal",
        "is_live": True,
        "latitude": 47.4,
        "longitude": 8.5,
        "altitude": 80.0,
        "heading": 90.0,
        "velocity": 12.5,
        "metadata": '{"a":1}',
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-02T00:00:00Z",
    }
    one = await client.get(f"{ENTITIES}/uav")
    # An object says where it is described; those of a list do not.
    assert one.json() == {**entity, "$schema": f"{web.address}/api/schemas/Entity.json"}
    assert one.headers["link"] == '</api/schemas/Entity.json>; rel="describedBy"'


async def test_what_is_live_of_an_entity_is_in_its_etag(web, bucket, client, registry):
    """Whoever has an old place is told the new one; what is only registered has its revision."""
    registry("uav", revision=5)
    registry("gate", revision=6)
    assert (await client.get(f"{ENTITIES}/gate")).headers["etag"] == '"6"'
    await bucket.put("uav", document("uav"))
    await until(lambda: web.site.picture.entities("north"))
    seen = (await client.get(f"{ENTITIES}/uav")).headers["etag"]
    has = {"If-None-Match": f'"1", W/{seen}'}

    same = await client.get(f"{ENTITIES}/uav", headers=has)
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", seen)
    assert seen.startswith('"5-')
    moved = document("uav", vfr={"groundspeed": 3.0})
    await bucket.put("uav", moved)
    await until(lambda: web.site.picture.entity("north", "uav").speed == 3.0)
    answer = await client.get(f"{ENTITIES}/uav", headers=has)
    assert (answer.status_code, answer.json()["velocity"]) == (200, 3.0)
    assert answer.headers["etag"] != seen


async def test_what_is_silent_is_not_live_whatever_the_registry_says(
    web, bucket, client, registry, wound
):
    """Judged by our clock, and false as well for what was never heard or is played back."""
    registry("silent")
    registry("unheard")
    registry("replayed")
    await bucket.put("silent", document("silent"))
    await bucket.put("replayed", document("replayed", recorded=True))
    await until(lambda: len(web.site.picture.entities("north")) == 2)

    async def live():
        return {each["entity_id"]: each["is_live"] for each in (await client.get(ENTITIES)).json()}

    assert await live() == {"silent": True, "unheard": False, "replayed": False}
    wound.ahead = 6
    assert not any((await live()).values())


async def test_only_the_own_organisations_entities_are_listed(client, registry):
    """One file holds all of them."""
    registry("ours")
    registry("theirs", "south")

    assert [each["entity_id"] for each in (await client.get(ENTITIES)).json()] == ["ours"]
    answer = await client.get(f"{ENTITIES}/theirs")
    assert (answer.status_code, answer.json()["detail"]) == (404, "Entity not found")


async def test_the_whole_document_can_be_read(web, bucket, client):
    """As it stands in the bucket, with what other programs have put there."""
    put = document("uav", foreign={"x": [1, 2]})
    await bucket.put("uav", put)
    await until(lambda: web.site.picture.entities("north"))

    assert put == (await client.get(f"{ENTITIES}/uav/state")).json()
    assert (await client.get(f"{ENTITIES}/none/state")).status_code == 404


async def test_an_id_is_data_to_the_database(client, registry):
    """Whatever stands in the address."""
    registry("uav")
    for entity_id in ("x' OR '1'='1", "%", "uav%00", "' UNION SELECT 1--"):
        assert (await client.get(f"{ENTITIES}/{entity_id}")).status_code == 404


async def test_metrics_tell_of_requests_streams_and_the_picture(web, bucket):
    """In the words that Prometheus reads, and never by a path that somebody made up."""
    await bucket.put("uav", document("uav"))
    await until(lambda: web.site.picture.entities("north"))
    key = web.key("north", "metrics:read")
    async with web.client(**{"X-API-Key": key}) as client:
        await client.get("/made-up-path")
        await client.get(f"{ENTITIES}/made-up")
        text = (await client.get("/metrics")).text

    assert 'overwatch_picture_entities{organization="north"} 1.0' in text
    assert 'overwatch_nats_stream_messages{stream="KV_CONSTELLATION_GLOBAL_STATE"} 1.0' in text
    assert 'path="/api/v1/organizations/{org_id}/entities/{entity_id}",status="403"} 1.0' in text
    assert "made-up" not in text
    assert "overwatch_picture_connected 1.0" in text


async def test_a_registry_in_use_by_a_flow_is_read_all_the_same(web, client, registry, settings):
    """A writer's open transaction keeps nobody waiting, though the key's use cannot be noted."""
    registry("uav")
    with Database(settings.database) as writer:
        writer.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        assert (await client.get(f"{ENTITIES}/uav")).status_code == 200
        assert time.monotonic() - began < 1
        writer.conn.rollback()
