"""What is shown of how fresh each signal is, whatever a document says of that."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from web import reading
from web.clock import Clock
from web.entity import Entity, observe
from web.entity_groups import groups
from web.entity_html import page
from web.fleet import place
from web.freshness import Patience
from web.link_figures import figures
from web.picture import Picture

NOON = 1_790_000_000
PATIENCE = Patience(stale=5, lost=30)
PLACE = {"latitude": 47.5, "longitude": 8.5, "satellites_visible": 9}


def at(ago: float) -> str:
    return datetime.fromtimestamp(NOON - ago, UTC).isoformat()


def record(ago: float, state: str = "live", **more: Any) -> dict[str, Any]:
    return {"state": state, "reason": "because", "stream_time": at(ago), "message": "M", **more}


def looked_at(tree: dict[str, Any], heard: float = 0.0, **more: Any) -> tuple[Entity, Picture]:
    liveness = {"state": "live", "since": at(100), "reason": "", **more.pop("liveness", {})}
    document = {
        "org_id": "north", "last_seen": at(heard), "liveness": liveness, **tree, **more,
    }  # fmt: skip
    head = reading.heading("uav", document)
    data = msgspec.json.encode(document)
    entity = observe(head, document, data, sequence=1, stored_us=NOON * 10**6, received=-heard)
    return entity, Picture(PATIENCE, Clock(lambda: NOON, lambda: 0.0))


def states(tree: dict[str, Any], **more: Any) -> dict[str, dict[str, str]]:
    entity, picture = looked_at(tree, **more)
    return {
        group.name: {
            signal.leaf: fresh.state
            for (signal, _), fresh in zip(group.values, group.fresh, strict=True)
        }
        for group in groups(entity, reading.decode(entity.document), picture)
    }


def test_each_signal_has_the_freshness_of_its_own_message() -> None:
    """A place is not live because the satellites are."""
    stale = record(9, "stale", leaves=["latitude", "longitude"])
    stale["messages"] = [record(1, leaves=["satellites_visible"])]
    tree = {"position": {"global": PLACE}, "provenance": {"position.global": stale}}

    assert states(tree) == {
        "position.global": {"latitude": "stale", "longitude": "stale", "satellites_visible": "live"}
    }


@pytest.mark.parametrize(
    ("said", "ago", "period", "state"),
    [
        ("live", 1, None, "live"),
        ("live", 6, None, "stale"),
        ("live", 31, None, "lost"),
        ("stale", 1, None, "stale"),
        ("lost", 1, None, "lost"),
        ("live", 100, 60, "live"),
        ("live", 181, 60, "stale"),
        ("live", 601, 60, "lost"),
        ("live", 100, 1e9, "lost"),
        ("live", 100, True, "lost"),
        ("live", 100, "60", "lost"),
        ("what", 1, None, "live"),
    ],
)
def test_a_signal_is_the_worse_of_what_is_said_and_what_our_clock_says(
    said: str, ago: float, period: Any, state: str
) -> None:
    """By its own period, if that can be believed."""
    tree = {"vfr": {"groundspeed": 3.5}, "provenance": {"vfr": record(ago, said, period=period)}}
    assert states(tree) == {"vfr": {"groundspeed": state}}


def test_what_holds_until_said_otherwise_does_not_grow_old() -> None:
    """But it goes with its entity."""
    tree = {
        "position": {"home": {"latitude": 47.0}},
        "provenance": {"position.home": record(3000)},
    }
    assert states(tree) == {"position.home": {"latitude": "live"}}
    assert states(tree, heard=9) == {"position.home": {"latitude": "stale"}}


def test_a_slow_entity_is_live_between_its_words() -> None:
    """As its document says how slow it is."""
    tree = {"soil": {"moisture": 3}, "provenance": {"soil": record(100, period=60)}}
    assert states(tree, heard=100, liveness={"period": 60}) == {"soil": {"moisture": "live"}}
    assert states(tree, heard=100) == {"soil": {"moisture": "lost"}}


def test_what_is_not_live_is_told_in_words_and_never_as_it_is() -> None:
    """To eyes by its look, to ears by a word; with its own age and the reason."""
    lost = record(90, "lost", leaves=["latitude", "longitude"], reason="silent <b>")
    tree = {"position": {"global": PLACE}, "provenance": {"position.global": lost}}
    entity, picture = looked_at(tree)
    html = str(page(entity, picture))

    assert '<tr data-state="lost" title="LOST: silent &lt;b&gt;">' in html
    assert '<span class="unseen">lost, last known: </span>47.5000000' in html
    assert f'data-heard="{(NOON - 90) * 1000}">1 min</td>' in html
    assert "silent <b>" not in html


@pytest.mark.parametrize(
    ("ago", "said", "state", "why"),
    [
        (1, "live", "live", []),
        (1, "stale", "stale", ["live", "because", (NOON - 1) * 1000]),
        (40, "live", "lost", ["live", "nothing has been heard of it", (NOON - 40) * 1000]),
    ],
)
def test_a_vehicle_is_drawn_by_the_freshness_of_its_place(
    ago: float, said: str, state: str, why: list[Any]
) -> None:
    """It may speak, and yet not know where it is; then the map has the reason."""
    tree = {
        "position": {"global": PLACE},
        "provenance": {"position.global": record(ago, said)},
    }
    entity, picture = looked_at(tree)
    cells = place(entity, picture.placed(entity), picture.judged(entity).state)
    assert cells is not None
    assert picture.judged(entity).state == "live"
    assert (cells[5], cells[8:]) == (state, why)


def test_a_place_that_grows_old_by_our_clock_alone_is_news() -> None:
    """Nobody has put anything."""
    seconds = [float(NOON)]
    picture = Picture(PATIENCE, Clock(lambda: seconds[0], lambda: 0.0))
    tree = {
        "org_id": "north", "last_seen": at(-20), "position": {"global": PLACE},
        "provenance": {"position.global": record(0)},
    }  # fmt: skip
    picture.put("uav", msgspec.json.encode(tree), 1, (NOON + 20) * 10**6)
    picture.take_changes()
    picture.judge_again()
    assert picture.take_changes() == {}
    seconds[0] += 6
    picture.judge_again()
    assert picture.take_changes() == {"north": {"uav"}}


def test_figures_of_links_are_told_in_words() -> None:
    """Percent, seconds and counts; what is none of these is left out."""
    counts = {"received": 300, "missed": 4, "recent_received": 90, "recent_missed": 10}
    link = {
        "loss": 10.0, "clock_skew": -2.0, "round_trip": 0.0425,
        "sources": {"udp:14550": {"1": counts, "2": 5}, "x": []},
    }  # fmt: skip
    found = figures(link)

    assert found.facts == [
        ("Lost of late", "10.0 %"), ("Its clock", "2 s behind"), ("Round trip", "42 ms"),
    ]  # fmt: skip
    assert found.rows == [("udp:14550", "1", "300", "4", "10.0 %")]


LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
WORDS = st.sampled_from(
    [
        "state", "reason", "stream_time", "messages", "leaves", "period", "loss", "sources",
        "clock_skew", "received", "recent_received", "vfr", "udp", "1",
    ]
)  # fmt: skip
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4)
)


@given(TREES, TREES)
def test_whatever_a_document_says_of_freshness_it_can_be_shown(said: Any, link: Any) -> None:
    """Anybody may write into the bucket."""
    try:
        data = msgspec.json.encode([said, link])
    except OverflowError:
        return
    said, link = msgspec.json.decode(data)
    tree = {"vfr": {"groundspeed": 3.5}, "provenance": {"vfr": said}, "link": link}
    entity, picture = looked_at(tree)
    assert states(tree)["vfr"]["groundspeed"] in ("live", "stale", "lost")
    assert "3.500" in str(page(entity, picture))
