"""Pages of commands while nothing judges them, or nothing comes: never as if it did."""

import pytest
from looking import known, overflow, vehicle
from playwright.sync_api import expect
from running import within
from test_growing_old import KILLED
from test_inert import FORGED, HOSTILE

STORED = "nothing else yet: the commands flow does not answer"


@pytest.fixture
def gull(session, fleet):
    fleet.put(vehicle("uav", 38.72, -9.44, name="Gull"))
    known(session, "uav")
    page = session.new_page()
    page.goto("/entities/uav")
    expect(page.locator("#connection")).to_have_text("connected")
    return page


def asking(page, kind):
    """The form of a kind, opened."""
    page.locator("summary", has_text=kind).first.click()
    return page.locator("details[open]")


def test_what_is_asked_for_is_said_to_be_stored_and_no_more(gull):
    """By the notice before, and by the answer after."""
    expect(gull.get_by_text("The commands flow is not known to run")).to_be_visible()
    form = asking(gull, "Hold")
    form.get_by_role("button", name="Hold").click()

    expect(form.locator(".answer")).to_contain_text(STORED)
    expect(form.locator(".answer")).to_have_attribute("data-wrong", "")
    expect(gull.get_by_text("None has been asked for yet.")).to_be_visible()


def test_a_double_click_and_a_lost_answer_ask_once(gull, trouble):
    """The same key, however often it is sent, until an answer came."""
    trouble.expect("ERR_FAILED")
    sent = []
    gull.on("request", lambda each: sent.append(each) if each.method == "POST" else None)
    lost = iter((True, False))
    gull.route(
        "**/entities/uav", lambda route: route.abort() if next(lost, False) else route.continue_()
    )
    form = asking(gull, "Hold")
    form.get_by_role("button", name="Hold").dblclick()

    expect(form.locator(".answer")).to_contain_text(STORED)
    keys = {each.headers["idempotency-key"] for each in sent}
    assert (len(sent) >= 2, len(keys)) == (True, 1)


def test_a_server_that_is_gone_is_told_so(gull, web, trouble):
    """What was last known is not shown as live; and whether it was asked is not known."""
    trouble.expect(*KILLED)
    form = asking(gull, "Hold")
    web.kill()
    try:
        form.get_by_role("button", name="Hold").click()
        expect(form.locator(".answer")).to_contain_text("whether it was asked for is not known")
        expect(gull.locator("body[data-silent]")).to_have_count(1)
        said = "getComputedStyle(document.querySelector('.control p'), '::before').content"
        assert "Last known" in gull.evaluate(said)
    finally:
        web.start()
    expect(gull.locator("body[data-silent]")).to_have_count(0)


def test_what_has_waited_for_a_server_that_hung_is_not_asked_for(gull, web, trouble):
    """Whoever pressed a button does not expect it any more."""
    trouble.expect("422")
    form = asking(gull, "Hold")
    form.locator("[name=within] option").last.evaluate("(each) => (each.value = 0.5)")
    form.locator("[name=within]").select_option("0.5")
    web.pause()
    form.get_by_role("button", name="Hold").click()
    expect(gull.locator("body[data-silent]")).to_have_count(1)
    expect(form.locator(".answer")).to_have_text("Asking…")
    web.go_on()

    expect(form.locator(".answer")).to_contain_text("expected a time to come")


def test_a_silent_vehicle_is_forced_with_a_reason_or_not_at_all(session, fleet, gull):
    """Where it lives there is nothing to force."""
    form = asking(gull, "Hold")
    expect(form.get_by_text("Force it")).to_be_hidden()
    fleet.put(vehicle("uav", 38.72, -9.44, name="Gull", last_seen="2020-01-01T00:00:00Z"))
    expect(gull.get_by_text("a command is refused unless it is forced")).to_be_visible()

    form.get_by_text("Force it").click()
    form.get_by_role("button", name="Hold").click()
    assert form.locator("[name=reason]").evaluate("(field) => field.matches(':invalid')")
    form.locator("[name=reason]").fill("it drifts")
    form.get_by_role("button", name="Hold").click()
    expect(form.locator(".answer")).to_contain_text(STORED)


def test_without_a_script_forms_do_as_well(browser, context, gull):
    """The box that is ticked is what asks once more."""
    plain = browser.new_context(
        java_script_enabled=False,
        base_url=gull.url.rpartition("/entities")[0],
        storage_state=context.storage_state(),
    )
    page = plain.new_page()
    page.goto("/entities/uav")
    form = asking(page, "Take off")
    form.locator("[name='param.altitude']").fill("20")
    form.get_by_label("I mean it").check()
    form.get_by_role("button", name="Take off").click()
    expect(page.locator("#said")).to_contain_text(f"Take off is stored, and {STORED}")
    plain.close()


def test_hostile_names_are_only_text(session, fleet):
    """In the question that is asked once more, in lists and in filters."""
    for number, name in enumerate(HOSTILE):
        fleet.put(vehicle(f"uav-{number}", 38.7, -9.44, name=name))
    known(session, *(f"uav-{number}" for number in range(len(HOSTILE))))
    page = session.new_page()
    page.goto("/commands?broadcast=arm")
    expect(page.locator("[name=entities]")).to_have_count(len(HOSTILE))
    for box in page.locator("[name=entities]").all():
        box.check()
    page.get_by_role("button", name="Arm", exact=True).click()
    for name in HOSTILE:
        expect(page.locator("#sure-with")).to_contain_text(name.strip())
    assert page.locator(FORGED).count() == 0
    assert page.evaluate("window.caught") is None


def test_a_list_fits_a_phone(session, gull):
    """With every form open."""
    gull.set_viewport_size({"width": 390, "height": 844})
    for path in ("/entities/uav", "/commands?broadcast=goto", "/commands?broadcast=raw"):
        gull.goto(path)
        within(lambda: gull.evaluate("document.readyState") == "complete")
        gull.evaluate("() => document.querySelectorAll('details').forEach((each) => each.open = 1)")
        assert overflow(gull) <= 0, path
