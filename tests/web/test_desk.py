"""Pages that look after organisations, fleets and keys: forms, and what comes of them."""

import re

import pytest
from serving import NatsServer, make_streams, served, settings_for, until

from connectors.sqlite import open_database
from flows.outcomes import REGISTRY

pytestmark = pytest.mark.anyio

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="module")
def nats_url(tmp_path_factory):
    server = NatsServer(tmp_path_factory.mktemp("js"))
    server.start()
    yield server.url
    server.stop()


@pytest.fixture(scope="module")
async def web(anyio_backend, tmp_path_factory, nats_url):
    await make_streams(nats_url)
    settings = settings_for(tmp_path_factory.mktemp("desk"), nats_url)
    open_database(settings.database, REGISTRY).close()
    async with served(settings) as running:
        await until(lambda: running.site.picture.connected)
        yield running


@pytest.fixture
async def admin(web):
    async with web.acting_as("admin") as client:
        yield client


async def organization(admin, name):
    """Make one by its form; its id, as the page has it."""
    said = {"act": "create", "name": name, "org_type": "ngo", "description": "over there"}
    answer = await admin.post("/organizations", data=said)
    assert (answer.status_code, answer.headers["location"]) == (303, "/organizations")
    listed = (await admin.get("/api/v1/organizations")).json()
    return next(each["org_id"] for each in listed if each["name"] == name)


async def test_an_organisation_is_made_changed_and_deleted_by_forms(web, admin):
    """Deleting asks for its name as it stands."""
    org_id = await organization(admin, "Süd & Söhne (2)")
    page = (await admin.get("/organizations")).text
    assert "Süd &amp; Söhne (2)" in page
    assert r'pattern="Süd & Söhne \(2\)"'.replace("&", "&amp;") in page

    change = {"act": "update", "id": org_id, "name": HOSTILE, "org_type": "military"}
    stale = await admin.post("/organizations", data={**change, "revision": '"7"'})
    assert stale.status_code == 412
    assert "Somebody else has changed it" in stale.text
    assert (await admin.post("/organizations", data={**change, "revision": '"1"'})).is_redirect
    page = (await admin.get("/organizations")).text
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page

    delete = {"act": "delete", "id": org_id}
    refused = await admin.post("/organizations", data={**delete, "typed": "script"})
    assert (refused.status_code, "Nothing is deleted" in refused.text) == (422, True)
    assert (await admin.post("/organizations", data={**delete, "typed": HOSTILE})).is_redirect
    assert org_id not in (await admin.get("/organizations")).text


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"act": "create", "name": "", "org_type": "ngo"}, "name: "),
        ({"act": "create", "name": "x", "org_type": "club"}, "org_type: "),
        ({"act": "none"}, "does not say what is to be done"),
        ({"act": "delete", "id": "north", "typed": "north"}, "cannot be deleted"),
        ({"act": "update", "id": "nobody", "name": "x"}, "Organization not found"),
    ],
)
async def test_what_is_wrong_with_a_form_is_said_above_it(admin, said, words):
    """And the page stands as it was."""
    answer = await admin.post("/organizations", data=said)

    assert 400 <= answer.status_code < 500
    assert words in re.search(r'role="alert"[^>]*>([^<]*)', answer.text)[1]


async def test_roles_see_the_forms_that_they_may_use(web):
    """What would be refused is not offered."""
    async with web.acting_as("viewer") as client:
        assert "Register an entity" not in (await client.get("/fleet")).text
        page = (await client.get("/organizations")).text
        assert "New organisation" not in page
        assert "<summary>Edit" not in page
        assert (await client.get("/admin/keys")).status_code == 403
    async with web.acting_as("commander") as client:
        assert "Register an entity" in (await client.get("/fleet")).text
        assert "New organisation" in (await client.get("/organizations")).text
        page = (await client.get("/admin/keys")).text
        assert 'name="scope entities:read"' in page
        assert 'name="scope admin"' not in page


async def test_who_makes_an_organisation_by_its_form_sees_to_it(web):
    """A commander of the first one, to theirs and to no other."""
    async with web.acting_as("commander") as client:
        org_id = await organization(client, "Ours")
        page = (await client.get("/organizations")).text
        assert page.count("<summary>Delete") == 1
        assert "Fleet of Ours" in (await client.get(f"/fleet/{org_id}")).text
    async with web.acting_as("commander") as client:
        assert (await client.get(f"/fleet/{org_id}")).status_code == 404


async def test_a_key_is_made_replaced_and_revoked_by_forms(web, admin):
    """It is shown in the answer to the form, and on no page after it."""
    said = {"act": "create", "name": "roof", "scope entities:read": "on", "days": "30 days"}
    made = await admin.post("/admin/keys", data={**said, "rate": "50"})
    key = re.search(r"c4_live_[0-9a-f]{64}", made.text)[0]
    page = (await admin.get("/admin/keys")).text
    assert key not in page
    assert key[:16] in page
    row = web.site.tables.read("SELECT * FROM api_keys WHERE prefix = ?", (key[:16],))[0]
    assert (row["rate_limit"], row["scopes"]) == (50, "entities:read")
    assert abs(row["expires_at"] - row["created_at"] - 30 * 86_400) < 5

    rotate = {"act": "rotate", "id": row["key_id"], "grace": "no longer"}
    successor = re.search(
        r"c4_live_[0-9a-f]{64}", (await admin.post("/admin/keys", data=rotate)).text
    )
    for each, status in ((key, 401), (successor[0], 200)):
        async with web.client(**{"X-API-Key": each}) as client:
            assert (await client.get("/api/v1/signals")).status_code == status
    revoke = {"act": "revoke", "id": web.site.keys.ring.hashed(successor[0])[:16]}
    assert (await admin.post("/admin/keys", data=revoke)).is_redirect
    async with web.client(**{"X-API-Key": successor[0]}) as client:
        assert (await client.get("/api/v1/signals")).status_code == 401
    none = await admin.post("/admin/keys", data={"act": "create", "name": "x"})
    assert (none.status_code, "scopes: " in none.text) == (422, True)


async def test_an_admin_of_the_first_looks_after_others_as_well(web, admin):
    """By the addresses that their list has; nobody else is let there."""
    org_id = await organization(admin, "West")
    made = await admin.post(f"/admin/keys/{org_id}", data={"act": "create", "scope admin": "on"})
    assert "c4_live_" in made.text
    assert [org_id] == [row["org_id"] for row in web.site.keys.ring.rows(org_id)]
    assert "Fleet of West" in (await admin.get(f"/fleet/{org_id}")).text
    async with web.acting_as("admin", "other") as client:
        for path in (f"/admin/keys/{org_id}", f"/fleet/{org_id}", f"/admin/audit/{org_id}"):
            assert (await client.get(path)).status_code == 404


async def test_an_entity_is_registered_changed_and_deleted_by_forms(web, admin):
    """Each form is one event; what no flow has taken in yet is on its way."""
    said = {"act": "create", "entity_id": "gull", "entity_type": "waypoint", "name": HOSTILE}
    place = {"latitude": "47.5", "longitude": "8,5", "altitude": "", "tags": "red, , north"}
    refused = await admin.post("/fleet", data=said | place)
    assert (refused.status_code, "longitude" in refused.text) == (422, True)
    for each in (
        said | place | {"longitude": "8.5"},
        {"act": "update", "id": "gull", "name": "Gull", "status": "inactive", "tags": ""},
        {"act": "delete", "id": "gull", "reason": "sold"},
    ):
        answer = await admin.post("/fleet", data=each)
        assert answer.status_code == 303, answer.text

    actions = "SELECT action FROM audit WHERE target = 'gull' ORDER BY sequence"
    assert [row["action"] for row in web.site.tables.read(actions)] == [
        "entity.create",
        "entity.update",
        "entity.delete",
    ]


async def test_what_a_form_cannot_choose_stays_as_it_is(web, admin):
    """A device may say more of itself than people may: saving the form does not refuse it."""
    insert = (
        "INSERT INTO entities (entity_id, org_id, name, entity_type, status, priority, created_at,"
        " updated_at)"
        " VALUES ('cam', 'north', 'Cam', 'sensor_platform', 'maintenance', 'low', '', '')"
    )
    web.site.tables.write(insert)
    page = (await admin.get("/fleet?q=Cam")).text
    assert '<option value="maintenance" selected>' in page
    said = {"act": "update", "id": "cam", "name": "Camera", "status": "maintenance"}
    assert (await admin.post("/fleet", data=said)).status_code == 303
    web.site.tables.write("DELETE FROM entities WHERE entity_id = 'cam'")


async def test_a_fleet_is_searched_and_read_a_page_at_a_time(web, admin):
    """An empty one says what to do."""
    assert "Register one below" in (await admin.get("/fleet")).text
    insert = (
        "INSERT INTO entities (entity_id, org_id, name, entity_type, status, priority, created_at,"
        " updated_at) VALUES (?, 'north', ?, ?, 'active', 'normal', '2026-01-01T00:00:00Z', '')"
    )
    for number in range(102):
        kind = "waypoint" if number % 2 else "geofence"
        web.site.tables.write(insert, (f"e{number:03}", f"Entity {number:03}", kind))
    page = (await admin.get("/fleet")).text
    assert ("Entity 000" in page, "Entity 100" in page) == (True, False)
    following = re.search(r'href="([^"]*)">Next page', page)[1].replace("&amp;", "&")
    page = (await admin.get(following)).text
    assert ("Entity 000" in page, "Entity 101" in page) == (False, True)
    assert "First page" in page
    page = (await admin.get("/fleet?q=Entity+00&entity_type=waypoint&status=any")).text
    assert "Entities: 5" in page
    assert "None is like that" in (await admin.get("/fleet?q=zebra")).text
