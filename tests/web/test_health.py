"""Health: never better than it can be shown to be."""

import json
import os

import msgspec
import pytest
from serving import make_streams, rfc3339, served, settings_for, until

from flows.ontology.streams import BUCKET, STREAMS
from web import health, nats_report

pytestmark = pytest.mark.anyio

FLOWS = ("relay", "telemetry", "entities", "commands")


@pytest.fixture
def run(settings):
    folder = settings.data_dir / "run"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def hearts(monkeypatch, wound):
    """The flows' beats, as a dictionary to write in."""
    beating = dict.fromkeys(FLOWS, wound.clock.wall())
    monkeypatch.setattr(health, "beats", lambda _folder: beating)
    monkeypatch.setattr(health, "KEPT_SECONDS", 0.0)
    return beating


def supervised(run, wound, age=0.0, **states):
    """Write the supervisor's report as it was so many seconds ago."""
    parts = dict.fromkeys(("nats", *FLOWS, "web"), "running") | states
    file = run / "parts.json"
    file.write_text(
        json.dumps(
            {
                "parts": [
                    {"part": name, "state": state, "since": rfc3339(0), "pid": 4711}
                    for name, state in parts.items()
                ]
            }
        )
    )
    written = wound.clock.wall() - age
    os.utime(file, (written, written))


async def asked(web):
    async with web.client() as client:
        answer = await client.get("/health")
    return answer.status_code, answer.json()


def faults(report):
    return {part["part"] for part in report["parts"] if part.get("reason")}


async def test_all_is_well_when_every_part_is(web, run, hearts, wound):
    """And nothing is told that is nobody's business."""
    supervised(run, wound)

    status, report = await asked(web)

    assert (status, report["status"]) == (200, "ok")
    assert {"supervisor", "nats", "web", *FLOWS} == {each["part"] for each in report["parts"]}
    assert report["nats"]["rtt_ms"] >= 0
    assert "4711" not in json.dumps(report)


@pytest.mark.parametrize("state", ["starting", "stopped", "failed", ""])
async def test_a_part_that_does_not_run_is_named(web, run, hearts, wound, state):
    """One is enough."""
    supervised(run, wound, telemetry=state)

    status, report = await asked(web)

    assert (503, {"telemetry"}) == (status, faults(report))


async def test_a_flow_whose_heart_has_stopped_is_named(web, run, hearts, wound):
    """A process that runs and does nothing is not well, whatever its supervisor says."""
    supervised(run, wound)
    hearts["entities"] -= 11

    status, report = await asked(web)

    assert (503, {"entities"}) == (status, faults(report))


async def test_a_dead_supervisor_is_named(web, run, hearts, wound):
    """Its last report stays on the disk, and is believed for five seconds."""
    supervised(run, wound, age=6)

    status, report = await asked(web)

    assert (503, {"supervisor"}) == (status, faults(report))


@pytest.mark.parametrize("text", ["", "[]", "{", '{"parts": 7}', '{"parts": [7, {}]}'])
async def test_a_report_that_cannot_be_read_is_no_good_news(web, run, hearts, text):
    """Half a file or another program's is not an error of ours, but a reason."""
    (run / "parts.json").write_text(text)

    status, report = await asked(web)

    assert status in (200, 503)
    assert (status == 200) == (text == '{"parts": 7}')
    assert report["supervised"]


async def test_without_a_supervisor_the_beats_decide(web, run, hearts):
    """A deployment may run each part by itself."""
    status, report = await asked(web)
    assert (status, report["supervised"]) == (200, False)

    hearts["relay"] -= 11
    assert (503, {"relay"}) == ((await asked(web))[0], faults((await asked(web))[1]))

    hearts.clear()
    assert (503, {"flows"}) == ((await asked(web))[0], faults((await asked(web))[1]))


async def test_a_dead_message_server_is_told(web, run, hearts, wound, nats_server):
    """And its return as well."""
    supervised(run, wound)
    assert (await asked(web))[0] == 200

    nats_server.stop()
    await until(lambda: not web.site.picture.connected)
    status, report = await asked(web)
    assert (status, report["nats"]["connected"]) == (503, False)
    assert "cannot be reached" in report["nats"]["reason"]

    nats_server.start()
    await until(lambda: web.site.picture.connected)
    assert (await asked(web))[0] == 200


async def test_missing_streams_are_named(tmp_path, nats_server, hearts):
    """A server without our streams keeps nothing."""
    await make_streams(nats_server.url, {BUCKET.name})
    async with served(settings_for(tmp_path, nats_server.url)) as web:
        await until(lambda: web.site.picture.connected)

        status, report = await asked(web)

        assert status == 503
        assert {stream.name for stream in STREAMS} == set(report["nats"]["missing_streams"])


async def test_what_somebody_changed_is_a_fault_of_our_own_server_only(web, run, hearts, wound):
    """These streams were made by nobody's declaration; each setting is told with both values."""
    supervised(run, wound)
    here = web.site
    ours = msgspec.structs.replace(here.settings, nats_url="")
    health_of_ours = health.Health(
        ours, here.tables, here.picture, here.clock, lambda: nats_report.report(here.watch.client)
    )

    status, report = await asked(web)
    told = await health_of_ours.report()

    changed = "CONSTELLATION_TELEMETRY: max_age is 0.0, declared 604800.0"
    assert changed in report["nats"]["differences"]
    assert (status, report["nats"]["reason"]) == (200, "")
    assert told.nats["differences"] == report["nats"]["differences"]
    assert told.status == "degraded"
    assert told.nats["reason"].startswith("Somebody has changed what is kept: ")
    assert changed in told.nats["reason"]


async def test_a_database_that_does_not_answer_is_told(web, run, hearts, wound):
    """Health itself does not need it."""
    supervised(run, wound)
    web.site.tables.close()

    status, report = await asked(web)

    assert (status, report["database"]["ok"]) == (503, False)


async def test_a_full_disk_is_told(web, run, hearts, wound, monkeypatch):
    """Before it is quite full."""
    supervised(run, wound)
    monkeypatch.setattr(health, "LEAST_FREE_BYTES", 2**62)

    status, report = await asked(web)

    assert (status, report["disk"]["ok"]) == (503, False)


async def test_asking_often_asks_the_server_once(web, monkeypatch):
    """Anybody may ask, so asking is cheap."""
    asked_nats = 0
    before = web.site.health._ask_nats

    async def counted():
        nonlocal asked_nats
        asked_nats += 1
        return await before()

    monkeypatch.setattr(web.site.health, "_ask_nats", counted)
    async with web.client() as client:
        for _ in range(20):
            await client.get("/health")

    assert asked_nats <= 2


async def test_the_durability_of_an_embedded_server_is_told(tmp_path, nats_server):
    """What a power cut may take is the sync interval; of a server elsewhere it is not known."""
    settings = settings_for(tmp_path, "", NATS_PORT=str(nats_server.port), NATS_SYNC_INTERVAL="5s")
    async with served(settings) as web:
        assert (await asked(web))[1]["durability_window_seconds"] == 5.0


async def test_one_part_is_asked_after_by_its_name(web, run, hearts, wound):
    """Its own fault, or that nobody can know of it; nothing while it runs."""
    part = web.site.health.part
    assert await part("commands") == ""
    supervised(run, wound)
    assert await part("commands") == ""
    hearts["commands"] -= 11
    assert "no sign of life" in await part("commands")
    await until(lambda: "no sign of life" in web.site.board.unjudged)
    assert await part("none") == "It is not there."
    supervised(run, wound, age=60)
    assert "has not reported" in await part("entities")


async def test_where_no_flow_is_known_none_of_them_is_well(web):
    """As before the first start."""
    assert await web.site.health.part("commands") == "No flow has given a sign of life."
