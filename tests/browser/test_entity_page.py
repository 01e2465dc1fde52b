"""The page of one vehicle: its signals, and charts that go on by themselves."""

import time

import pytest
from looking import changing, known, vehicle
from playwright.sync_api import expect
from serving import rfc3339

CHARTS = ("altitude", "speed", "battery", "voltage")
# Not those without a value, where a line is interrupted.
POINTS = "(panel) => panel.chart.data[1].filter((value) => value !== null).length"
# How many pixels of a chart have a colour, which the axes have not.
COLOURED = """(canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let found = 0;
    for (let i = 0; i < data.length; i += 4) {
        const [r, g, b, a] = data.subarray(i, i + 4);
        if (a > 200 && Math.max(r, g, b) - Math.min(r, g, b) > 60) found += 1;
    }
    return found;
}"""


def heard(number, altitude):
    """A document that was heard nine seconds after the one before; number 12 is the latest."""
    place = {"latitude": 38.7, "longitude": -9.4, "altitude_relative": altitude}
    return vehicle(
        "uav", 38.7, -9.4,
        name="Gull",
        position={"global": place},
        vfr={"groundspeed": 9.5},
        power={"battery_remaining": 90.0 - number, "voltage": 24.0},
        last_seen=rfc3339(time.time() - 9 * (12 - number)),
    )  # fmt: skip


@pytest.fixture
def charted(session, fleet):
    """The vehicle's page, after it has been heard ten times."""
    fleet.put(heard(0, 50.0))
    known(session, "uav")
    page = session.new_page()
    page.goto("/entities/uav")
    for number in range(1, 10):
        fleet.put(heard(number, 50.0 + number))
    return page


def chart(page, name):
    return page.locator(f"[data-chart={name}]")


def test_the_charts_draw_what_was_heard(charted, fleet):
    """Every chart has a line, and says its latest value."""
    for name in CHARTS:
        expect(chart(charted, name).locator("canvas")).to_be_visible()
    expect(chart(charted, "altitude").locator("output")).to_have_text("59.0 m")
    expect(chart(charted, "voltage").locator("output")).to_have_text("24.0 V")
    for name in CHARTS:
        assert chart(charted, name).locator("canvas").evaluate(COLOURED) > 10

    with changing(lambda: chart(charted, "altitude").evaluate(POINTS)):
        fleet.put(heard(12, 120.0))
    expect(chart(charted, "altitude").locator("output")).to_have_text("120.0 m")


def test_the_charts_of_a_reopened_page_have_their_past(charted):
    """What was heard before the page was opened is drawn too."""
    expect(chart(charted, "altitude").locator("output")).to_have_text("59.0 m")

    charted.reload()

    expect(chart(charted, "altitude").locator("output")).to_have_text("59.0 m")
    assert chart(charted, "altitude").evaluate(POINTS) == 10


def test_one_crosshair_tells_of_all_charts(charted):
    """Where the cursor is in one chart, all charts say their value of that time."""
    expect(chart(charted, "altitude").locator("output")).to_have_text("59.0 m")
    area = chart(charted, "altitude").locator(".u-over")
    left = charted.evaluate(
        "() => { const { plot, data } = document.querySelector('[data-chart=altitude]').chart;"
        " return plot.valToPos(data[0][2], 'x'); }"
    )

    area.hover(position={"x": left, "y": 40})

    expect(chart(charted, "altitude").locator("output")).not_to_have_text("59.0 m")
    expect(chart(charted, "battery").locator("output")).not_to_have_text("81.0 %")


def test_the_charts_fit_the_window(charted):
    """A narrower window has narrower charts."""
    canvas = chart(charted, "speed").locator("canvas")
    expect(canvas).to_be_visible()

    with changing(lambda: canvas.bounding_box()["width"]):
        charted.set_viewport_size({"width": 500, "height": 500})
    assert canvas.bounding_box()["width"] <= 500


def test_the_signals_follow_the_vehicle(charted, fleet):
    """Every signal is there with its unit, and is replaced when it changes."""
    row = charted.locator(".signals tr", has_text="altitude_relative")
    expect(row.locator(".value")).to_have_text("59.00")
    expect(row.locator(".unit")).to_have_text("m")

    fleet.put(heard(11, 77.0))
    expect(row.locator(".value")).to_have_text("77.00")

    fleet.delete("uav")
    expect(charted.get_by_text("no longer in the fleet")).to_be_visible()
