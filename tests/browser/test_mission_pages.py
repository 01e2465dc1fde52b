"""Missions as people handle them: a file imported, looked at, given to a vehicle, and followed."""

from contextlib import closing

import msgspec
import pytest
from looking import known, overflow, vehicle
from missions_made import HOME, MISSION
from playwright.sync_api import Page, expect
from running import within
from test_command_routes import Ledger
from test_mission_routes import done

from flows.ontology.plan_file import write_plan
from flows.ontology.stored_missions import Mission
from web.database import Tables

HOSTILE = "<img src=x onerror=alert(1)>"
PHONE = {"width": 390, "height": 844}


def file(data: bytes, name: str = "Round the tower.plan") -> dict:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def imported(page: Page, mission: Mission = MISSION, name: str = "Round the tower") -> str:
    """The address of a new mission's page."""
    page.goto("/missions")
    page.locator("[name=file]").set_input_files(file(write_plan(mission), f"{name}.plan"))
    expect(page.get_by_label("Name")).to_have_value(name)
    page.get_by_role("button", name="Check and store").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    return page.url


def on_map(page: Page) -> dict[str, int]:
    """How much of each kind the map was given to draw."""
    expect(page.locator("#map")).to_have_attribute("data-ready", "drawn")
    kinds = page.evaluate(
        "() => document.querySelector('#map').map.getSource('mission').serialize()"
        ".data.features.map(({ properties }) => properties.kind)"
    )
    return {each: kinds.count(each) for each in kinds}


@pytest.fixture(autouse=True)
def _none_yet(web):
    yield
    with closing(Tables(web.settings.database)) as tables:
        for table in ("missions", "mission_uploads"):
            tables.write(f"DELETE FROM {table}")


@pytest.fixture
def ledger(web):
    made = Ledger(web.settings.database)
    yield made
    made.database.close()


def test_a_file_becomes_a_mission_that_is_seen_whole(page):
    """Its items with units, its fence and rally points, its checks, its heights, and the map."""
    imported(page)

    items = page.locator("[data-list=mission] tbody tr")
    expect(items).to_have_count(len(MISSION.items))
    expect(items.nth(0)).to_contain_text("Takeoff")
    expect(items.nth(0)).to_contain_text("30 m above home")
    expect(items.nth(2)).to_contain_text("speed 4 m/s")
    expect(page.locator("[data-list=fence] tbody tr").nth(7)).to_contain_text("radius 900 m")
    expect(page.locator("[data-list=rally] tbody tr")).to_have_count(1)
    expect(page.locator(".checked")).to_be_visible()
    expect(page.locator(".profile .stop")).to_have_count(3)
    assert on_map(page) == {
        "inside": 2, "outside": 1, "path": 1, "item": 3, "rally": 1, "home": 1, "return": 1,
    }  # fmt: skip
    with page.expect_download() as download:
        page.get_by_role("link", name=".plan", exact=True).click()
    assert download.value.suggested_filename == "Round the tower v1.plan"


def test_what_is_wrong_with_a_file_is_told_and_nothing_is_stored(page, trouble):
    """Each complaint by its item."""
    trouble.expect("422")
    page.goto("/missions")
    broken = msgspec.json.decode(write_plan(MISSION))
    broken["mission"]["items"][1]["params"] = [1]
    broken["geoFence"]["polygons"] = 5
    broken["rallyPoints"]["points"] = {}
    data = msgspec.json.encode(broken)
    page.locator("[name=file]").set_input_files(file(data))
    page.get_by_role("button", name="Check and store").click()

    said = page.get_by_role("alert").locator("li")
    expect(said).to_have_text([
        "item 1: its params are no list of 7",
        "the polygons of its geoFence are no list",
        "the points of its rallyPoints are no list",
    ])  # fmt: skip
    page.reload()
    expect(page.get_by_text("There is none yet.")).to_be_visible()


def test_another_file_is_the_next_version_and_the_old_one_stays(page):
    """And who deletes a mission is asked once more."""
    imported(page, name=HOSTILE)
    higher = msgspec.structs.replace(MISSION, items=MISSION.items[:4])
    page.locator("[name=file]").set_input_files(file(write_plan(higher)))
    page.get_by_role("button", name="Store as the next version").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("version 2")
    expect(page.locator(".remarks")).to_contain_text("it ends in the air")
    page.get_by_role("link", name="version 1", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("version 1 of 2")
    expect(page.locator("[data-list=mission] tbody tr")).to_have_count(len(MISSION.items))
    assert page.locator("h1 img").count() == 0

    page.goto("/missions")
    page.locator("summary", has_text="Delete").press("Enter")
    page.get_by_role("button", name="Yes, delete").press("Enter")
    expect(page.get_by_text("There is none yet.")).to_be_visible()


def test_it_is_given_to_a_vehicle_and_followed_without_a_reload(page, fleet, ledger, web, session):
    """As the command becomes what it becomes, then by what the vehicle says of its items."""
    place = HOME.latitude, HOME.longitude
    fleet.put(vehicle("uav", *place))
    known(session, "uav")
    address = imported(page)
    expect(page.locator("#mission-uploads")).to_contain_text("sent to no vehicle yet")
    form = page.locator("form", has=page.locator("[name=entity_id]"))
    form.locator("[name=entity_id]").select_option("uav")
    form.get_by_role("button", name="Upload version 1").click()
    # It is hazardous: without the tick the browser does not even ask.
    assert form.locator("[name=confirmed]").evaluate("(each) => each.validity.valueMissing")
    form.locator("[name=confirmed]").check()
    form.get_by_role("button", name="Upload version 1").press("Enter")

    upload = page.locator("#mission-uploads li")
    expect(upload).to_contain_text("Name of uav")
    with closing(Tables(web.settings.database)) as tables:
        (row,) = tables.read("SELECT command_id FROM mission_uploads")
    ledger.say(done(row["command_id"], "executing", reason="3 of 6"))
    expect(upload.locator(".step")).to_have_text("executing")
    expect(upload).to_contain_text("3 of 6")
    ledger.say(msgspec.structs.replace(done(row["command_id"]), number=2))
    expect(upload.locator(".step")).to_have_text("on board")

    status = {"mode": "AUTO", "armed": True, "autopilot": 12}
    for item in (1, 3):
        mission = {"current_waypoint": item, "reached_waypoint": item - 1, "state": 3}
        fleet.put(vehicle("uav", *place, vehicle_status=status, mission=mission))
        expect(upload.locator(".going")).to_contain_text(f"item {item - 1} reached")
        expect(upload.locator("progress")).to_have_attribute("value", str(item))
    assert page.url == address
    page.goto("/map#uav")
    within(lambda: on_map(page).get("path") == 1)


def test_it_is_given_from_the_vehicles_page_and_its_sending_is_followed(
    page, fleet, ledger, web, session
):
    """Chosen among what is stored, by keys alone; how much of it was sent grows in place."""
    fleet.put(vehicle("uav", HOME.latitude, HOME.longitude))
    known(session, "uav")
    page.goto("/entities/uav")
    form = page.locator("details.kind", has=page.locator("summary", has_text="Upload mission"))
    form.locator("summary").press("Enter")
    expect(form).to_contain_text("There is no stored mission")
    expect(form.get_by_role("button", name="Upload mission")).to_be_disabled()

    address = imported(page, name=HOSTILE)
    page.goto("/entities/uav")
    form.locator("summary").press("Enter")
    choice = form.get_by_label("Which stored mission")
    choice.focus()
    choice.select_option(label=f"{HOSTILE}, version 1: mission, {len(MISSION.items)} items")
    form.get_by_role("button", name="Upload mission").press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Upload mission: Name of uav?")
    page.get_by_role("button", name="Yes: Upload mission").press("Enter")
    expect(form.locator(".answer")).to_contain_text("is stored, and nothing else yet")

    page.goto(address)
    upload = page.locator("#mission-uploads li")
    expect(upload).to_contain_text("Name of uav")
    with closing(Tables(web.settings.database)) as tables:
        (row,) = tables.read("SELECT command_id FROM mission_uploads")
    for number, percent in enumerate((20.0, 80.0), 1):
        ledger.say(done(row["command_id"], "executing", progress=percent, number=number))
        expect(upload.locator(".sent progress")).to_have_attribute("value", f"{percent:g}")
    ledger.say(msgspec.structs.replace(done(row["command_id"]), number=3))
    expect(upload.locator(".step")).to_have_text("on board")
    expect(upload.locator(".sent")).to_have_count(0)


@pytest.mark.parametrize("size", [PHONE, {"width": 1280, "height": 900}])
def test_nothing_is_wider_than_the_screen(page, fleet, size):
    """On a phone as on a desk."""
    page.set_viewport_size(size)
    fleet.put(vehicle("uav", HOME.latitude, HOME.longitude, name="A vehicle with a long name"))
    imported(page, name="A mission with a name that is longer than any screen of a phone is wide")
    assert overflow(page) <= 0
    page.goto("/missions")
    assert overflow(page) <= 0
