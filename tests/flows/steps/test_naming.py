"""Body, headers and subject say together whose a message is, and which."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.ontology.messages import NAMES
from flows.ontology.subjects import is_token
from flows.steps.naming import Whose, canonical, header, is_mavlink, is_translated, whose

PREFIX = "constellation.telemetry."
ORG = "default"


@pytest.mark.parametrize(
    ("tokens", "named", "claimed", "said", "expected"),
    [
        ("uav", "", "", "", Whose("uav", ORG)),
        ("north.uav", "", "", "", Whose("uav", "north")),
        ("north.uav", "", "north", "", Whose("uav", "north")),
        ("uav.vfr_hud", "", "", "", Whose("uav", ORG, "vfr_hud")),
        ("uav.vfr_hud", "uav", "default", "", Whose("uav", ORG, "vfr_hud")),
        ("uav.WifiConfigAp", "", "", "", Whose("uav", ORG, "WifiConfigAp")),
        ("default.rpm", "", "", "", Whose("rpm", ORG)),
        ("air.north.uav", "", "", "", Whose("uav", "north")),
        ("north.uav.attitude", "", "", "", Whose("uav", "north", "attitude")),
        ("drone", "d-1", "", "", Whose("d-1", ORG)),
        ("north", "d-1", "", "", Whose("d-1", ORG)),
        ("north", "d-1", "north", "", Whose("d-1", "north")),
        ("north.heartbeat", "d-1", "north", "", Whose("d-1", "north")),
        ("uav.report", "", "", "Report", Whose("uav", ORG, "report")),
        ("a.b.c.d", "d-1", "", "", Whose("d-1", ORG)),
        ("a.b.c.d", "d-1", "default", "", Whose("d-1", ORG)),
        ("", "d-1", "", "", Whose("d-1", ORG)),
    ],
)
def test_whose_a_message_is(tokens, named, claimed, said, expected) -> None:
    """All subjects of the reference system, and what a body makes of them."""
    assert whose(PREFIX + tokens, named, claimed, ORG, said) == expected


@pytest.mark.parametrize(
    ("tokens", "named", "claimed", "trouble"),
    [
        ("uav", "", "north", "said to default, but of 'north'"),
        ("north", "", "north", "said to default, but of 'north'"),
        ("north.uav", "", "south", "said to north, but of 'south'"),
        ("north.uav", "south", "south", "said to north, but of 'south'"),
        ("drone", "d-1", "north", "said to default, but of 'north'"),
        ("a.b.c.d", "", "", "no entity can be called ''"),
        ("a.b.c.d", "d-1", "north", "said to default, but of 'north'"),
        ("*.uav", "", "", "no organisation can be called '*'"),
        ("uav", "a b", "", "no entity can be called 'a b'"),
        ("uav", "x" * 129, "", "no entity can be called 'xxx"),
    ],
)
def test_nobody_speaks_for_another_organisation(tokens, named, claimed, trouble) -> None:
    """Nor is anybody called what no key of the bucket is."""
    found = whose(PREFIX + tokens, named, claimed, ORG, "")
    assert found.trouble.startswith(trouble)
    assert found[:3] == ("", "", "")


@given(st.text(), st.text(), st.text(), st.text())
def test_anything_is_somebodys_or_trouble(tokens, named, claimed, said) -> None:
    """Nothing raises, and names can be tokens."""
    found = whose(PREFIX + tokens, named, claimed, ORG, said)
    assert found.trouble or (is_token(found.entity) and is_token(found.organization))
    assert not claimed or found.trouble or found.organization == claimed


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("GlobalPositionInt", "GLOBAL_POSITION_INT"),
        ("vfr_hud", "VFR_HUD"),
        ("SystemStatus", "SYS_STATUS"),
        ("ParamValue", "PARAM_VALUE"),
        ("Weather Report", "Weather Report"),
        ("", ""),
    ],
)
def test_a_name_is_mavlinks_where_it_is_one_of_its(name, expected) -> None:
    """Whoever spells it how; another name stays as it is."""
    assert canonical(name) == expected


def test_every_name_of_mavlink_is_its_own() -> None:
    """Two are alike when folded, and are none the less two."""
    assert {name: canonical(name) for name in NAMES} == {name: name for name in NAMES}


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("HEARTBEAT", {"type": 2, "x": 1}, True),
        ("HEARTBEAT", {}, True),
        ("HEARTBEAT", {"uptime": 3}, False),
        ("VFR_HUD", {"ground_speed": 3}, True),
        ("PARAM_VALUE", {"param_value": 3}, False),
        ("AIS", {"type": 2}, False),
        ("", {}, False),
    ],
)
def test_a_message_that_means_something_has_a_field_of_its(name, data, expected) -> None:
    """A device's own heartbeat has not."""
    assert is_mavlink(name, data) is expected
    assert is_translated(name) is (name in ("HEARTBEAT", "VFR_HUD"))


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (None, ""),
        ({}, ""),
        ({"entity_id": "a"}, "a"),
        ({"Entity-Id": "a"}, "a"),
        ({"X-Entity-ID": "a"}, "a"),
        ({"ENTITY_ID": "a", "entity_id": "b"}, "b"),
        ({"Nats-Msg-Id": "a", "entity": "b"}, ""),
    ],
)
def test_a_header_is_found_however_it_is_spelled(headers, expected) -> None:
    """As written exactly, if it is."""
    assert header(headers, "entity_id") == expected
