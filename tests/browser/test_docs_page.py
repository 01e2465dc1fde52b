"""The page that describes the interface, in a browser, for somebody who has no session."""

import pytest
from looking import overflow
from playwright.sync_api import expect


@pytest.fixture
def docs(context):
    page = context.new_page()
    page.goto("/api/docs")
    return page


def test_what_is_searched_for_is_found_by_keys_alone(docs):
    """From anywhere on the page, and the address is that of what was found."""
    docs.keyboard.press("/")
    docs.keyboard.type("entity state")
    rows = docs.locator("nav li:visible")
    expect(rows).to_have_count(1)
    docs.keyboard.press("Enter")
    expect(docs).to_have_url("/api/docs#get-entity-state")
    expect(docs.locator("#get-entity-state")).to_be_focused()
    expect(docs.locator("#get-entity-state h3")).to_be_in_viewport()

    docs.keyboard.press("j")
    expect(docs).to_have_url("/api/docs#get-entity-history")
    docs.keyboard.press("k")
    expect(docs).to_have_url("/api/docs#get-entity-state")


def test_what_is_called_nothing_like_that_is_said_to_be(docs):
    """And all is there again when nothing is searched for."""
    whole = docs.locator("nav li:visible").count()
    docs.locator("#search").fill("no such thing")
    expect(docs.get_by_text("Nothing is called that.")).to_be_visible()
    docs.locator("#search").press("Escape")
    expect(docs.locator("nav li:visible")).to_have_count(whole)


def test_a_link_leads_to_its_operation_and_an_answer_to_its_type(docs):
    """So that people can send each other to a place on the page."""
    docs.goto("/api/docs#list-entities")
    expect(docs.locator("#list-entities h3")).to_be_in_viewport()
    docs.locator("#list-entities").get_by_role("link", name="Entity", exact=True).click()
    expect(docs.locator("#type-Entity h3")).to_be_in_viewport()


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_it_is_readable_by_day_and_by_night(docs, scheme):
    """What is written stands out from what it is written on."""
    docs.emulate_media(color_scheme=scheme)
    ground, ink = docs.evaluate(
        """() => [getComputedStyle(document.body).backgroundColor,
                  getComputedStyle(document.querySelector('h1')).color]
            .map((colour) => Math.max(...colour.match(/\\d+/g).slice(0, 3).map(Number)))"""
    )
    assert (ink - ground) * (1 if scheme == "dark" else -1) > 150


def test_a_phone_shows_it_without_moving_sideways(browser, web, docs):
    """However long a path is."""
    docs.set_viewport_size({"width": 390, "height": 844})
    assert overflow(docs) <= 0
    expect(docs.locator("#search")).to_be_in_viewport()
