"""Names are written by strangers: wherever they are shown, they are only text."""

from looking import known, until_drawn, vehicle
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


def test_a_hostile_name_is_only_text(session, fleet):
    """In the row, in the card on the map, and on the vehicle's own page."""
    names = {f"uav-{number}": name for number, name in enumerate(HOSTILE)}
    for number, (entity_id, name) in enumerate(names.items()):
        status = {"mode": name, "armed": True}
        more = {"vehicle_status": status, "foreign": {name: name}}
        fleet.put(vehicle(entity_id, 38.7 + number / 100, -9.44, name=name, **more))
    known(session, *names)
    page = session.new_page()
    page.goto("/map")
    until_drawn(page, lambda seen: {key: each["name"] for key, each in seen.items()} == names)

    for _ in names:
        page.keyboard.press("j")
        chosen = page.locator("#fleet-rows tr[aria-current]")
        name = names[chosen.get_attribute("id").removeprefix("e-")]
        expect(chosen.locator("td.name a")).to_have_text(name, use_inner_text=True)
        expect(page.locator(".card-name")).to_have_text(name, use_inner_text=True)
        assert page.locator(FORGED).count() == 0
    for entity_id, name in names.items():
        page.goto(f"/entities/{entity_id}")
        expect(page.locator(".entity-head h1")).to_have_text(name, use_inner_text=True)
        expect(page.locator("#connection")).to_have_text("connected")
        assert page.locator(FORGED).count() == 0
        assert page.evaluate("window.caught") is None
