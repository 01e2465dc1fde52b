"""The audit log by REST and as a page: filtered, a page at a time, as CSV, and nobody else's."""

import csv
import io
import sqlite3

import pytest
from serving import WoundClock, served, settings_for

pytestmark = pytest.mark.anyio

NORTH, SOUTH = "/api/v1/organizations/north", "/api/v1/organizations/south"


@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="module")
def wound():
    return WoundClock()


@pytest.fixture(scope="module")
async def web(anyio_backend, tmp_path_factory, wound):
    settings = settings_for(tmp_path_factory.mktemp("audit"), "nats://127.0.0.1:9")
    async with served(settings, wound.clock) as running:
        running.site.tables.add_organization("south", 1)
        record = running.site.audit.record
        for number in range(5):
            wound.ahead += 60
            after = {"name": f"=cmd|{number}", "api_key": "never"}
            await record(None, "key.create", f"k{number}", after=after, organization="north")
        await record(None, "key.revoke", "k1", outcome="refused", organization="north")
        await record(None, "key.revoke", "k1", organization="south")
        await record(None, "person.sign_in", "link", outcome="refused")
        yield running


@pytest.fixture
async def reader(web):
    async with web.client(**{"X-API-Key": web.key("north", "audit:read")}) as client:
        await client.get(f"{NORTH}/audit")  # From here on the use of the key is on record.
        yield client


async def told(client, query="", path=NORTH):
    answer = await client.get(f"{path}/audit?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_newest_stands_first_and_says_how_it_was_and_is(reader):
    """JSON stands as JSON, and no secret in it."""
    rows = await told(reader, "action=key.create")

    assert [each["target"] for each in rows] == ["k4", "k3", "k2", "k1", "k0"]
    assert rows[0]["after"] == {"name": "=cmd|4"}
    assert rows[0]["before"] is None
    assert rows[0]["at"] > rows[4]["at"]
    assert rows[0]["at"].endswith("Z")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("action=key.", 6),
        ("action=key.create", 5),
        ("action=create", 0),
        ("action=key.&outcome=refused", 1),
        ("target=k1", 2),
        ("action=key.&actor=NOBODY", 6),
        ("action=key.&actor=person", 0),
        ("action=key.&since=2099-01-01T00:00:00Z", 0),
        ("action=key.&until=2099-01-01T00:00:00Z", 6),
    ],
)
async def test_rows_are_found_by_who_what_and_when(reader, query, count):
    """Actions by how they begin, actors by what stands in them."""
    keys = [each for each in await told(reader, query) if each["action"] != "key.use"]

    assert count == len(keys)


async def test_pages_follow_each_other_and_miss_nothing(reader):
    """However few stand on each; what comes meanwhile is on none."""
    path, found = f"{NORTH}/audit?action=key.create&limit=2", []
    while path:
        answer = await reader.get(path)
        found += [each["target"] for each in answer.json()]
        path = answer.headers.get("link", "").partition(">")[0].removeprefix("<")

    assert found == ["k4", "k3", "k2", "k1", "k0"]


async def test_csv_has_all_rows_and_no_formula(reader):
    """Programs for tables reckon with what begins with a sign."""
    answer = await reader.get(f"{NORTH}/audit?action=key.create&format=csv&limit=1")
    rows = list(csv.DictReader(io.StringIO(answer.text)))

    assert answer.headers["content-type"].startswith("text/csv")
    assert 'filename="audit-north.csv"' in answer.headers["content-disposition"]
    assert [each["target"] for each in rows] == ["k4", "k3", "k2", "k1", "k0"]
    assert not any(cell.startswith(tuple("=+-@\t\r")) for each in rows for cell in each.values())


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "cursor=x", "who=me", "since=today"])
async def test_what_cannot_be_asked_for_is_said(reader, query):
    """With the name of the parameter."""
    answer = await reader.get(f"{NORTH}/audit?{query}")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["location"] == f"query.{query.partition('=')[0]}"


async def test_an_organisation_reads_its_own_and_the_first_what_nobody_did(web, reader):
    """Who is not known is of no organisation."""
    async with web.client(**{"X-API-Key": web.key("south", "audit:read")}) as client:
        assert (await client.get(f"{NORTH}/audit")).status_code == 404
        own = await told(client, path=SOUTH)
    assert {"south"} == {each["org_id"] for each in own}
    assert {"north", ""} == {each["org_id"] for each in await told(reader)}


async def test_the_page_shows_names_filters_and_whether_the_log_is_whole(web, wound):
    """With an address of its own for every way of looking."""
    wound.ahead += 61
    async with web.acting_as("commander") as client:
        page = (await client.get("/admin/audit?action=key.create&since=2001-01-01&until=")).text
        assert "rows of the deployment are as they were written" in page
        assert "=cmd|3" in page
        assert "key.revoke</td>" not in page
        assert "format=csv&amp;action=key.create" in page
        assert (await client.get("/admin/audit?since=tomorrow")).status_code == 422
    async with web.acting_as("operator") as client:
        assert (await client.get("/admin/audit")).status_code == 403


async def test_the_page_says_that_the_log_was_tampered_with(web, wound):
    """By whom nobody knows, but where."""
    with sqlite3.connect(web.site.settings.database) as database:
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
        for (name,) in database.execute(triggers).fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE audit SET target = 'k9' WHERE sequence = 3")
    wound.ahead += 61
    async with web.acting_as("admin") as client:
        page = (await client.get("/admin/audit")).text

    assert "The log is not whole. Row 3 is not what was written." in page
