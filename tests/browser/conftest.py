"""A browser over a real web over a real message server; any trouble in it fails the test."""

import os

import pytest
from install_chromium import ADVICE, find
from playwright.sync_api import expect, sync_playwright
from running import deployed
from trouble import Trouble

# WebGL is drawn by the processor here: small pages, and patience.
VIEWPORT = {"width": 760, "height": 440}
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


@pytest.fixture(scope="module")
def deployment(tmp_path_factory):
    """Vehicles are live for long: drawing is slow here."""
    with deployed(tmp_path_factory.mktemp("deployment"), stale=600, lost=1200) as deployment:
        yield deployment


@pytest.fixture
def nats_server(deployment):
    return deployment.nats_server


@pytest.fixture
def web(deployment):
    return deployment.web


@pytest.fixture
def fleet(deployment):
    """Empty, for each test."""
    yield deployment.fleet
    deployment.fleet.clear()


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
def session(context, web, fleet):
    """The browser after somebody has signed in."""
    context.request.get(web.link())
    return context


@pytest.fixture
def page(session):
    """A page that has signed in and waits at the map."""
    page = session.new_page()
    page.goto("/map")
    return page
