"""The relay graph, from packets and noise to envelopes, without a network."""

import msgspec
from bytewax.testing import TestingSource, run_main
from ends import NOON

from connectors.mavlink import Noise, Packet
from connectors.meter import Count
from flows.steps.identify import Names

BEAT = {"type": 2, "autopilot": 3, "base_mode": 81, "custom_mode": 5, "system_status": 4}


def packet(sequence: int, name: str = "ATTITUDE", fields: dict | None = None, system: int = 1):
    link = "udp:14550"
    known = not name.startswith("UNKNOWN")
    return Packet(
        link, f"{link}:{sequence}", NOON, system, 1, sequence, 30, name, fields or {}, known
    )


def said(ends, prefix: str = "constellation.telemetry.") -> list[dict]:
    return [
        msgspec.json.decode(publication.data)
        for _, publication in ends.said
        if publication.subject.startswith(prefix)
    ]


def test_packets_of_a_vehicle_are_published_with_raw_fields_time_and_sequence(ends):
    """Each under the entity's subject, with an id that is its origin."""
    run_main(ends.relay([packet(1, "HEARTBEAT", BEAT), packet(2, fields={"roll": 0.25})]))

    beat, attitude = said(ends)
    assert beat["data"] == BEAT
    assert (attitude["data"], attitude["sequence"], attitude["system_id"]) == ({"roll": 0.25}, 2, 1)
    (_, first), (_, second) = ends.said
    assert first.subject == f"constellation.telemetry.north.{beat['entity_id']}"
    assert (first.message_id, second.message_id) == ("udp:14550:1", "udp:14550:2")


def test_noise_is_refused_and_invents_nobody(ends):
    """Bytes that are no MAVLink are kept with where they came from."""
    run_main(ends.relay([Noise("udp:14550", "udp:14550:1:0", NOON, 5, b"hello")]))

    assert ends.refused() == [("frame", "5 bytes are no MAVLink")]
    assert said(ends) == []
    assert len(said(ends, "constellation.rejected.relay")) == 1


def test_messages_that_no_dialect_knows_are_kept_raw_for_a_known_vehicle_only(ends):
    """They never make one."""
    unknown = packet(3, "UNKNOWN_411", {"frame": "fd00"})
    stranger = packet(4, "UNKNOWN_8", {"frame": "fd01"}, system=77)
    run_main(ends.relay([packet(1, "HEARTBEAT", BEAT), unknown, stranger]))

    assert [each["message_type"] for each in said(ends)] == ["HEARTBEAT", "UNKNOWN_411"]
    assert said(ends)[1]["data"] == {"frame": "fd00"}


def test_gaps_are_counted_by_link(ends):
    """As Prometheus will read them."""
    run_main(ends.relay([packet(1, "HEARTBEAT", BEAT), packet(5)]))

    assert Count("overwatch_link_gaps_total", ("relay", "udp:14550"), 3) in ends.counts


def test_a_recording_says_so_and_has_identities_of_its_own(ends):
    """It can never be taken for the vehicle that flies today."""
    run_main(ends.relay([packet(1, "HEARTBEAT", BEAT)], Names("north", None, "a98e")))
    run_main(ends.relay([packet(1, "HEARTBEAT", BEAT)]))

    played, heard = said(ends)
    assert played["recorded"] is True
    assert "recorded" not in heard
    assert played["entity_id"] != heard["entity_id"]


def test_a_restart_knows_the_vehicles_that_it_had_met(ends, run_recovered):
    """A vehicle whose heartbeat was heard before a crash is still one after it."""
    run_recovered(ends.relay([packet(1, "HEARTBEAT", BEAT), TestingSource.ABORT()]))
    run_recovered(ends.relay([packet(1, "HEARTBEAT", {**BEAT, "type": 6}), packet(2)]))

    assert [each["message_type"] for each in said(ends)][-1] == "ATTITUDE"
    assert len({each["entity_id"] for each in said(ends)}) == 1
