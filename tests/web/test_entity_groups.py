"""What an entity's page shows of its signals: the catalogue's, numbered ones, a device's own."""

import msgspec

from web import reading
from web.clock import Clock
from web.entity import Patience, observe
from web.entity_groups import MOST_BRANCHES, groups
from web.entity_html import page
from web.picture import Picture

NOON = 1_790_000_000


def shown(tree: dict, branches: list[str]) -> tuple[dict[str, dict[str, str]], str]:
    """Branches with their values in words, and the whole page."""
    seen = {"stream_time": "2026-09-21T14:13:20Z", "message": "BATTERY_STATUS"}
    document = {"org_id": "north", "provenance": dict.fromkeys(branches, seen), **tree}
    data = msgspec.json.encode(document)
    head = reading.heading("uav", document)
    entity = observe(head, document, data, sequence=1, stored_us=NOON * 10**6, received=0.0)
    picture = Picture(Patience(5, 30), Clock(lambda: NOON, lambda: 0.0))
    found = {
        group.name: {signal.leaf: f"{text} {unit(signal)}".strip() for signal, text in group.values}
        for group in groups(entity, document, picture)
    }
    return found, str(page(entity, picture))


def unit(signal) -> str:
    return "" if signal.unit == "1" else signal.unit


def test_batteries_and_gimbals_are_shown_by_their_numbers() -> None:
    """Beside the branches that the catalogue lists, each with its units."""
    tree = {
        "power": {"voltage": 12.0, "batteries": {"1": {"voltage": 11.5, "cells": [3.8, 3.9]}}},
        "gimbals": {"154": {"pitch": -1.5, "flags": 12}},
    }
    found, html = shown(tree, ["power", "power.batteries.1", "gimbals.154"])

    assert found == {
        "power": {"voltage": "12.00 V"},
        "power.batteries.1": {"voltage": "11.50 V", "cells": "3.800, 3.900 V"},
        "gimbals.154": {"pitch": "-1.500 rad", "flags": "12"},
    }
    assert 'title="voltage, battery n"' in html
    assert "<h3>Other</h3>" not in html


def test_a_devices_own_signals_are_shown_as_what_they_are() -> None:
    """Numbers, words and yes or no; what lies below them is a branch of its own."""
    tree = {"soil": {"moisture": 3, "kind": "loam", "frozen": False, "bed": {"2": {"ph": 6.5}}}}
    found, _ = shown(tree, ["soil", "soil.bed.2"])

    assert found == {
        "soil": {"moisture": "3.000", "kind": "loam", "frozen": "no"},
        "soil.bed.2": {"ph": "6.500"},
    }


def test_names_that_are_markup_are_text() -> None:
    """Anybody may call a signal what he likes."""
    tree = {"<b>x</b>": {"<script>": 1.0}}
    found, html = shown(tree, ["<b>x</b>"])

    assert found == {"<b>x</b>": {"<script>": "1.000"}}
    assert "<script>" not in html
    assert "<b>x" not in html


def test_no_document_makes_a_page_without_end() -> None:
    """Only so many branches are shown, and none whose values are of no kind."""
    many = {f"b{number}": {"x": 1.0} for number in range(MOST_BRANCHES + 50)}
    found, _ = shown(many, list(many))
    assert len(found) == MOST_BRANCHES

    odd = {"a": None, "b": {}, "c": [], "d": 2.5}
    found, _ = shown({"odd": odd}, ["odd", "gone", "power"])
    assert found == {"odd": {"d": "2.500"}}
