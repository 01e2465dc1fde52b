"""The map page: the table and the map are two views of one fleet."""

import pytest
from looking import drawn, icon, known, near, on_screen, until_drawn, vehicle
from playwright.sync_api import expect
from running import within

FLEET = (
    vehicle("uav-a", 38.72, -9.44, name="Albatross", entity_type="aircraft_fixed_wing"),
    vehicle("uav-b", 38.73, -9.40, name="Badger", entity_type="ground_vehicle_wheeled"),
    vehicle("uav-c", 38.69, -9.42, name="Cormorant", entity_type="surface_vessel_usv"),
)
ROWS = "#fleet-rows tr"
CHOSEN = "#fleet-rows tr[aria-current]"


@pytest.fixture
def three(session, fleet):
    """The page, with three vehicles on its map."""
    for each in FLEET:
        fleet.put(each)
    known(session, *(each["entity_id"] for each in FLEET))
    page = session.new_page()
    page.goto("/map")
    until_drawn(page, lambda seen: len(seen) == 3)
    return page


def test_a_vehicle_moves_on_the_map_and_in_its_row(three, fleet):
    """A new position is a new place, a new altitude and nothing else."""
    expect(three.locator("#e-uav-a .altitude")).to_have_text("80")
    before = drawn(three)["uav-a"]["at"]
    assert before == pytest.approx([-9.44, 38.72], abs=1e-4)

    position = {"global": {"latitude": 38.70, "longitude": -9.43, "altitude_relative": 95.0}}
    fleet.put({**FLEET[0], "position": position})

    after = pytest.approx([-9.43, 38.70], abs=1e-4)
    within(lambda: drawn(three).get("uav-a", {"at": None})["at"] == after)
    expect(three.locator("#e-uav-a .altitude")).to_have_text("95")


def test_a_vehicle_looks_like_what_it_is(three, fleet):
    """Its shape is its type's, its colour its state's; without a heading it points nowhere."""
    icons = {"uav-a": "plane-live", "uav-b": "rover-live", "uav-c": "boat-live"}
    for entity_id, expected in icons.items():
        within(lambda: icon(three, entity_id) == expected)  # noqa: B023  (called at once)

    position = {"global": {"latitude": 38.72, "longitude": -9.44}}
    fleet.put({**FLEET[0], "position": position, "recorded": True})

    within(lambda: icon(three, "uav-a") == "other-replay")


def test_the_way_that_a_vehicle_has_come_is_drawn(three, fleet):
    """A track appears behind who moves, and can be switched off."""
    position = {"global": {"latitude": 38.725, "longitude": -9.43}}
    fleet.put({**FLEET[0], "position": position})
    within(lambda: "uav-a" in drawn(three, "track-live"))

    three.get_by_role("button", name="Tracks").click()
    within(lambda: not drawn(three, "track-live"))
    three.get_by_role("button", name="Names of vehicles").click()
    within(lambda: not drawn(three, "names"))


def test_the_filter_hides_rows_and_vehicles(three, fleet):
    """What does not fit is in neither view, and does not come back with the next patch."""
    three.get_by_role("searchbox", name="Filter the fleet").fill("alba")
    expect(three.locator(f"{ROWS}:visible")).to_have_count(1)
    within(lambda: set(drawn(three)) == {"uav-a"})

    fleet.put(vehicle("uav-d", 38.71, -9.41, name="Dunnock"))
    expect(three.locator(ROWS)).to_have_count(4)
    expect(three.locator(f"{ROWS}:visible")).to_have_count(1)
    within(lambda: set(drawn(three)) == {"uav-a"})

    three.keyboard.press("Escape")
    expect(three.locator(f"{ROWS}:visible")).to_have_count(4)
    until_drawn(three, lambda seen: len(seen) == 4)


def test_the_keyboard_does_what_the_mouse_does(three):
    """Up, down, there, all, filter, and away."""
    three.keyboard.press("j")
    expect(three.locator(CHOSEN)).to_have_id("e-uav-a")
    three.keyboard.press("ArrowDown")
    expect(three.locator(CHOSEN)).to_have_id("e-uav-b")
    three.keyboard.press("k")
    expect(three.locator(CHOSEN)).to_have_id("e-uav-a")

    three.keyboard.press("Enter")
    within(lambda: near(three, 38.72, -9.44))
    three.keyboard.press("f")
    within(lambda: not near(three, 38.72, -9.44))

    three.keyboard.press("/")
    expect(three.get_by_role("searchbox")).to_be_focused()
    three.keyboard.type("jk")
    expect(three.locator(f"{ROWS}:visible")).to_have_count(0)
    three.keyboard.press("Escape")
    expect(three.get_by_role("searchbox")).to_have_value("")
    expect(three.locator(CHOSEN)).to_have_count(0)

    three.keyboard.press("j")
    three.keyboard.press("o")
    three.wait_for_url("**/entities/uav-a")


def test_a_click_on_a_vehicle_selects_its_row(three, fleet):
    """The card says who it is and leads to its page; the selection outlives patches."""
    three.mouse.click(*on_screen(three, "uav-c"))

    expect(three.locator(CHOSEN)).to_have_id("e-uav-c")
    card = three.locator(".maplibregl-popup")
    expect(card.locator(".card-name")).to_have_text("Cormorant")
    fleet.put({**FLEET[2], "name": "Cormorant 2"})
    expect(card.locator(".card-name")).to_have_text("Cormorant 2")
    expect(three.locator(CHOSEN)).to_have_id("e-uav-c")
    assert three.url.endswith("/map#uav-c")

    card.get_by_role("link", name="Open").click()
    three.wait_for_url("**/entities/uav-c")


def test_a_click_on_a_row_goes_there(three):
    """The map looks at the vehicle, with rings around it to judge distances by."""
    three.locator("#e-uav-b .state").click()

    within(lambda: near(three, 38.73, -9.40))
    expect(three.locator(".card-name")).to_have_text("Badger")
    within(lambda: three.evaluate(
        "() => document.querySelector('#map').map.queryRenderedFeatures({layers: ['rings']}).length"
    ))  # fmt: skip
    three.get_by_role("button", name="Close popup").click()
    expect(three.locator(CHOSEN)).to_have_count(0)


def test_an_address_can_name_a_vehicle(three):
    """A page that is opened with a vehicle's name opens there."""
    three.goto("/entities/uav-c")
    three.get_by_role("link", name="Show on the map").click()

    until_drawn(three, lambda seen: "uav-c" in seen)
    within(lambda: near(three, 38.69, -9.42))
    expect(three.locator(CHOSEN)).to_have_id("e-uav-c")


def test_a_click_on_a_head_sorts(three, fleet):
    """By that column, then the other way round; what has no value is last, and patches keep it."""
    rows = three.locator(f"{ROWS} td.name")
    speeds = {"uav-a": 12.5, "uav-b": 3.0}
    for each in FLEET[:2]:
        fleet.put({**each, "vfr": {"groundspeed": speeds[each["entity_id"]]}})
    expect(three.locator("#e-uav-b .speed")).to_have_text("3.0")

    head = three.get_by_role("button", name="Spd")
    head.click()
    expect(rows).to_have_text(["Badger", "Albatross", "Cormorant"])
    head.click()
    expect(rows).to_have_text(["Albatross", "Badger", "Cormorant"])
    expect(three.get_by_role("columnheader", name="Spd")).to_have_attribute(
        "aria-sort", "descending"
    )

    fleet.put(vehicle("uav-d", 38.71, -9.41, name="Dunnock", vfr={"groundspeed": 9.0}))
    expect(rows).to_have_text(["Albatross", "Dunnock", "Badger", "Cormorant"])
    three.get_by_role("button", name="Name", exact=True).click()
    expect(rows).to_have_text(["Albatross", "Badger", "Cormorant", "Dunnock"])


def test_who_is_deleted_leaves_the_map(three, fleet):
    """Row, icon and card go together."""
    three.mouse.click(*on_screen(three, "uav-a"))
    expect(three.locator(".card-name")).to_have_text("Albatross")

    fleet.delete("uav-a")

    within(lambda: set(drawn(three)) == {"uav-b", "uav-c"})
    expect(three.locator(ROWS)).to_have_count(2)
    expect(three.locator(".card-name")).to_have_count(0)


def test_an_empty_fleet_says_what_to_do(page):
    """Before the first vehicle the page says how to get one."""
    page.locator("#map[data-ready=drawn]").wait_for()

    expect(page.get_by_role("heading", name="No vehicle has been heard yet")).to_be_visible()


def test_without_webgl_the_table_works(context, page, fleet):
    """A browser that cannot draw the map says so, and still follows the fleet."""
    context.add_init_script(
        "const get = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...more) {"
        " return kind === 'webgl2' ? null : get.call(this, kind, ...more); };"
    )
    page.reload()
    fleet.put(FLEET[0])

    expect(page.locator("#map")).to_contain_text("offers no WebGL 2")
    expect(page.locator("#e-uav-a")).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator(CHOSEN)).to_have_id("e-uav-a")


def test_a_vehicle_that_speaks_and_has_lost_its_place_is_not_drawn_as_live(three, fleet):
    """Its row says that it lives, its icon that nobody knows where; the card says why."""
    lost = {**FLEET[1]["provenance"]["position.global"], "state": "lost", "reason": "no fix"}
    fleet.put({**FLEET[1], "provenance": {"position.global": lost}})

    within(lambda: icon(three, "uav-b") == "rover-lost")
    expect(three.locator("#e-uav-b td.state")).to_have_text("LIVE")
    three.locator("#e-uav-b td.state").click()
    expect(three.locator(".card .state")).to_have_text("LIVE")
    expect(three.locator(".card-why")).to_contain_text("Place: no fix; it was there")
    expect(three.locator(".card-why .age")).not_to_be_empty()
