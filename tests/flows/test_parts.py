"""The table of parts is that of the settings."""

import pytest

from flows.ontology.settings import Settings
from flows.parts import FLOWS, TRAFFIC, flows, parts
from flows.permissions import TABLE


@pytest.mark.parametrize(
    ("variables", "running"),
    [
        ({}, FLOWS),
        ({"AIS_RECEIVERS": "udp:10110"}, (*FLOWS, TRAFFIC)),
        ({"ADSB_RECEIVERS": "tcp:radio:30005"}, (*FLOWS, TRAFFIC)),
    ],
)
def test_who_has_no_receiver_has_no_part_that_hears_one(variables, running) -> None:
    """Nor any memory for it."""
    settings = Settings.read(variables)
    assert flows(settings) == running
    named = [each.name for each in parts(settings)]
    assert [each for each in named if each in (*FLOWS, TRAFFIC)] == list(running)


def test_every_flow_has_permissions_of_its_own() -> None:
    """By its name, with which it signs in."""
    assert {*FLOWS, TRAFFIC} <= set(TABLE)


def test_what_is_kept_for_later_waits_for_what_is_flown_now() -> None:
    """Commands and the state of entities go before history, and before looking after the lake."""
    nice = {each.name: each.nice for each in parts(Settings.read({}))}
    assert nice["relay"] == nice["entities"] == nice["commands"] == nice["web"] == 0
    assert 0 < nice["telemetry"] < nice["maintenance"]
