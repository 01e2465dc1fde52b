"""Organisations by REST: as version 0.1.0 has them, changed, and never another's."""

import asyncio

import msgspec
import nats
import pytest
from serving import NatsServer, make_streams, served, settings_for, until

pytestmark = pytest.mark.anyio

PATH = "/api/v1/organizations"
NEW = {"name": "South", "org_type": "ngo", "description": "the other side", "metadata": {"a": [1]}}


@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="module")
async def nats_url(tmp_path_factory):
    server = NatsServer(tmp_path_factory.mktemp("js"))
    server.start()
    await make_streams(server.url)
    yield server.url
    server.stop()


@pytest.fixture(scope="module")
async def web(anyio_backend, tmp_path_factory, nats_url):
    async with served(settings_for(tmp_path_factory.mktemp("web"), nats_url)) as running:
        await until(lambda: running.site.picture.connected)
        yield running


@pytest.fixture
async def admin(web):
    """An admin of the deployment's first organisation."""
    async with web.client(**{"X-API-Key": web.key("north", "admin")}) as client:
        yield client


async def made(admin, **more):
    answer = await admin.post(PATH, json=NEW | more)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def events(nats_url, org_id):
    """What the stream has of an organisation, in its order."""
    client = await nats.connect(nats_url)
    js = client.jetstream()
    info = await js.stream_info("CONSTELLATION_ORGANIZATIONS")
    messages = [
        await js.get_msg("CONSTELLATION_ORGANIZATIONS", number)
        for number in range(info.state.first_seq or 1, info.state.last_seq + 1)
    ]
    await client.close()
    bodies = [(each.subject, msgspec.json.decode(each.data)) for each in messages]
    return [(subject, body) for subject, body in bodies if body["data"]["org_id"] == org_id]


async def test_an_organisation_is_as_the_contract_has_it(admin, nats_url):
    """Its metadata is a text of JSON, and the stream has it before the answer."""
    answer = await admin.post(PATH, json=NEW)
    new = answer.json()

    assert answer.headers["location"] == f"{PATH}/{new['org_id']}"
    assert set(new) == {
        "org_id", "name", "org_type", "description", "metadata", "created_at", "updated_at",
        "$schema",
    }  # fmt: skip
    assert new["metadata"] == '{"a":[1]}'
    assert new["created_at"].endswith("Z")
    assert new == (await admin.get(f"{PATH}/{new['org_id']}")).json()
    assert (await admin.get(new.pop("$schema"))).json()["title"] == "Organization"
    assert new in (await admin.get(PATH)).json()
    [(subject, event)] = await events(nats_url, new["org_id"])
    assert subject == "constellation.organizations.created"
    assert (event["type"], event["source"]) == ("created", "organization-service")
    assert event["data"]["organization"] == new


async def test_an_organisation_is_changed_field_by_field(admin, nats_url):
    """By either method; what is not named stays."""
    new = await made(admin)
    path = f"{PATH}/{new['org_id']}"
    for method, change in (("PATCH", {"name": "Süd"}), ("PUT", {"metadata": {}})):
        answer = await admin.request(method, path, json=change)
        assert answer.status_code == 200

    after = (await admin.get(path)).json()
    assert (after["name"], after["org_type"], after["description"]) == (
        "Süd",
        "ngo",
        "the other side",
    )
    assert "metadata" not in after
    assert [each for each, _ in await events(nats_url, new["org_id"])] == [
        "constellation.organizations.created",
        "constellation.organizations.updated",
        "constellation.organizations.updated",
    ]
    assert (await admin.patch(path, json={})).json()["detail"] == "No updates provided"


async def test_who_has_seen_an_older_revision_changes_nothing(admin):
    """And is told which one there is."""
    new = await made(admin)
    path = f"{PATH}/{new['org_id']}"
    seen = (await admin.get(path)).headers["etag"]
    first = await admin.patch(path, json={"name": "A"}, headers={"If-Match": seen})
    second = await admin.patch(path, json={"name": "B"}, headers={"If-Match": seen})

    assert (first.status_code, second.status_code) == (200, 412)
    assert second.headers["etag"] == first.headers["etag"] != seen
    assert (await admin.get(path)).json()["name"] == "A"
    assert (await admin.patch(path, json={"name": "C"}, headers={"If-Match": "*"})).is_success


async def test_of_many_who_change_the_same_none_is_undone(admin):
    """Each adds one to what it has read, and tries again where another was quicker."""
    path = f"{PATH}/{(await made(admin, metadata={'n': 0}))['org_id']}"

    async def add_one():
        while True:
            seen = await admin.get(path)
            n = msgspec.json.decode(seen.json()["metadata"])["n"]
            headers = {"If-Match": seen.headers["etag"]}
            answer = await admin.patch(path, json={"metadata": {"n": n + 1}}, headers=headers)
            if answer.status_code == 200:
                return
            assert answer.status_code == 412

    await asyncio.gather(*(add_one() for _ in range(10)))

    assert (await admin.get(path)).json()["metadata"] == '{"n":10}'


@pytest.mark.parametrize(
    ("change", "location"),
    [
        ({"name": ""}, "body.name"),
        ({"name": "x" * 256}, "body.name"),
        ({"org_type": "company"}, "body.org_type"),
        ({"description": "x" * 501}, "body.description"),
        ({"metadata": []}, "body.metadata"),
        ({"metadata": {"a": "x" * 70_000}}, "body.metadata"),
        ({"owner": "me"}, "body.owner"),
    ],
)
async def test_what_cannot_be_an_organisation_is_said(admin, change, location):
    """For a new one and for a change alike."""
    new = await made(admin)
    for answer in (
        await admin.post(PATH, json=NEW | change),
        await admin.patch(f"{PATH}/{new['org_id']}", json=change),
    ):
        assert answer.status_code == 422, answer.text
        assert location in [each["location"] for each in answer.json()["errors"]]


async def test_only_admins_of_the_first_organisation_see_others(web, admin):
    """Everybody else sees their own, and of any other not even that it is there."""
    new = await made(admin)
    for scopes in (("admin",), ("organizations:read", "organizations:write")):
        async with web.client(**{"X-API-Key": web.key(new["org_id"], *scopes)}) as client:
            assert [new["org_id"]] == [each["org_id"] for each in (await client.get(PATH)).json()]
            assert (await client.post(PATH, json=NEW)).status_code == 403
            for org_id in ("north", "no-such-one"):
                for method in ("GET", "PATCH", "PUT", "DELETE"):
                    answer = await client.request(method, f"{PATH}/{org_id}", json={"name": "x"})
                    known = method != "DELETE" or "admin" in scopes
                    assert answer.status_code == (404 if known else 403)
    reader = web.key("north", "organizations:read")
    async with web.client(**{"X-API-Key": reader}) as client:
        assert [each["org_id"] for each in (await client.get(PATH)).json()] == ["north"]
        assert (await client.get(f"{PATH}/{new['org_id']}")).status_code == 404


async def test_who_makes_an_organisation_sees_to_it_as_to_their_own(web):
    """With the scopes that they have, as a fleet agent does; no other key of theirs does."""
    scopes = ("organizations:read", "organizations:write", "entities:read")
    maker, other = web.key("north", *scopes), web.key("north", *scopes)
    async with web.client(**{"X-API-Key": maker}) as client:
        path = f"{PATH}/{(await made(client))['org_id']}"
        assert (await client.get(path)).status_code == 200
        assert len((await client.get(PATH)).json()) == 2
        assert (await client.get(f"{path}/entities")).json() == []
        assert (await client.patch(path, json={"name": "Ours"})).status_code == 200
        assert (await client.post(f"{path}/entities", json={})).status_code == 403
        assert (await client.delete(f"{PATH}/north")).status_code == 403
        key_id = web.site.keys.ring.hashed(maker)[:16]
        rotated = await client.post(f"{PATH}/north/keys/{key_id}/rotate")
    async with web.client(**{"X-API-Key": other}) as client:
        for method in ("GET", "PATCH"):
            answer = await client.request(method, path, json={"name": "x"})
            assert answer.status_code == 404
    async with web.client(**{"X-API-Key": rotated.json()["api_key"]}) as client:
        assert (await client.delete(path)).status_code == 200
        assert (await client.get(path)).status_code == 404
    sql = "SELECT * FROM organization_makers WHERE org_id = ?"
    assert web.site.tables.read(sql, (path.rpartition("/")[2],)) == []


async def test_nothing_is_made_that_the_stream_does_not_have(admin, web, monkeypatch):
    """An organisation that nobody could be told of is none."""
    before = (await admin.get(PATH)).json()
    monkeypatch.setattr(web.site.publisher, "_client", lambda: None)
    for answer in (
        await admin.post(PATH, json=NEW),
        await admin.patch(f"{PATH}/north", json={"name": "x"}),
    ):
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
    assert before == (await admin.get(PATH)).json()
