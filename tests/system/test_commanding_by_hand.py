"""Commands from an operator's hand: a browser, the flows, and simulated vehicles that obey."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from anyio.from_thread import start_blocking_portal
from deployment import Observed, deployed, until
from install_chromium import ADVICE, find
from playwright.sync_api import Page, expect, sync_playwright

from flows.ontology.settings import Settings
from web.clock import Clock
from web.database import Tables
from web.people import People
from web.sessions import COOKIE, Sessions

PATIENCE_MS = 60_000
COPTER, OTHER = "Copter 1", "Copter 2"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory) -> Iterator[Observed]:
    """Everything, and three vehicles that wait at home."""
    with deployed(tmp_path_factory.mktemp("commanding")) as running:
        target = ":".join(map(str, running.mavlink))
        fly = ["-m", "connectors.simulator", "--target", target, "--vehicles", "3", "--wait"]
        with subprocess.Popen([sys.executable, *fly], stdout=subprocess.DEVNULL) as fleet:
            try:
                until(lambda: len(running.states()) == 3, 60, "three vehicles")
                yield running
            finally:
                fleet.terminate()


@pytest.fixture(scope="module")
def browser():
    path = find()
    assert path, ADVICE
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def acting(browser, deployment, role, **more) -> Iterator[Page]:
    """A page of somebody new with a role; any error in it fails the test."""
    settings = Settings.read(deployment.environment)
    with closing(Tables(settings.database)) as tables:
        person = People(tables, Clock()).add("default", email="", name=f"A {role}", role=role)
        sessions = Sessions(tables, Clock(), "default")
        with start_blocking_portal() as portal:
            token = portal.call(sessions.create, person)
    context = browser.new_context(base_url=deployment.web, **more)
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies([{"name": COOKIE, "value": token, "url": deployment.web}])
    wrong = []
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    yield context.new_page()
    context.close()
    assert wrong == []


def opened(page: Page, kind: str):
    """The form of a kind, opened by the keyboard."""
    found = page.locator("details.kind").filter(
        has=page.locator("summary", has_text=re.compile(f"^{kind}$"))
    )
    found.locator("summary").focus()
    page.keyboard.press("Enter")
    return found


def order(page: Page, kind: str):
    """The newest command of a kind, as it is shown."""
    return page.locator(".order").filter(has=page.get_by_role("link", name=kind, exact=True)).first


def state(page: Page, kind: str, word: str) -> None:
    expect(order(page, kind).locator(".step")).to_have_text(word)


def entity(page: Page, name: str) -> str:
    """Go to the page of a vehicle."""
    page.goto("/fleet")
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.locator("#connection")).to_have_text("connected")
    return page.url


def test_a_vehicle_is_armed_and_flown_with_keys_alone(browser, deployment):
    """Asked once more before the hazardous, and followed to its end without a reload."""
    with acting(browser, deployment, "operator") as page:
        entity(page, COPTER)
        opened(page, "Arm").locator("[name=reason]").fill("first flight")
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_contain_text(f"Arm: {COPTER}?")
        expect(page.get_by_role("button", name="No")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.get_by_text("None has been asked for yet.")).to_be_visible()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        state(page, "Arm", "completed")

        opened(page, "Take off").locator("[name='param.altitude']").fill("12")
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_contain_text("altitude 12")
        page.get_by_role("button", name="Yes: Take off").press("Enter")
        expect(order(page, "Take off").locator("progress")).to_be_visible()
        state(page, "Take off", "completed")

        order(page, "Take off").get_by_role("link", name="Take off").click()
        life = page.locator("#command-life")
        for word in ("requested", "queued", "sent", "received", "executing", "completed"):
            expect(life.get_by_text(word, exact=True)).to_be_visible()
        expect(life).to_contain_text("in all")
        expect(page.get_by_text("altitude 12 m")).to_be_visible()


def test_a_flight_is_called_off(browser, deployment):
    """What goes on has a button that ends it, on the list as well."""
    with acting(browser, deployment, "operator") as page:
        entity(page, COPTER)
        goto = opened(page, "Go to")
        goto.locator("[name='param.latitude']").fill("38.9")
        goto.locator("[name='param.longitude']").fill("-9.44")
        page.keyboard.press("Enter")
        state(page, "Go to", "executing")
        page.goto("/commands?state=open")
        cancel = order(page, "Go to").get_by_role("button", name="Cancel")
        cancel.focus()
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            page.keyboard.press("Enter")
        expect(page.get_by_text("There is none like that.")).to_be_visible()
        page.goto("/commands?command=goto")
        state(page, "Go to", "cancelled")


def test_what_is_critical_waits_for_a_second_person(browser, deployment):
    """Who has asked sees that it waits; a commander sees who asks, and lets it happen."""
    with (
        acting(browser, deployment, "operator") as page,
        acting(browser, deployment, "commander") as other,
    ):
        entity(page, OTHER)
        opened(page, "Reboot").locator("[name=reason]").fill("stuck")
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_contain_text("A second person has to approve it.")
        page.get_by_role("button", name="Yes: Reboot").click()
        state(page, "Reboot", "awaiting approval")
        expect(order(page, "Reboot").get_by_role("button", name="Approve")).to_have_count(0)

        other.goto("/commands")
        order(other, "Reboot").get_by_role("button", name="Approve").click()
        expect(other.get_by_role("dialog")).to_contain_text("which A operator asks for?")
        other.get_by_role("dialog").get_by_label("Reason").fill("agreed")
        other.get_by_role("button", name="Yes: Approve").click()
        state(page, "Reboot", "completed")
        state(other, "Reboot", "completed")


def test_control_is_taken_over_and_bars_others(browser, deployment):
    """Each sees at once who has it."""
    with (
        acting(browser, deployment, "operator") as page,
        acting(browser, deployment, "commander") as other,
    ):
        address = entity(page, OTHER)
        page.get_by_role("button", name="Take control").click()
        expect(page.locator("#control")).to_contain_text("You have control")
        other.goto(address)
        expect(other.locator("#control")).to_contain_text("A operator has control")
        opened(other, "Set speed").locator("[name='param.speed']").fill("4")
        other.keyboard.press("Enter")
        expect(other.locator(".answer", has_text="has control")).to_be_visible()

        other.get_by_role("button", name="Take over").click()
        other.get_by_role("button", name="Yes: Take over").click()
        expect(page.locator("#control")).to_contain_text("A commander has control")
        other.get_by_role("button", name="Release control").click()
        expect(page.locator("#control")).to_contain_text("Nobody has control")


def test_several_are_asked_at_once_on_a_phone(browser, deployment):
    """Chosen by finger; how far each is, on the command's own page; nothing is cut off."""
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    with acting(browser, deployment, "operator", **phone) as page:
        page.goto("/commands")
        page.locator("[name=broadcast]").select_option("set_speed")
        page.get_by_role("button", name="Next: whom").tap()
        for name in (COPTER, OTHER):
            page.get_by_label(name).check()
        page.locator("[name='param.speed']").fill("6")
        page.get_by_role("button", name="Set speed").tap()
        page.get_by_role("link", name="Follow it").tap()

        expect(page.locator("#command-parts .step", has_text="completed")).to_have_count(2)
        expect(page.locator("#command-state .tally")).to_have_text("2 completed")
        expect(page.locator("#command-state .step")).to_have_text("completed")
        for path in (page.url, "/commands?broadcast=goto"):
            page.goto(path)
            expect(page.get_by_role("heading", level=1)).to_be_in_viewport()
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        entity(page, COPTER)
        page.evaluate("() => document.querySelectorAll('.kind').forEach((each) => each.open = 1)")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_viewer_sees_all_and_asks_nothing(browser, deployment):
    """The same commands, without a button."""
    with acting(browser, deployment, "viewer") as page:
        entity(page, COPTER)
        state(page, "Take off", "completed")
        expect(page.get_by_text("operators and commanders ask")).to_be_visible()
        expect(page.locator("[data-ask]")).to_have_count(0)
        page.goto("/commands")
        expect(order(page, "Reboot")).to_be_visible()
        expect(page.locator("[data-ask]")).to_have_count(0)
