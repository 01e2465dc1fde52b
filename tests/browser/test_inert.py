"""Names are written by strangers: wherever they are shown, they are only text."""

import pytest
from looking import until_drawn, vehicle
from playwright.sync_api import expect

HOSTILE = (
    "<img src=x onerror=window.caught=1>",
    '"><script>window.caught=1</script>',
    "' onmouseover='window.caught=1",
    "{{window.caught=1}} ${window.caught=1} $$caught @get('/sign-out')",
    "</td></tr></tbody></table><h1 id=forged>",
    "مركبة 7 שלום",
    "javascript:window.caught=1",
)
FORGED = "img[src=x], #forged, [onmouseover], [onerror], main script"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_only_text(page, fleet, name):
    """In the row, in the card on the map, and on the vehicle's own page."""
    status = {"mode": name, "armed": True}
    fleet.put(vehicle("uav", 38.72, -9.44, name=name, vehicle_status=status, foreign={name: name}))
    until_drawn(page, lambda seen: "uav" in seen and seen["uav"]["name"] == name)

    expect(page.locator("#e-uav td.name a")).to_have_text(name, use_inner_text=True)
    page.keyboard.press("j")
    expect(page.locator(".card-name")).to_have_text(name, use_inner_text=True)
    assert page.locator(FORGED).count() == 0
    page.keyboard.press("o")
    expect(page.locator(".entity-head h1")).to_have_text(name, use_inner_text=True)

    assert page.locator(FORGED).count() == 0
    assert page.evaluate("window.caught") is None
