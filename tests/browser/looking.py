"""What a person sees on the map page, read out of the page."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import BrowserContext, Page
from running import within
from serving import document

_DRAWN = """(layer) => {
    const { map } = document.querySelector("#map");
    return map.queryRenderedFeatures({ layers: [layer] }).map(({ properties, geometry }) =>
        ({ ...properties, at: geometry.coordinates }));
}"""
_CENTRE = "() => document.querySelector('#map').map.getCenter().toArray()"
_ON_SCREEN = """(id) => {
    const panel = document.querySelector("#map"), { map } = panel;
    const { data } = map.getSource("vehicles").serialize();
    const { geometry } = data.features.find(({ properties }) => properties.id === id);
    const { left, top } = panel.getBoundingClientRect();
    const { x, y } = map.project(geometry.coordinates);
    return [left + x, top + y];
}"""
_OVERFLOW = "() => document.documentElement.scrollWidth - innerWidth"


def vehicle(entity_id: str, latitude: float, longitude: float, **more: Any) -> dict:
    """A document of somebody who is here, heading north-east."""
    place = {"latitude": latitude, "longitude": longitude, "altitude_relative": 80.0}
    position = {"global": {**place, "heading": 45.0}}
    return document(entity_id, **{"position": position, **more})


def known(session: BrowserContext, *entity_ids: str) -> None:
    """Wait until the web knows these vehicles, so that a page's first sight has them."""
    paths = [f"/entities/{each}" for each in entity_ids]
    within(lambda: all(session.request.get(path).ok for path in paths))


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the screen, once its style sheets are there.

    After a click, a page can be read before they are.
    """
    page.wait_for_load_state()
    return page.evaluate(_OVERFLOW)


def drawn(page: Page, layer: str = "vehicles") -> dict[str, dict]:
    """What the map draws of a layer just now, by id."""
    return {each["id"]: each for each in page.evaluate(_DRAWN, layer)}


def icon(page: Page, entity_id: str) -> str:
    """A vehicle's icon, once it is drawn: shape and state."""
    within(lambda: entity_id in drawn(page), 30)
    return drawn(page).get(entity_id, {"icon": ""})["icon"]


def until_drawn(page: Page, fits: Callable[[dict[str, dict]], object]) -> None:
    page.locator("#map[data-ready=drawn]").wait_for()
    within(lambda: fits(drawn(page)), 30)


def near(page: Page, latitude: float, longitude: float) -> bool:
    """Whether the map looks there."""
    x, y = page.evaluate(_CENTRE)
    return abs(x - longitude) < 0.01 and abs(y - latitude) < 0.01


def on_screen(page: Page, entity_id: str) -> tuple[float, float]:
    """Where in the window a vehicle is."""
    x, y = page.evaluate(_ON_SCREEN, entity_id)
    return x, y


@contextmanager
def changing(read: Callable[[], object]) -> Iterator[None]:
    """Wait, after the block, until what is read is another than before it."""
    before = read()
    yield
    within(lambda: read() != before)
