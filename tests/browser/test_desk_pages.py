"""Pages that look after organisations: with keys alone, on a phone, and with hostile names."""

import pytest
from looking import overflow
from playwright.sync_api import expect

HOSTILE = '<img src=x onerror="document.title=1">'
PAGES = ("/organizations", "/fleet", "/admin/keys", "/admin/audit")


@pytest.fixture
def desk(session):
    """A page of somebody who has signed in; no map is drawn."""
    return session.new_page()


def test_an_organisation_is_made_and_deleted_with_keys_alone(desk):
    """The last button does nothing before its name is typed as it stands."""
    desk.goto("/organizations")
    name = desk.get_by_label("Name", exact=True).last
    name.focus()
    desk.keyboard.type(f"{HOSTILE} (2)")
    desk.keyboard.press("Enter")

    row = desk.get_by_role("row").filter(has_text=f"{HOSTILE} (2)")
    expect(row).to_be_visible()
    assert desk.title() == "Organisations · Constellation Overwatch"
    row.get_by_text("Delete", exact=True).focus()
    desk.keyboard.press("Enter")
    desk.keyboard.press("Tab")
    desk.keyboard.type("something else")
    desk.keyboard.press("Enter")
    expect(row).to_be_visible()
    desk.keyboard.press("Control+A")
    desk.keyboard.type(f"{HOSTILE} (2)")
    desk.keyboard.press("Enter")
    expect(row).to_have_count(0)


def test_a_key_is_copied_where_it_is_shown_and_only_there(session, desk):
    """The button says that it is done."""
    session.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.goto("/admin/keys")
    desk.get_by_label("What it is for").fill("Roof")
    desk.get_by_label("entities:read").check()
    desk.get_by_role("button", name="Make the key").click()
    desk.get_by_role("button", name="Copy").click()

    expect(desk.get_by_role("button", name="Copied")).to_be_visible()
    copied = desk.evaluate("() => navigator.clipboard.readText()")
    assert copied.startswith("c4_live_")
    assert desk.get_by_label("API key").input_value() == copied
    desk.goto("/admin/keys")
    expect(desk.get_by_text(copied[:16])).to_be_visible()
    assert copied not in desk.content()


def test_on_a_phone_nothing_is_wider_than_the_screen(desk):
    """With every form open, and after what has been done above."""
    desk.set_viewport_size({"width": 360, "height": 780})
    for path in PAGES:
        desk.goto(path)
        desk.evaluate("() => document.querySelectorAll('details').forEach((each) => each.open = 1)")
        assert overflow(desk) <= 0, path
        expect(desk.get_by_role("heading", level=1)).to_be_in_viewport()


@pytest.mark.parametrize("width", [701, 1201, 1280, 1401])
def test_the_top_bar_fits_any_window(page, width):
    """What tells of the fleet, and the way out, are there whole beside all links of an admin."""
    page.set_viewport_size({"width": width, "height": 600})
    for part in ("#counts", "#connection", ".sign-out"):
        expect(page.locator(f".topbar {part}").last).to_be_in_viewport(ratio=1)
    assert overflow(page) <= 0
