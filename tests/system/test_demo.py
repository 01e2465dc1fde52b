"""``overwatch demo`` as somebody sees it who has just started it: in a browser."""

import re
import signal

import pytest
from deployed import running
from deployment import deployed, until
from install_chromium import ADVICE, find
from playwright.sync_api import expect, sync_playwright

VEHICLES = 8
PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with deployed(tmp_path_factory.mktemp("demo"), "demo") as demo:
        yield demo


@pytest.fixture(scope="module")
def page(demo):
    path = find()
    assert path, ADVICE
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_context(viewport={"width": 800, "height": 500}).new_page()
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        page.goto(demo.link)
        page.get_by_role("link", name="Not now").click()
        yield page
        browser.close()


def test_the_link_leads_to_a_live_fleet(page):
    """Eight vehicles of different kinds, all of them live."""
    expect(page).to_have_url(re.compile(r"/map$"))
    expect(page.locator("#fleet-rows tr")).to_have_count(VEHICLES)
    expect(page.locator('#fleet-rows tr[data-state="live"]')).to_have_count(VEHICLES)


def test_a_vehicle_moves_on_the_map_and_its_row_changes(page):
    """Through every part: bytes, stream, flow, bucket, page."""
    page.wait_for_function(f"document.querySelector('#map').map && ({PLACES}).length >= {VEHICLES}")
    before = dict(page.evaluate(PLACES))
    rows = page.locator("#fleet-rows").inner_text()
    page.wait_for_function(
        f"before => ({PLACES}).filter(([id, place]) => before[id] !== place).length >= 3",
        arg=before,
    )

    until(lambda: page.locator("#fleet-rows").inner_text() != rows, 30, "another text of the rows")


def test_an_entitys_page_shows_its_signals(page):
    """By branch, with where each came from."""
    page.locator("#fleet-rows a").first.click()
    expect(page.locator("#entity .signal-group").first).to_be_visible()
    expect(page.get_by_text("vehicle_status", exact=True).first).to_be_visible()


def test_ctrl_c_leaves_no_process_behind(demo, page):  # The last: it ends what all others use.
    """Whoever is looking."""
    children = demo.processes()
    assert len(children) >= 6
    demo.process.send_signal(signal.SIGINT)
    demo.process.wait(15)

    assert running(children) == []


PLACES = """
(() => {
  const source = document.querySelector('#map').map.getSource('vehicles');
  const data = source && source.serialize().data;
  return ((data && data.features) || []).map(
    each => [each.properties.id, each.geometry.coordinates.join()]);
})()
"""
