"""How an entity was, and what it had said: from a real lake."""

import csv
import io
import time

import msgspec
import pytest
from serving import document, served, settings_for
from sqlite_utils import Database

from connectors.lake import create
from connectors.lake.frames import Rows
from connectors.lake.sink import LakeSink
from flows.history import TABLES, VIEWS
from web.lake import Lake
from web.problems import Problem

pytestmark = pytest.mark.anyio

ENTITIES = "/api/v1/organizations/north/entities"
NOON_US = 1_790_000_000_000_000 // 3_600_000_000 * 3_600_000_000
SECOND_US = 1_000_000
POSITION = ("position_global_latitude", "position_global_longitude")


def moment(seconds):
    us = NOON_US + int(seconds * SECOND_US)
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(us // SECOND_US))
    return f"{whole}.{us % SECOND_US:06}Z"


def said(at, message, values, entity_id="uav", org_id="north", **more):
    """A row of the lake: what a message said so many seconds after noon."""
    said.sequence += 1
    at_us = NOON_US + int(at * SECOND_US)
    cells = {
        "seq": said.sequence,
        "ts": at_us,
        "ts_ingest": at_us,
        "entity_id": entity_id,
        "org_id": org_id,
        "message_type": message,
        "source": "udp:14550",
        "recorded": False,
        **values,
        **more,
    }
    return Rows("telemetry", "CONSTELLATION_TELEMETRY", tuple(cells), [tuple(cells.values())])


said.sequence = 0

# A vehicle that says where it is each second for two minutes, how its battery is only in the
# first of them, where its home is once, and one signal that no catalogue has.
FLIGHT = [
    *(
        said(
            second,
            "GLOBAL_POSITION_INT",
            dict(zip(POSITION, (47 + second / 1000, 8.0), strict=True)),
        )
        for second in range(121)
    ),
    *(said(second, "SYS_STATUS", {"power_voltage": 12.0 - second / 100}) for second in range(60)),
    said(1, "HOME_POSITION", {"position_home_latitude": 47.5, "position_home_longitude": 8.5}),
    said(30, "NAMED_VALUE_FLOAT", {"others": '{"lab.smell":0.25}'}),
    said(31, "HEARTBEAT", {"vehicle_status_mode": "=cmd|' /C calc'!A0"}),
    said(60, "GLOBAL_POSITION_INT", {"position_global_latitude": -1.0}, "uav", "south"),
    said(10, "SYS_STATUS", {"power_voltage": 1.0}, "other"),
    said(10, "SYS_STATUS", {"power_voltage": 2.0}, "theirs", "south"),
]


@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    settings = settings_for(tmp_path_factory.mktemp("past"), "nats://127.0.0.1:9")
    create(settings.lake, TABLES, VIEWS)
    sink = LakeSink(settings.lake, TABLES).build_part("lake", "0", None)
    sink.write_batch(FLIGHT)
    sink.snapshot()
    sink.close()
    return settings


@pytest.fixture(scope="module")
async def web(anyio_backend, settings):
    async with served(settings) as running:
        with Database(settings.database) as database:
            database["entities"].insert_all(
                ({"entity_id": each, "org_id": "north", "name": each} for each in ("new", "uav")),
                pk="entity_id",
            )
        yield running


@pytest.fixture
async def client(web):
    async with web.client(**{"X-API-Key": web.key("north", "entities:read")}) as client:
        yield client


async def state(client, second, entity_id="uav", more=""):
    answer = await client.get(f"{ENTITIES}/{entity_id}/state?at={moment(second)}{more}")
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("second", [0, 5, 59.5, 100])
async def test_the_state_is_the_last_that_had_been_said(client, second):
    """Of each signal on its own, and nothing of what was said later."""
    then = await state(client, second)

    assert then["position"]["global"] == {"latitude": 47 + int(second) / 1000, "longitude": 8.0}
    assert then["power"]["voltage"] == 12.0 - min(int(second), 59) / 100
    assert ("home" in then["position"]) == (second >= 1)
    assert (then["entity_id"], then["org_id"]) == ("uav", "north")
    assert then["at"].rstrip("Z").split("+")[0].startswith(moment(second)[:19])


async def test_what_was_stale_then_is_said_to_be(client, settings):
    """Of an entity that lived, a branch that had fallen silent; what holds is as fresh as it."""
    soon, late = await state(client, 62), await state(client, 100)

    states = {path: each["state"] for path, each in soon["provenance"].items()}
    assert states["power"] == "live"
    assert (soon["is_live"], late["is_live"]) == (True, True)
    states = {path: each["state"] for path, each in late["provenance"].items()}
    assert states["position.global"] == "live"
    assert states["position.home"] == "live"
    assert states["power"] == "lost"
    assert late["provenance"]["power"]["reason"] == "nothing had been heard for 41 s"
    assert late["provenance"]["power"]["stream_time"].startswith(moment(59)[:19])
    assert late["provenance"]["power"]["message"] == "SYS_STATUS"


@pytest.mark.parametrize(
    ("after", "expected"), [(0, "live"), (4, "live"), (6, "stale"), (31, "lost"), (3000, "lost")]
)
async def test_an_entity_that_had_fallen_silent_was_not_live(client, after, expected):
    """Nor was anything of it."""
    then = await state(client, 120 + after)

    assert then["liveness"]["state"] == expected
    assert then["is_live"] == (expected == "live")
    fresh = [each["state"] for each in then["provenance"].values()]
    assert ("live" in fresh) == (expected == "live")


async def test_what_was_said_too_long_before_does_not_count(client):
    """An hour, unless more is asked for; then nothing had been heard at all."""
    hour = 3600
    then = await state(client, hour + 70)
    assert "position" in then
    assert "power" not in then
    assert "power" in await state(client, hour + 70, more="&hours=2")


async def test_a_signal_of_its_own_is_where_its_path_says(client):
    """The catalogue does not know it, and the state has it all the same."""
    then = await state(client, 40)

    assert then["lab"] == {"smell": 0.25}
    assert then["provenance"]["lab"]["message"] == "NAMED_VALUE_FLOAT"


async def test_an_entity_that_had_said_nothing_is_lost(client):
    """It is registered, so it is there; one that is not registered, and silent, is not."""
    then = await state(client, 40, "new")

    assert then["liveness"] == {"state": "lost", "reason": "nothing had been heard"}
    assert (then["last_seen"], then["provenance"]) == (None, {})


@pytest.mark.parametrize("path", ["state?at={at}", "history?to={at}", "state", "history"])
@pytest.mark.parametrize("entity_id", ["theirs", "none", "x' OR '1'='1", "%"])
async def test_what_is_of_others_is_not_there(client, path, entity_id):
    """Nor is what has never been, with the same words."""
    at = moment(100)
    answer = await client.get(f"{ENTITIES}/{entity_id}/{path.format(at=at)}")

    assert (answer.status_code, answer.json()["detail"]) == (404, "Entity not found")
    foreign = await client.get(
        f"/api/v1/organizations/south/entities/{entity_id}/{path.format(at=at)}"
    )
    assert (foreign.status_code, foreign.json()["detail"]) == (404, "Organization not found")


async def history(client, query="", **headers):
    answer = await client.get(
        f"{ENTITIES}/uav/history?from={moment(0)}&to={moment(3600)}{query}", headers=headers
    )
    assert answer.status_code == 200, answer.text
    return answer


def rows(answer):
    return [(each["ts"], each["message"], each["values"]) for each in answer.json()]


async def test_history_has_every_row_in_order_and_nothing_of_others(client):
    """As it was said: 121 positions, 60 voltages, and three more."""
    found = rows(await history(client))

    assert len(found) == 121 + 60 + 3
    assert [each[0] for each in found] == sorted(each[0] for each in found)
    latitudes = [each[2].get("position.global.latitude") for each in found]
    assert [each for each in latitudes if each] == [47 + second / 1000 for second in range(121)]


@pytest.mark.parametrize(
    ("signals", "count", "paths"),
    [
        ("power.voltage", 60, {"power.voltage"}),
        ("power", 60, {"power.voltage"}),
        ("position.home,power.voltage", 61,
         {"power.voltage", "position.home.latitude", "position.home.longitude"}),
        ("lab.smell", 1, {"lab.smell"}),
        ("lab", 1, {"lab.smell"}),
        ("la", 0, set()),
        ("lab.smel", 0, set()),
        ("position.global.latitude", 121, {"position.global.latitude"}),
    ],
)  # fmt: skip
async def test_only_the_signals_that_are_asked_for_are_told(client, signals, count, paths):
    """By their paths, or all beneath a branch."""
    found = rows(await history(client, f"&signals={signals}"))

    assert len(found) == count
    assert {path for each in found for path in each[2]} == paths


@pytest.mark.parametrize("limit", [1, 50, 183, 184, 1000])
async def test_pages_of_history_are_the_whole(client, limit):
    """Rows of one moment among them, which a page may part."""
    whole, pages = rows(await history(client)), []
    answer = await history(client, f"&limit={limit}")
    for _ in range(8 if limit == 1 else 1000):
        pages += rows(answer)
        assert len(answer.json()) <= limit
        if "next" not in answer.links:
            break
        answer = await client.get(answer.links["next"]["url"])

    assert pages == whole[: len(pages)]
    assert limit == 1 or len(pages) == len(whole)


async def test_history_is_csv_for_whoever_accepts_that(client):
    """A column for each signal; no cell is a formula."""
    answer = await history(client, "&signals=power.voltage,vehicle_status.mode", Accept="text/csv")

    assert answer.headers["content-type"].startswith("text/csv")
    table = list(csv.DictReader(io.StringIO(answer.text)))
    assert [float(row["power.voltage"]) for row in table if row["power.voltage"]] == [
        12.0 - second / 100 for second in range(60)
    ]
    (mode,) = [row["vehicle_status.mode"] for row in table if row["vehicle_status.mode"]]
    assert mode == "'=cmd|' /C calc'!A0"


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("state?at=yesterday", "query.at"),
        ("state?at=2026-01-01T00:00:00", "query.at"),
        ("state?at=1900-01-01T00:00:00Z", "query.at"),
        ("state?at=9999-01-01T00:00:00Z", "query.at"),
        ("state?at=2026-01-01T00:00:00Z&hours=0", "query.hours"),
        ("state?at=2026-01-01T00:00:00Z&hours=25", "query.hours"),
        ("state?at=2026-01-01T00:00:00Z&hours=nan", "query.hours"),
        ("state?when=now", "query.when"),
        ("history?limit=0", "query.limit"),
        ("history?limit=10001", "query.limit"),
        ("history?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "query.from"),
        ("history?signals=a;b", "query.signals"),
        ("history?signals=a..b", "query.signals"),
        ('history?signals=a"b', "query.signals"),
        ("history?cursor=x", "query.cursor"),
        ("history?cursor=WyJ0cyIsLTEsMV0", "query.cursor"),
        ("history?cursor=WyJ0cyIsImEiLCJiIl0", "query.cursor"),
        ("history?cursor=WyJ0cyIsMSw5OTk5OTk5OTk5OTk5OTk5OTk5OV0", "query.cursor"),
    ],
)
async def test_what_cannot_be_asked_of_the_past_is_refused(client, path, location):
    """With the place of what is wrong."""
    answer = await client.get(f"{ENTITIES}/uav/{path}")

    assert answer.status_code == 422, answer.text
    assert [each["location"] for each in answer.json()["errors"]] == [location]


async def test_the_live_state_is_told_without_a_moment(web, client):
    """As it stands in the bucket."""
    put = document("here", foreign={"x": [1, 2]})
    web.site.picture.put("here", msgspec.json.encode(put), 1, int(time.time() * 1e6))
    try:
        assert put == (await client.get(f"{ENTITIES}/here/state")).json()
    finally:
        web.site.picture.retain(())


async def test_without_a_lake_there_is_no_history_yet(anyio_backend, tmp_path):
    """The flows make it; until they do, nothing has been recorded."""
    assert await Lake(tmp_path / "none").ask(lambda _: 1, 0) == 0


async def test_a_question_that_takes_too_long_is_broken_off(anyio_backend, settings):
    """And the next is answered."""
    lake = Lake(settings.lake, seconds=0.2)
    endless = "SELECT count(*) FROM range(1000000000) a, range(1000000) b WHERE a.range < b.range"
    try:
        with pytest.raises(Problem, match="ask for less"):
            await lake.ask(lambda connection: connection.execute(endless).fetchall(), [])
        one = await lake.ask(lambda connection: connection.execute("SELECT 1").fetchall(), [])
        assert one == [(1,)]
    finally:
        lake.close()
