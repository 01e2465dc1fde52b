"""A phone shows the same fleet: nothing is cut off, and a finger is enough."""

import pytest
from looking import overflow, until_drawn, vehicle
from playwright.sync_api import expect


@pytest.fixture
def context(browser, web):
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        base_url=web.settings.url,
    )
    context.set_default_timeout(30_000)
    yield context
    context.close()


def test_a_phone_shows_map_table_and_entity(page, fleet):
    """No page is wider than the screen, and a tap on a row selects it."""
    long = "A vehicle with quite a long name that goes on"
    fleet.put(vehicle("uav", 38.72, -9.44, name=long, vehicle_status={"mode": "AUTO.MISSION"}))
    until_drawn(page, lambda seen: "uav" in seen)
    assert overflow(page) <= 0
    for part in ("#map", "#e-uav", "#counts", "#connection"):
        expect(page.locator(part)).to_be_in_viewport()

    page.locator("#e-uav .state").tap()
    expect(page.locator("#e-uav")).to_have_attribute("aria-current", "true")
    page.locator(".card").get_by_role("link", name="Open").tap()
    expect(page.get_by_role("heading", name=long)).to_be_in_viewport()
    assert overflow(page) <= 0
