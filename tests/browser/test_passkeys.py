"""Passkeys, as a browser with an authenticator makes and shows them."""

import pytest
from looking import overflow
from playwright.sync_api import expect
from trouble import Trouble

PATIENCE_MS = 30_000
PHONE = {"width": 390, "height": 844}
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def origin(web):
    """Where passkeys work: this machine by its name."""
    return f"http://localhost:{web.settings.port}"


@pytest.fixture
def context(browser, origin):
    context = browser.new_context(viewport={"width": 900, "height": 700}, base_url=origin)
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def trouble(context, origin):
    trouble = Trouble(context, origin)
    # What a page without a session is answered with.
    trouble.expect(r"status 401: .*/(sign-in|live/)", r"with a status of 401", r"Datastar failed")
    yield trouble
    assert trouble.seen == []


@pytest.fixture
def page(context, fleet):
    """A page of somebody who has an authenticator, and no session."""
    page = context.new_page()
    page.devtools = context.new_cdp_session(page)
    page.devtools.send("WebAuthn.enable")
    added = page.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.authenticator = added["authenticatorId"]
    return page


def test_a_passkey_is_added_after_a_link_and_lets_in_from_then_on(page, web):
    """By link, asked for a passkey, out, in by passkey; a passkey that is gone does not let in."""
    page.goto(web.link())
    expect(page.get_by_role("heading", name="Add a passkey")).to_be_visible()
    page.get_by_label("What to call the passkey").fill("This laptop")
    page.keyboard.press("Enter")
    page.wait_for_url("**/map")

    page.goto("/account")
    expect(page.get_by_label("Name of This laptop")).to_have_value("This laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("This device has a passkey for you already.")).to_be_visible()
    page.get_by_role("button", name="Sign out").last.click()

    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/map")

    page.goto("/account")
    page.locator("summary", has_text="Remove").click()
    page.get_by_role("button", name="Yes, remove").click()
    expect(page.get_by_text("You have none yet")).to_be_visible()
    page.get_by_role("button", name="Sign out").last.click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("This passkey does not let you in.")).to_be_visible()


def test_somebody_who_is_invited_comes_in_and_sees_what_their_role_may(page, web, browser, origin):
    """The admin shows the link once; who opens it says their name, and adds a passkey."""
    page.goto(web.link())
    page.goto("/admin/people")
    page.get_by_label("E-mail address").fill("ana@example.org")
    page.get_by_label("Role", exact=True).select_option("viewer")
    page.get_by_role("button", name="Invite").click()
    link = page.get_by_label("Link to accept the invite").input_value()
    page.set_viewport_size(PHONE)
    assert overflow(page) <= 0
    page.goto("/admin/people")
    expect(page.get_by_label("Link to accept the invite")).to_have_count(0)
    page.get_by_role("button", name="Sign out").last.click()
    expect(page.get_by_role("heading", name="Please sign in")).to_be_visible()

    page.goto(link)
    page.get_by_label("Your name").fill("Ana")
    page.get_by_role("button", name="Come in").click()
    page.get_by_role("button", name="Add a passkey").click()
    page.wait_for_url("**/map")
    page.get_by_role("link", name="Account").click()
    expect(page.get_by_role("heading", name="Passkeys")).to_be_visible()
    assert overflow(page) <= 0
    expect(page.get_by_role("link", name="People")).to_have_count(0)
