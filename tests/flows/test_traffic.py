"""The traffic graph, from what receivers hear to envelopes, without a network."""

from typing import Any

import msgspec
import pytest
from bytewax.testing import TestingSource, cluster_main, run_main
from ends import NOON, SECOND
from hypothesis import given, settings
from hypothesis import strategies as st
from on_air import EVEN, EVER_DIADEM, KLM1023, MOORED, ODD, class_a

from connectors.jetstream import Message
from connectors.meter import Count
from connectors.receivers.gathered import gathered, reading
from connectors.receivers.heard import Heard, Noise, Skipped, Spoken
from flows.ontology.identity import transponder_entity
from flows.ontology.telemetry import Report
from flows.ontology.traffic import Listener
from flows.steps.understand import understand

LINK = "udp:127.0.0.1:10110"


def heard(system: str, *lines: bytes, at: float = 0, origin: str = "") -> list[Heard]:
    """What a receiver makes of lines that it hears so many seconds after noon."""
    heard_us = NOON + int(at * SECOND)
    told = reading(system).feed(b"\n".join(lines), heard_us, whole=True)
    return gathered(system, LINK, origin or f"{LINK}:{at}", [(each, heard_us) for each in told])


def frames(*hexadecimals: str, at: float = 0) -> list[Heard]:
    return heard("ADSB", *(f"*{each};".encode() for each in hexadecimals), at=at)


def said(ends, prefix: str = "constellation.telemetry.") -> list[dict]:
    return [
        msgspec.json.decode(publication.data)
        for _, publication in ends.said
        if publication.subject.startswith(prefix)
    ]


def understood(ends) -> list[Report]:
    """What telemetry and entities flow read out of what was said."""
    messages = [
        Message("CONSTELLATION_TELEMETRY", each.subject, each.data, number, NOON + 100 * SECOND)
        for number, (_, each) in enumerate(ends.said, 1)
        if each.subject.startswith("constellation.telemetry.")
    ]
    reports = understand(messages, "default", SECOND)
    assert all(isinstance(each, Report) for each in reports), reports
    return reports


def test_a_ship_is_said_under_its_entity_with_its_signals(ends) -> None:
    """With an id that is its origin."""
    run_main(ends.traffic(heard("AIS", MOORED)))

    (ship,) = said(ends)
    entity = transponder_entity("north", "mmsi", 477553000)
    assert (ship["entity_id"], ship["org_id"], ship["message_type"]) == (entity, "north", "AIS")
    assert ship["source"] == LINK
    assert ship["data"]["position"]["global"]["latitude"] == 47.582833
    ((_, publication),) = ends.said
    assert publication.subject == f"constellation.telemetry.north.{entity}"
    assert publication.message_id == f"{LINK}:0:{NOON}:0"


def test_what_is_said_is_understood_as_every_other_telemetry(ends) -> None:
    """Each signal as it was said, of the entity that said it, at the time it was heard."""
    run_main(ends.traffic([*heard("AIS", MOORED, *EVER_DIADEM), *frames(ODD, EVEN, KLM1023, at=2)]))

    ship, static, _, place, callsign = understood(ends)
    assert ship.values["position.global.longitude"] == -122.345833
    assert ship.values["ais.navigation_status"] == "moored"
    assert (ship.message_type, ship.at_us, ship.source) == ("AIS", NOON, LINK)
    assert (ship.entity_type, ship.entity_name) == ("surface_vessel_usv", "MMSI 477553000")
    assert (static.entity_name, static.values["ais.vessel.imo"]) == ("EVER DIADEM", 9134270)
    assert static.values["ais.voyage.eta"] == "05-15 14:00"
    assert place.values["position.global.latitude"] == pytest.approx(52.2572, abs=1e-4)
    assert place.values["adsb.altitude.pressure"] == pytest.approx(11582.4)
    assert place.values["adsb.on_ground"] is False
    assert place.entity_type == "aircraft_fixed_wing"
    assert callsign.values == {"adsb.icao": "4840d6", "adsb.callsign": "KLM1023"}
    assert callsign.entity_name == "KLM1023"


@settings(max_examples=60, deadline=None)
@given(
    st.fixed_dictionaries(
        {
            "status": st.integers(0, 15), "turn": st.integers(-128, 127),
            "speed": st.integers(0, 1023), "accuracy": st.integers(0, 1),
            "lon": st.integers(-180 * 600_000, 180 * 600_000) | st.just(181 * 600_000),
            "lat": st.integers(1, 90 * 600_000) | st.just(91 * 600_000),
            "course": st.integers(0, 3600), "heading": st.integers(0, 360) | st.just(511),
            "second": st.integers(0, 63),
        }
    )
)  # fmt: skip
def test_whatever_a_ship_says_is_understood_as_it_was_said(raw: dict[str, int]) -> None:
    """Each value comes through as it is, and none is refused."""
    from ends import Ends

    ends = Ends()
    run_main(ends.traffic(heard("AIS", class_a(**raw))))
    (report,) = understood(ends)
    (ship,) = said(ends)

    assert ends.refused() == []
    assert report.values == leaves(ship["data"])


def leaves(tree: dict[str, Any], above: str = "") -> dict[str, Any]:
    """What a tree says, by path."""
    found: dict[str, Any] = {}
    for name, value in tree.items():
        below = leaves(value, f"{above}{name}.") if isinstance(value, dict) else None
        found |= {f"{above}{name}": value} if below is None else below
    return found


def test_noise_is_refused_and_invents_nobody(ends) -> None:
    """It is kept with how much of it there was."""
    harmed = MOORED.replace(b"177K", b"177L")
    run_main(ends.traffic(heard("AIS", b"junk", harmed, harmed)))

    assert ends.refused() == [("receive", "not NMEA (1)"), ("receive", "a checksum is wrong (2)")]
    assert said(ends) == []
    assert len(said(ends, "constellation.rejected.traffic")) == 2
    assert Count("overwatch_unreadable_total", ("traffic", LINK), 2) in ends.counts


def test_what_cannot_be_believed_is_refused_and_the_rest_is_said(ends) -> None:
    """By name."""
    run_main(ends.traffic(heard("AIS", class_a(lat=95 * 600_000, lon=0, speed=50))))

    assert ends.refused() == [("ships", "AIS of MMSI 227006760: position.global.latitude is 95.0")]
    (ship,) = said(ends)
    assert "global" not in ship["data"]["position"]


def test_what_nobody_reads_is_counted(ends) -> None:
    """And nothing else."""
    run_main(ends.traffic([Skipped(LINK, 3)]))

    assert ends.counts == [Count("overwatch_unclaimed_total", ("traffic", LINK), 3)]
    assert ends.said == []


def test_the_same_ship_by_two_receivers_is_one_entity(ends) -> None:
    """And both are kept, each with its receiver."""
    again = [msgspec.structs.replace(each, link="tcp:other:1") for each in heard("AIS", MOORED)]
    run_main(ends.traffic([*heard("AIS", MOORED), *again]))

    one, other = said(ends)
    assert one["entity_id"] == other["entity_id"]
    assert {one["source"], other["source"]} == {LINK, "tcp:other:1"}


def test_a_recording_says_so_and_has_identities_of_its_own(ends) -> None:
    """It can never be taken for the ship that sails today."""
    run_main(ends.traffic(heard("AIS", MOORED), Listener("north", "a98e")))
    run_main(ends.traffic(heard("AIS", MOORED)))

    played, live = said(ends)
    assert played["recorded"] is True
    assert "recorded" not in live
    assert played["entity_id"] != live["entity_id"]


def test_a_restart_knows_names_and_halves_of_places(ends, run_recovered) -> None:
    """What was heard before a crash is enough after it."""
    before = [*heard("AIS", *EVER_DIADEM), *frames(ODD)]
    after = [*heard("AIS", class_a(351759000), at=1), *frames(EVEN, at=1)]
    run_recovered(ends.traffic([*before, TestingSource.ABORT()]))
    run_recovered(ends.traffic([*before, *after]))

    ship, aircraft = said(ends)[-2:]
    assert ship["entity_name"] == "EVER DIADEM"
    assert aircraft["data"]["position"]["global"]["latitude"] == pytest.approx(52.2572, abs=1e-4)


def test_two_workers_say_what_one_says() -> None:
    """Each ship is one worker's, and what it says stays in order."""
    from ends import Ends

    items = [
        item
        for at in range(40)
        for item in (
            *heard("AIS", class_a(227006760 + at % 7, heading=at), at=at),
            *frames(ODD, EVEN, at=at),
        )
    ]
    alone, together = Ends(), Ends()
    run_main(alone.traffic(items))
    cluster_main(together.traffic(items), [], 0, worker_count_per_proc=2)

    def by_entity(ends: Ends) -> dict[str, list[bytes]]:
        found: dict[str, list[bytes]] = {}
        for _, each in ends.said:
            found.setdefault(each.subject, []).append(each.data)
        return found

    assert len(by_entity(alone)) == 8
    assert by_entity(together) == by_entity(alone)


@pytest.mark.parametrize(
    "item",
    [
        Spoken("AIS", 1, LINK, "o", NOON, None, {"msg_type": 1}),
        Noise(LINK, "o", NOON, 1, "harmed", b"x"),
        Skipped(LINK, 2),
    ],
)
def test_what_is_heard_can_go_to_another_process(item: Heard) -> None:
    """And is the same there."""
    import pickle

    assert pickle.loads(pickle.dumps(item)) == item  # noqa: S301


_FIELDS = st.dictionaries(
    st.sampled_from(["msg_type", "lat", "lon", "bds", "lat_cpr", "lon_cpr", "parity", "shipname"]),
    st.one_of(st.none(), st.integers(), st.floats(), st.text(max_size=10), st.just("05")),
)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.builds(
                Spoken,
                st.sampled_from(["AIS", "ADSB"]),
                st.integers(1, 2**24 - 1),
                st.just(LINK),
                st.text(max_size=5),
                st.integers(0, 2**52),
                st.none() | st.integers(0, 2**52),
                _FIELDS,
            ),
            st.builds(
                Noise, st.just(LINK), st.text(max_size=5), st.integers(0, 2**52),
                st.integers(1, 9), st.text(max_size=9), st.binary(max_size=64),
            ),
        ),
        max_size=6,
    )
)  # fmt: skip
def test_no_item_stops_the_flow(items: list[Any]) -> None:
    """Each is said, refused or counted."""
    from ends import Ends

    ends = Ends()
    run_main(ends.traffic(items))
    assert len(said(ends)) == sum(isinstance(each, Spoken) for each in items)
