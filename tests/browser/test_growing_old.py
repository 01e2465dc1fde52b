"""Whatever dies, nothing that is old looks live; when it returns, so does the picture."""

import pytest
from looking import drawn, icon, known, vehicle
from playwright.sync_api import expect
from running import deployed, within

STATE_COLOUR = "(row) => getComputedStyle(row.querySelector('td.state'), '::before').boxShadow"
# What a browser has to say of a server that has been killed.
KILLED = (
    r"ERR_CONNECTION_REFUSED", r"ERR_INCOMPLETE_CHUNKED_ENCODING", r"ERR_CONNECTION_RESET",
    r"ERR_EMPTY_RESPONSE", r"network error", r"Failed to fetch", r"Datastar failed to reach",
    r"error: $",
)  # fmt: skip


@pytest.fixture
def patience():
    """Seconds after which vehicles are stale, and lost. Long: drawing is slow here."""
    return {"stale": 600, "lost": 1200}


@pytest.fixture
def deployment(tmp_path, patience):
    """One for each test, to be killed."""
    with deployed(tmp_path, **patience) as deployment:
        yield deployment


def speaks(page, fleet):
    """The vehicle is heard again and again, until the map shows it live."""

    def is_live():
        fleet.put(vehicle("uav", 38.72, -9.44, name="Gull"))
        return drawn(page).get("uav", {"icon": ""})["icon"] == "copter-live"

    within(is_live, 60)


@pytest.fixture
def one(session, fleet):
    fleet.put(vehicle("uav", 38.72, -9.44, name="Gull"))
    known(session, "uav")
    page = session.new_page()
    page.goto("/map")
    page.locator("#map[data-ready=drawn]").wait_for()
    speaks(page, fleet)
    return page


def looks_live(page):
    """Whether the row's dot is filled or the icon is, either of which means live."""
    row = page.locator("#e-uav").evaluate(STATE_COLOUR)
    return row == "none" or icon(page, "uav") != "copter-stale"


def is_told(page):
    expect(page.locator("#silence")).to_be_visible()
    expect(page.locator("#silence")).to_contain_text("No data since")
    within(lambda: not looks_live(page))
    word = page.locator("#e-uav td.state").evaluate(
        "(cell) => [getComputedStyle(cell).fontSize, getComputedStyle(cell, '::after').content]"
    )
    assert word == ["0px", '"OLD"']
    expect(page).to_have_title("(no data) Map · Constellation Overwatch")


def is_live_again(page):
    expect(page.locator("#silence")).to_be_hidden()
    expect(page).to_have_title("Map · Constellation Overwatch")
    within(lambda: page.locator("#e-uav").evaluate(STATE_COLOUR) == "none")
    within(lambda: icon(page, "uav") == "copter-live")


def test_a_killed_web_is_told_and_comes_back(one, web, trouble):
    """Killed at once, with no goodbye: the page notices by itself, and again when it returns."""
    trouble.expect(*KILLED)
    assert looks_live(one)

    web.kill()
    is_told(one)
    web.start()
    is_live_again(one)


def test_a_web_that_hangs_is_told_and_comes_back(one, web):
    """The connection stays open, so that only silence tells."""
    web.pause()
    is_told(one)
    web.go_on()
    is_live_again(one)


class TestWithoutItsMessageServer:
    """The web lives, but hears nothing."""

    @pytest.fixture
    def patience(self):
        return {"stale": 5, "lost": 1200}

    def test_a_killed_message_server_is_told_and_comes_back(self, one, fleet, nats_server):
        """The web says so, and what it showed turns stale in row and map alike."""
        nats_server.stop()
        expect(one.locator("#banner")).to_be_visible()
        expect(one.locator("#banner")).to_contain_text("what is shown is old")
        expect(one.locator("#e-uav")).to_have_attribute("data-state", "stale")
        within(lambda: icon(one, "uav") == "copter-stale")
        expect(one.locator("#silence")).to_be_hidden()

        nats_server.start()
        expect(one.locator("#banner")).to_be_hidden()
        speaks(one, fleet)


def test_ages_grow_by_the_clock_of_the_server(one):
    """Nothing comes from the bucket, and yet the age counts on."""
    age = one.locator("#e-uav .age")
    before = int(age.inner_text().split()[0])

    within(lambda: int(age.inner_text().split()[0]) >= before + 2)
    expect(one.locator("#clock")).to_contain_text("UTC")
