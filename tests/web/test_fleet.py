"""The fleet as a table and on the map."""

import time
from html.parser import HTMLParser

import htpy as h
import msgspec
import pytest
from serving import WoundClock, document

from web.entity import Patience
from web.entity_view import EntityView
from web.fleet import FleetView
from web.picture import Picture

HOSTILE = (
    "<script>alert(1)</script>",
    "</td></tr></tbody><img src=x onerror=alert(1)>",
    '" data-on:click="@get(\'/x\')" x="',
    "' data-init='alert(1)",
    "${alert(1)} {{7*7}} @post('/sign-out') $signal",
    "a\nevent: datastar-patch-elements\ndata: elements <b id=x>",
    "a\r\ndata: elements <script>\u2028x\u2029\x85",
    "javascript:alert(1)",
)
TAGS = {"tbody", "tr", "td", "a", "meter", "span", "div", "b", "code", "p", "h2"}
DATASTAR = ("data-on", "data-init", "data-text", "data-attr", "data-effect", "data-signals", "on")


class Markers(HTMLParser):
    """Every tag and attribute of a piece of HTML."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes = set(), []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes.extend(attrs)


def fields(text, name="datastar-patch-elements"):
    """The data lines of the events of one name, as a browser reads them."""
    found = []
    for event in text.split("\n\n"):
        lines = event.splitlines() if "\r" not in event else event.split("\n")
        if lines and lines[0] == f"event: {name}":
            found.append([line.removeprefix("data: ") for line in lines[1:]])
    return found


def elements(text):
    return "\n".join(line.removeprefix("elements ") for event in fields(text) for line in event)


@pytest.fixture
def wound():
    return WoundClock()


@pytest.fixture
def picture(wound):
    picture = Picture(Patience(5, 30), wound.clock)
    picture.found()
    return picture


_sequence = iter(range(1, 1_000_000))


def put(picture, entity_id, organization="north", **more):
    data = msgspec.json.encode(document(entity_id, organization, **more))
    picture.put(entity_id, data, next(_sequence), int(time.time() * 1e6))


def view(picture, organization="north"):
    return FleetView(picture, organization, h.p["first steps"])


def changes(picture, organization="north"):
    return picture.take_changes().get(organization, frozenset())


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(picture, text):
    """No name, mode or type becomes an element, an attribute, an expression or an event."""
    status = {"mode": text, "armed": True}
    put(picture, "uav", name=text, entity_type=text, source=text, vehicle_status=status)

    told = view(picture).snapshot()

    seen = Markers(elements(told))
    assert seen.tags <= TAGS
    assert not [name for name, _ in seen.attributes if name.startswith(DATASTAR)]
    assert {"datastar-patch-elements", "datastar-geo"} == {
        line.removeprefix("event: ") for line in told.split("\n") if line.startswith("event:")
    }
    (geo,) = fields(told, "datastar-geo")
    assert msgspec.json.decode(geo[1].removeprefix("e "))[0][0] == "uav"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_on_the_page_of_an_entity(picture, text):
    """Neither provenance nor what others have put there can do any better."""
    now = document("uav")["last_seen"]
    source = {"stream_time": now, "message": text, "source": text, "device_time": text}
    put(
        picture, "uav", name=text, vehicle_status={"message": text}, foreign={text: [text]},
        provenance={"vehicle_status": source, text: source},
        liveness={"state": "stale", "reason": text},
    )  # fmt: skip

    seen = Markers(elements(EntityView(picture, "north", "uav").snapshot()))

    assert not seen.tags & {"script", "img", "iframe"}
    assert not [name for name, _ in seen.attributes if name.startswith(DATASTAR)]


def test_only_what_changed_is_told(picture):
    """One entity of many is one row and one place on the map."""
    for number in range(10):
        put(picture, f"uav-{number}")
    fleet = view(picture)
    changes(picture)

    put(picture, "uav-4", position={"global": {"latitude": 1.0, "longitude": 2.0}})
    told = fleet.delta(changes(picture))

    assert "tbody" not in elements(told)
    assert elements(told).count("<tr") == 1
    (geo,) = fields(told, "datastar-geo")
    assert [geo[0], msgspec.json.decode(geo[1][2:])[0][0]] == ["t delta", "uav-4"]
    assert fleet.delta(changes(picture)) == ""


def test_who_comes_is_put_in_place(picture):
    """A new row stands where its name belongs, so the table is told whole."""
    put(picture, "uav-1", name="Bravo")
    put(picture, "uav-2", name="Delta")
    fleet = view(picture)
    changes(picture)

    put(picture, "uav-3", name="charlie")
    told = elements(fleet.delta(changes(picture)))

    assert told.index("Bravo") < told.index("charlie") < told.index("Delta")


def test_who_is_deleted_leaves_table_map_and_counts(picture):
    """Nothing stays behind of an entity that the bucket no longer has."""
    put(picture, "uav-1")
    put(picture, "uav-2")
    fleet = view(picture)
    changes(picture)

    picture.delete("uav-1")
    told = fleet.delta(changes(picture))

    assert "uav-1" not in elements(told)
    assert "<b>1</b><span>entities" in elements(told)
    assert fields(told, "datastar-geo") == [["t remove", 'e ["uav-1"]']]


def test_who_loses_its_place_leaves_the_map_only(picture):
    """A position that can no longer be believed is not shown."""
    put(picture, "uav")
    fleet = view(picture)
    changes(picture)

    put(picture, "uav", position={"global": {"latitude": 95.0, "longitude": 2.0}})
    told = fleet.delta(changes(picture))

    assert fields(told, "datastar-geo") == [["t remove", 'e ["uav"]']]
    assert 'id="e-uav"' in elements(told)


def test_null_island_is_a_place(picture):
    """Zero is a latitude like any other."""
    put(picture, "uav", position={"global": {"latitude": 0.0, "longitude": 0.0}})

    (geo,) = fields(view(picture).snapshot(), "datastar-geo")

    assert msgspec.json.decode(geo[1][2:])[0][2:4] == [0.0, 0.0]


def test_silence_is_told_without_a_word_from_the_bucket(picture, wound):
    """When everything else has died, what is shown still turns stale and then lost."""
    put(picture, "uav")
    fleet = view(picture)
    changes(picture)

    for ahead, state in ((6, "stale"), (31, "lost")):
        wound.ahead = ahead
        picture.judge_again()
        told = fleet.delta(changes(picture))
        assert f'data-state="{state}"' in elements(told)
        assert state in str(fields(told, "datastar-geo"))
        assert f'data-state="{state}"><b>1</b>' in elements(told)


def test_silence_is_told_when_a_word_of_another_comes_first(picture, wound):
    """Who falls silent between two looks at the clock is told of with whoever speaks then."""
    for number in range(10):
        put(picture, f"uav-{number}")
    fleet = view(picture)
    changes(picture)

    wound.ahead = 6
    put(picture, "uav-9")
    told = fleet.delta(changes(picture)) + (picture.judge_again() or fleet.delta(changes(picture)))

    geo = "".join(str(event) for event in fields(told, "datastar-geo"))
    assert [geo.count(f'"uav-{number}"') for number in range(9)] == [1] * 9
    assert 'id="e-uav-0" data-state="stale"' in elements(told)


def test_a_recording_is_called_a_replay_everywhere(picture):
    """The word LIVE is nowhere near what is played back."""
    put(picture, "uav", recorded=True)

    told = view(picture).snapshot()

    row = elements(told)[elements(told).index("<tr") :]
    assert "REPLAY" in row
    assert "LIVE" not in row
    assert '"replay"' in str(fields(told, "datastar-geo"))


def test_organisations_do_not_see_each_other(picture):
    """A view has its own organisation's entities, and an entity that moves away is gone."""
    put(picture, "uav-1")
    put(picture, "uav-2", "south")
    north = view(picture)
    assert "uav-2" not in north.snapshot()
    changes(picture)

    put(picture, "uav-1", "south")
    dirty = picture.take_changes()

    assert {"uav-1"} == dirty["north"]
    assert "uav-1" not in elements(north.delta(dirty["north"]))
    assert "uav-1" in elements(view(picture, "south").snapshot())


def test_an_empty_fleet_says_what_to_do(picture):
    """The first steps are there while there is nobody, and gone as soon as there is."""
    fleet = view(picture)
    assert "first steps" in fleet.snapshot()

    put(picture, "uav")

    told = fleet.delta(changes(picture))
    assert 'id="first-steps"></div>' in told
    assert "first steps" not in told


def test_a_lost_connection_is_told(picture):
    """A picture that grows old says so."""
    fleet = view(picture)

    picture.lost("The message server has fallen silent.")

    assert "has fallen silent" in fleet.delta(frozenset())


def test_what_cannot_be_read_is_counted_and_takes_nothing_away(picture):
    """Rubbish under an entity's key leaves what was last known of it, to grow old by itself."""
    put(picture, "uav")
    picture.put("uav", b"[]", 9, 0)
    picture.put("a.b", b"{}", 10, 0)

    assert picture.unreadable == 2
    assert list(picture.entities("north")) == ["uav"]

    picture.retain({"a.b"})
    assert picture.unreadable == 1
    assert list(picture.entities("north")) == []


def test_a_snapshot_does_not_hide_a_change_from_others(picture):
    """Whoever comes between two ticks leaves the next tick what it has to tell."""
    put(picture, "uav", name="Before")
    fleet = view(picture)
    changes(picture)

    put(picture, "uav", name="After")
    assert "After" in fleet.snapshot()

    assert "After" in fleet.delta(changes(picture))


@pytest.mark.parametrize("levels", [1, 50, 62, 63, 64, 900, 990, 994, 995, 996, 100_000])
@pytest.mark.parametrize("kind", [(b"[", b"]"), (b'{"a":', b"}")])
def test_a_deep_document_is_shown_or_left_out(picture, levels, kind):
    """However deep it nests, no view of it fails."""
    opened, closed = kind
    inner = b"1" if opened != b"[" else b""
    data = b'{"org_id":"north","x":' + opened * levels + inner + closed * levels + b"}"
    picture.put("uav", data, 1, int(time.time() * 1e6))

    if picture.entity("north", "uav"):
        assert "Other" in EntityView(picture, "north", "uav").snapshot()
        assert view(picture).snapshot()
    else:
        assert levels > 60
        assert picture.unreadable == 1
