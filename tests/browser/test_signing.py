"""Signing in by a link, and out again, as a browser does it."""

import pytest
from looking import until_drawn, vehicle
from playwright.sync_api import expect


@pytest.fixture
def stranger(context, fleet):
    """A page of somebody who has not signed in."""
    return context.new_page()


def test_a_link_works_once(stranger, web, trouble):
    """Whoever opens it first is in; whoever opens it again is told why not."""
    link = web.link()
    stranger.goto(link)
    stranger.wait_for_url("**/map")
    expect(stranger.locator("#connection")).to_have_text("connected")
    assert "token" not in stranger.url

    # Left first: what the map still fetches would be asked for by nobody.
    stranger.goto("about:blank")
    stranger.context.clear_cookies()
    trouble.expect(r"status 401: .*/sign-in", r"the server responded with a status of 401")
    stranger.goto(link)
    expect(stranger.get_by_role("heading", name="This link cannot be used")).to_be_visible()


def test_nobody_comes_in_without(stranger, trouble):
    """Every page leads to the one that says how to sign in."""
    trouble.expect(r"status 401: .*/sign-in", r"the server responded with a status of 401")

    stranger.goto("/map")

    expect(stranger.get_by_role("heading", name="Please sign in")).to_be_visible()


def test_signing_out_ends_every_tab(page, context, fleet, trouble):
    """The tab that signs out leaves, and so does the other, which is never left looking live."""
    fleet.put(vehicle("uav", 38.72, -9.44))
    until_drawn(page, lambda seen: "uav" in seen)
    other = context.new_page()
    other.goto("/entities/uav")
    expect(other.locator("[data-chart=altitude] canvas")).to_be_visible()
    trouble.expect(r"status 401: .*/(sign-in|live/)", r"with a status of 401", r"Datastar failed")

    page.get_by_role("button", name="Sign out").click()

    expect(page.get_by_role("heading", name="Please sign in")).to_be_visible()
    expect(other.get_by_role("heading", name="Please sign in")).to_be_visible()
    page.goto("/map")
    expect(page.get_by_role("heading", name="Please sign in")).to_be_visible()
