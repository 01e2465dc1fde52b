"""A browser over a real web over a real message server; any trouble in it fails the test."""

import os

import anyio.from_thread
import pytest
from install_chromium import ADVICE, find
from playwright.sync_api import expect, sync_playwright
from running import Fleet, Web, environment
from serving import NatsServer, settings_for
from trouble import Trouble

# WebGL is drawn by the processor here: small pages, and patience.
VIEWPORT = {"width": 800, "height": 500}
PATIENCE_MS = 30_000


# Of a module, not of the session: Playwright's event loop counts as running for as long as
# it is open, and tests of other folders have loops of their own.
@pytest.fixture(scope="module")
def browser():
    path = find()
    assert path, ADVICE
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        yield browser
        browser.close()


@pytest.fixture
def nats_server(tmp_path):
    server = NatsServer(tmp_path / "js")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def patience():
    """Seconds after which vehicles are stale, and lost. Long: drawing is slow here."""
    return 120, 600


@pytest.fixture
def web(tmp_path, nats_server, patience):
    stale, lost = patience
    settings = settings_for(tmp_path, nats_server.url)
    limits = {"OVERWATCH_STALE_SECONDS": str(stale), "OVERWATCH_LOST_SECONDS": str(lost)}
    web = Web(settings, environment(settings, **limits))
    yield web
    web.kill()


@pytest.fixture
def fleet(nats_server, web):
    with anyio.from_thread.start_blocking_portal() as portal:
        fleet = Fleet(portal, nats_server.url)
        web.start()
        yield fleet
        fleet.close()


@pytest.fixture
def context(browser, web):
    context = browser.new_context(viewport=VIEWPORT, base_url=web.settings.url)
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture(autouse=True)
def trouble(context, web):
    trouble = Trouble(context, web.settings.url)
    yield trouble
    assert trouble.seen == []


@pytest.fixture
def page(context, web, fleet):
    """A page that has signed in and waits at the map."""
    page = context.new_page()
    page.goto(web.link())
    page.wait_for_url("**/map")
    return page
