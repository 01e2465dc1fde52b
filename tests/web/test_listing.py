"""Lists of entities: filtered, sorted, a page at a time."""

import msgspec
import pytest
from serving import document, served, settings_for
from sqlite_utils import Database

from web.listing import MOST

pytestmark = pytest.mark.anyio

ENTITIES = "/api/v1/organizations/north/entities"
FIJI, LONDON = (-17.7, 178.0), (51.5, 0.0)
# What is registered: id, name, type, status, tags, place, when it was made.
FLEET = (
    ("alpha", "Zulu", "aircraft_vtol", "active", '["red","north"]', FIJI, "2026-01-03"),
    ("bravo", "yankee", "aircraft_vtol", "inactive", '["red"]', LONDON, "2026-01-01"),
    ("charlie", "X_ray 100%", "waypoint", "active", None, (0.0, 0.0), "2026-01-02"),
    ("delta", "Ångström", "waypoint", "unknown", "no json", (None, None), "2026-01-02"),
    ("echo", "", "geofence", "active", "[]", (10.0, -180.0), "2026-01-05"),
)


@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="module")
async def web(anyio_backend, tmp_path_factory):
    """A web whose message server is away: what is live is put into its picture by hand."""
    settings = settings_for(tmp_path_factory.mktemp("listing"), "nats://127.0.0.1:9")
    async with served(settings) as running:
        with Database(settings.database) as database:
            database["entities"].insert_all(
                [_row(*each) for each in FLEET] + [_row(*FLEET[0]) | _SOUTH], pk="entity_id"
            )
        yield running


_SOUTH = {"entity_id": "south", "org_id": "south"}


def _row(entity_id, name, entity_type, status, tags, place, made):  # noqa: PLR0917
    return {
        "entity_id": entity_id,
        "org_id": "north",
        "name": name,
        "entity_type": entity_type,
        "status": status,
        "priority": "high" if status == "active" else "low",
        "is_live": 0,
        "created_at": f"{made}T00:00:00Z",
        "updated_at": f"{made}T00:00:00Z",
        "tags": tags,
        "metadata": f'{{"serial":"SN-{entity_id}"}}',
        "latitude": place[0],
        "longitude": place[1],
    }


@pytest.fixture
async def client(web):
    async with web.client(**{"X-API-Key": web.key("north", "entities:read")}) as client:
        yield client


@pytest.fixture
def heard(web):
    """Bravo is heard, near the antimeridian; echo was put down and never heard."""
    picture, now = web.site.picture, int(web.site.clock.wall() * 1e6)
    place = {"global": {"latitude": -16.0, "longitude": -179.5}}
    picture.put("bravo", msgspec.json.encode(document("bravo", position=place)), 1, now)
    silent = document("echo", last_seen=None, position={})
    picture.put("echo", msgspec.json.encode(silent), 2, now)
    yield
    picture.retain(())


async def names(client, query=""):
    answer = await client.get(f"{ENTITIES}{query}")
    assert answer.status_code == 200, answer.text
    found = [each["entity_id"] for each in answer.json()]
    assert answer.headers["x-total-count"] == str(len(found))
    return "".join(each[0] for each in found)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "bcdae"),
        ("?sort=created_at", "bcdae"),
        ("?sort=-created_at", "eadcb"),
        ("?sort=name", "ecbad"),
        ("?sort=-name", "dabce"),
        ("?entity_type=waypoint", "cd"),
        ("?entity_type=waypoint&entity_type=geofence", "cde"),
        ("?entity_type=none", ""),
        ("?status=active", "cae"),
        ("?status=active&entity_type=geofence", "e"),
        ("?priority=low", "bd"),
        ("?tag=red", "ba"),
        ("?tag=red&tag=north", "a"),
        ("?tag=re", ""),
        ("?q=yank", "b"),
        ("?q=YANK", "b"),
        ("?q=100%25", "c"),
        ("?q=_", "c"),
        ("?q=%25", "c"),
        ("?q=sn-delta", "d"),
        ("?q=harlie", "c"),
        ("?q=%5C", ""),
        ("?q='%20OR%201=1--", ""),
        ("?bbox=-10,40,10,60", "b"),
        ("?bbox=-1,-1,1,1", "c"),
        ("?bbox=0,0,0,0", "c"),
        ("?bbox=170,-20,-170,20", "ae"),
        ("?bbox=170,0,180,20", "e"),
        ("?bbox=-180,-90,180,90", "bcae"),
        ("?is_live=false", "bcdae"),
        ("?is_live=true", ""),
    ],
)
async def test_only_what_is_wanted_is_listed(client, query, found):
    """Before anything is heard, by what is registered; a sort is by the alphabet without case."""
    assert await names(client, query) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?is_live=true", "b"),
        ("?is_live=false", "cdae"),
        ("?bbox=-10,40,10,60", ""),
        ("?bbox=170,-20,-170,-10", "ba"),
        ("?bbox=170,-20,-170,-10&is_live=true&tag=red&q=yankee", "b"),
        ("?bbox=170,0,180,20", "e"),
    ],
)
async def test_what_is_heard_is_where_it_was_heard(client, heard, query, found):
    """Not where it is registered; what has no place of its own is where that says."""
    assert await names(client, query) == found


@pytest.mark.parametrize("sort", ["name", "-name", "created_at", "-created_at", "-updated_at"])
@pytest.mark.parametrize("limit", [1, 2, 4])
async def test_pages_are_the_list_in_pieces(client, sort, limit):
    """Each but the last says where the next is, and all say how many there are."""
    whole = [each["entity_id"] for each in (await client.get(f"{ENTITIES}?sort={sort}")).json()]
    pages, path = [], f"{ENTITIES}?sort={sort}&limit={limit}"
    while path:
        answer = await client.get(path)
        assert answer.headers["x-total-count"] == "5"
        pages.append([each["entity_id"] for each in answer.json()])
        path = answer.links["next"]["url"] if "next" in answer.links else ""

    assert [name for page in pages for name in page] == whole
    assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)


async def test_what_comes_between_two_pages_moves_nothing(web, client):
    """The next page begins after what stood last, and not at a number."""
    first = await client.get(f"{ENTITIES}?sort=name&limit=2")
    with Database(web.site.settings.database) as database:
        database["entities"].insert(_row("between", "!", "waypoint", "active", None, LONDON, "9"))
        try:
            second = await client.get(first.links["next"]["url"])
        finally:
            database["entities"].delete("between")

    assert [each["entity_id"] for each in first.json()] == ["echo", "charlie"]
    assert [each["entity_id"] for each in second.json()] == ["bravo", "alpha"]


async def test_a_list_without_parameters_is_as_it_always_was(client):
    """A bare array of all; no page follows."""
    answer = await client.get(ENTITIES)

    assert isinstance(answer.json(), list)
    assert "link" not in answer.headers


@pytest.mark.parametrize(
    ("query", "location"),
    [
        ("?colour=red", "query.colour"),
        ("?limit=0", "query.limit"),
        (f"?limit={MOST + 1}", "query.limit"),
        ("?limit=ten", "query.limit"),
        ("?limit=1&limit=2", "query.limit"),
        ("?sort=colour", "query.sort"),
        ("?is_live=perhaps", "query.is_live"),
        ("?bbox=1,2,3", "query.bbox"),
        ("?bbox=nan,0,1,1", "query.bbox"),
        ("?cursor=%00", "query.cursor"),
        ("?cursor=AAAA", "query.cursor"),
        ("?cursor=WyJuYW1lIiwiYSIsImIiXQ", "query.cursor"),
        ("?tag=", "query.tag"),
        (f"?q={'x' * 300}", "query.q"),
    ],
)
async def test_what_cannot_be_asked_is_refused_with_its_place(client, query, location):
    """A parameter that is misspelt must not look like a filter that everything passes."""
    answer = await client.get(f"{ENTITIES}{query}")

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [each["location"] for each in answer.json()["errors"]] == [location]


async def test_all_that_is_wrong_is_said_at_once(client):
    """Not one fault a try."""
    answer = await client.get(f"{ENTITIES}?colour=red&limit=0&sort=x")

    assert {each["location"] for each in answer.json()["errors"]} == {
        "query.colour", "query.limit", "query.sort",
    }  # fmt: skip
