"""Forms of commands, made from the catalogue: what they ask, and that what they say is taken."""

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from msgspec import UNSET
from test_fleet import HOSTILE, Markers

from flows.ontology.command_catalogue import CATALOGUE, KINDS
from flows.ontology.command_parameters import checked
from web.command_fields import PARAMETER
from web.command_form import UPLOAD, Asking, asking, choosing, groups
from web.command_said import chosen, command_said
from web.office_forms import explained
from web.problems import Problem

NOW = 1_900_000_000.0
ASKS = Asking("/entities/uav", "Gull", second=True)
# What somebody types where nothing stands yet and something must.
TYPED = {
    "altitude": "30", "latitude": "47.4", "longitude": "8.5", "mode": "LOITER", "speed": "5",
    "radius": "50", "item": "3", "name": "RTL_ALT", "value": "1.5", "zoom": "20", "command": "400",
    "action": "start", "message": "COMMAND_LONG",
}  # fmt: skip


class Fields(HTMLParser):
    """What a form sends as it stands, and its controls by name."""

    def __init__(self, html):
        super().__init__()
        self.said, self.controls, self._select, self._quiet = {}, {}, "", False
        self.feed(str(html))

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self._quiet = self._quiet or tag == "noscript"
        name = given.get("name")
        if tag in ("input", "select", "textarea") and name and not self._quiet:
            self.controls[name] = given
        if tag == "input" and name and not self._quiet:
            if given.get("type") != "checkbox" or "checked" in given:
                self.said[name] = given.get("value") or ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in given or self._select not in self.said):
            self.said[self._select] = given.get("value") or ""

    def handle_endtag(self, tag):
        self._quiet = self._quiet and tag != "noscript"


def filled(kind):
    """What the form of a kind says after somebody has filled in what it wants."""
    fields = Fields(asking(kind, ASKS))
    for name, given in fields.controls.items():
        if "required" in given and not fields.said.get(name):
            fields.said[name] = TYPED[name.removeprefix(PARAMETER)]
    return fields.said


# What an upload sends is chosen, and not typed.
TYPED_KINDS = [each for each in KINDS if each.name != UPLOAD]


@pytest.mark.parametrize("kind", TYPED_KINDS, ids=lambda kind: kind.name)
def test_what_the_form_of_a_kind_says_is_a_command_of_it(kind):
    """Filled in as it asks, every form is taken as it is by what checks commands."""
    body = command_said(filled(kind), NOW, entity_id="uav")

    params, faults = checked(kind, body.params)
    assert faults == []
    assert (body.command, body.entity_id, body.broadcast) == (kind.name, "uav", False)
    assert {each.name for each in kind.parameters if each.required} <= params.keys()
    assert (body.priority, body.forced, body.confirmed) == ("normal", False, False)
    assert body.command_id is not UNSET
    assert body.expires_at is UNSET


@pytest.mark.parametrize("kind", TYPED_KINDS, ids=lambda kind: kind.name)
def test_fields_have_the_limits_and_units_of_the_catalogue(kind):
    """So that the browser refuses what the flow would."""
    html = str(asking(kind, ASKS))
    controls = Fields(html).controls
    for each in kind.parameters:
        given = controls[PARAMETER + each.name]
        if each.low is not None and abs(each.low) < 1e9:
            assert (float(given["min"]), float(given["max"])) == (each.low, each.high)
        assert ("required" in given) == each.required
    if kind.name == "takeoff":
        assert "<small> m, 1 to 1000</small>" in html
    assert ("sure-text" in html) == (kind.hazard != "routine")
    assert ("second person" in html) == (kind.hazard == "critical" or bool(kind.critical_with))


def test_where_no_second_person_is_needed_none_is_spoken_of():
    """As the deployment is set up."""
    alone = Asking("/entities/uav", "Gull", second=False)
    assert "second person" not in str(asking(CATALOGUE["reboot"], alone))


def test_only_kinds_that_its_type_takes_are_offered():
    """And every one of those, once."""
    for entity_type in ("aircraft_multirotor", "ground_vehicle_wheeled", "fixed_sensor"):
        html = str(choosing(entity_type, ASKS))
        offered = [each.name for each in KINDS if f'name="command" value="{each.name}"' in html]
        able = [
            each.name for each in KINDS
            if not each.entity_types or entity_type in each.entity_types
        ]  # fmt: skip
        assert able == offered
    assert "takeoff" not in str(choosing("ground_vehicle_wheeled", ASKS))


def test_every_kind_is_in_one_group():
    """Whatever is added to the catalogue is offered."""
    names = [each.name for _, some in groups(KINDS) for each in some]
    assert sorted(CATALOGUE) == sorted(names)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_is_only_text(text):
    """In the question that is asked once more."""
    asks = Asking("/entities/uav", text, second=True)
    found = Markers(str(asking(CATALOGUE["arm"], asks)))
    assert not found.tags & {"script", "img", "b", "tbody"}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"command": "dance"}, ""),
        ({"param.altitude": "high"}, ""),
        ({"priority": "urgent"}, "priority"),
        ({"reason": "a\nb"}, "reason"),
        ({"command_id": "a b"}, "command_id"),
    ],
)
def test_what_is_wrong_is_told_by_its_field(more, told):
    """What only the catalogue knows is for those who check commands by it."""
    said = {"command": "takeoff", "param.altitude": "30", **more}
    if told:
        with pytest.raises(Problem) as caught:
            command_said(said, NOW, entity_id="uav")
        assert told in explained(caught.value)
    else:
        body = command_said(said, NOW, entity_id="uav")
        kind = CATALOGUE.get(body.command)
        assert kind is None or checked(kind, body.params)[1]


def test_how_long_it_is_good_for_is_counted_from_now():
    """And what is no number is refused."""
    body = command_said({"command": "hold", "within": "30"}, NOW, entity_id="uav")
    assert body.expires_at == datetime.fromtimestamp(NOW + 30, UTC)
    for text in ("soon", "nan", "inf", "1e300"):
        with pytest.raises(Problem):
            command_said({"command": "hold", "within": text}, NOW, entity_id="uav")


def test_what_has_waited_for_the_server_has_less_time_left():
    """From when the button was pressed, whatever the page's clock says of times to come."""

    def until(**more):
        said = {"command": "hold", **more}
        return command_said(said, NOW, entity_id="uav").expires_at.timestamp() - NOW

    before = str((NOW - 40) * 1000)
    assert until(asked_at=before) == 20
    assert until(asked_at=before, within="30") == -10
    assert until(asked_at=before, command="reboot") == 260
    assert until(asked_at=str((NOW + 1000) * 1000), within="30") == 30
    for text in ("yesterday", "nan", "-1e300"):
        with pytest.raises(Problem):
            until(asked_at=text)


def test_several_are_chosen_or_all():
    """Nobody is none of them."""
    assert chosen([("whom", "all"), ("entities", "a")]) is True
    assert chosen([("whom", "these"), *(("entities", each) for each in "aba")]) == ["a", "b"]
    with pytest.raises(Problem):
        chosen([("whom", "these")])
