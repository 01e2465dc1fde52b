"""Signed frames of pymavlink are let in, and those of nobody else; each refusal is counted."""

import hashlib
import pickle
import socket
import struct
import time
from typing import Any

import pytest
from free import free_ports
from hypothesis import given
from hypothesis import strategies as st
from mavlink_peers import HOST, beat, figure, hear_until, heard, listening, second
from pymavlink import mavutil
from pymavlink.dialects.v20 import all as dialect
from pymavlink.generator.mavcrc import x25crc

from connectors import mavlink_signing
from connectors.mavlink import Decoder, Framer, Heard, Noise, Packet
from connectors.mavlink_links import Link, MavlinkSource
from connectors.mavlink_receiver import Listener
from connectors.mavlink_signing import BARE, FORGED, TELL_US, Signatures, Signing

KEY, OTHER_KEY = hashlib.sha256(b"ours").digest(), hashlib.sha256(b"theirs").digest()
NOON_US = 1_790_000_000_000_000
SINCE_2015_S = 1_420_070_400
MINUTE = 60 * 100_000  # In the units of signatures.


def noon() -> int:
    return (NOON_US - SINCE_2015_S * 1_000_000) // 10


class Vehicle:
    """A vehicle that signs, as pymavlink does it."""

    def __init__(
        self, key: bytes = KEY, stamp: int | None = None, system: int = 1, link_id: int = 3
    ) -> None:
        self.mavlink = dialect.MAVLink(None, system, 1)
        self.mavlink.signing.secret_key = key
        self.mavlink.signing.sign_outgoing = True
        self.mavlink.signing.link_id = link_id
        self.mavlink.signing.timestamp = noon() if stamp is None else stamp

    def says(self, mode: int = 4) -> bytes:
        message = self.mavlink.heartbeat_encode(2, 3, 81, mode, 4)
        self.mavlink.seq = (self.mavlink.seq + 1) % 256
        return bytes(message.pack(self.mavlink))


def tampered(frame: bytes) -> bytes:
    """A frame with another payload and a checksum that fits it; the signature cannot."""
    changed = bytearray(frame)
    changed[10] ^= 0xFF
    crc = x25crc(bytes(changed[1:-15]) + bytes((dialect.MAVLink_heartbeat_message.crc_extra,)))
    struct.pack_into("<H", changed, len(changed) - 15, crc.crc)
    return bytes(changed)


class Gated:
    """A link that checks signatures, with its own figures."""

    number = 0

    def __init__(self, *, required: bool) -> None:
        Gated.number += 1
        self.link = f"udp:{Gated.number}"
        signatures = Signatures(Signing(KEY, required), "signing", self.link, {})
        self._framer = Framer(Decoder(), self.link, signatures.refused)

    def hears(self, data: bytes, now_us: int = NOON_US) -> list[Heard]:
        return list(self._framer.feed(data, now_us, "o"))

    @property
    def forged(self) -> float:
        return figure("overwatch_bad_signatures_total", "signing", self.link)

    @property
    def bare(self) -> float:
        return figure("overwatch_unsigned_total", "signing", self.link)


@pytest.fixture(params=[False, True], ids=["accept", "require"])
def gated(request) -> Gated:
    return Gated(required=request.param)


def test_what_the_key_has_signed_is_let_in(gated) -> None:
    """Message after message, of several senders."""
    one, two = Vehicle(), Vehicle(system=2)
    found = gated.hears(one.says() + two.says() + one.says() + two.says())

    assert [each.system_id for each in found] == [1, 2, 1, 2]
    assert (gated.forged, gated.bare) == (0, 0)


def refused(found: list[Heard], reason: str) -> bool:
    return [(type(each), each.reason) for each in found] == [(Noise, reason)]


def test_what_another_key_has_signed_is_refused_whole(gated) -> None:
    """It is told once with its first bytes, as one frame, and always counted."""
    frame = Vehicle(OTHER_KEY).says()
    first = gated.hears(frame)

    assert refused(first, FORGED)
    assert (first[0].count, first[0].data) == (len(frame), frame[:64])
    assert gated.hears(Vehicle(OTHER_KEY).says() * 50) == []
    assert gated.forged == 51
    assert len(gated.hears(Vehicle().says())) == 1


def test_what_was_changed_is_refused(gated) -> None:
    """Though its checksum is right."""
    vehicle = Vehicle()
    good = vehicle.says()
    assert isinstance(Decoder().decode(tampered(good), "", "", 1), Packet)
    assert refused(gated.hears(tampered(good)), FORGED)
    assert len(gated.hears(good)) == 1


def test_what_is_sent_again_is_refused(gated) -> None:
    """And so is what was held back; other senders have times of their own."""
    vehicle = Vehicle()
    first, second, third = vehicle.says(), vehicle.says(), vehicle.says()

    assert len(gated.hears(first + third)) == 2
    assert refused(gated.hears(third), FORGED)
    assert gated.hears(second + first) == []
    assert gated.forged == 3
    # The same clock on another of its links, and another vehicle's.
    assert len(gated.hears(Vehicle(link_id=4).says() + Vehicle(system=9).says())) == 2


def test_a_forged_time_silences_nobody(gated) -> None:
    """Neither a sender that is known, nor one that comes later."""
    vehicle = Vehicle()
    assert len(gated.hears(vehicle.says())) == 1
    for key in (OTHER_KEY, OTHER_KEY):
        gated.hears(Vehicle(key, stamp=2**48 - 2).says())
    gated.hears(Vehicle(OTHER_KEY, stamp=2**48 - 2, system=7).says())
    assert len(gated.hears(vehicle.says() + Vehicle(system=7).says())) == 2


def test_a_sender_whose_clock_is_ahead_keeps_no_other_out(gated) -> None:
    """What is new on a link is measured by our clock."""
    ahead = Vehicle(stamp=noon() + 1000 * MINUTE)
    assert len(gated.hears(ahead.says() + Vehicle(system=2).says())) == 2


@pytest.mark.parametrize(("behind", "let_in"), [(0, 1), (MINUTE - 100, 1), (MINUTE + 100, 0)])
def test_a_sender_that_is_new_is_at_most_a_minute_behind(gated, behind, let_in) -> None:
    """So that what was recorded before a start cannot be played after it."""
    found = gated.hears(Vehicle(stamp=noon() - behind).says())
    assert sum(isinstance(each, Packet) for each in found) == let_in


def test_without_a_signature_it_depends_on_the_setting() -> None:
    """Accepted by the one, refused and counted by the other, of either protocol."""
    first = dialect.MAVLink(None, 1, 1)
    old = bytes(first.heartbeat_encode(2, 3, 81, 4, 4).pack(first, force_mavlink1=True))
    accepting, requiring = Gated(required=False), Gated(required=True)

    assert len(accepting.hears(beat(1) + old)) == 2
    assert refused(requiring.hears(beat(1) + old), BARE)
    assert (accepting.bare, requiring.bare, requiring.forged) == (0, 2, 0)


def test_radios_need_no_key_but_may_not_forge(gated) -> None:
    """RADIO_STATUS and RADIO are made by the radio itself, which has none."""
    radio = dialect.MAVLink(None, 51, 68)
    status = bytes(radio.radio_status_encode(1, 2, 3, 4, 5, 6, 7).pack(radio))
    older = bytes(radio.radio_encode(1, 2, 3, 4, 5, 6, 7).pack(radio))
    forger = Vehicle(OTHER_KEY).mavlink
    forged = bytes(forger.radio_status_encode(1, 2, 3, 4, 5, 6, 7).pack(forger))

    assert [each.name for each in gated.hears(status + older)] == ["RADIO_STATUS", "RADIO"]
    assert refused(gated.hears(forged), FORGED)


def test_messages_that_no_dialect_knows_are_checked_as_well() -> None:
    """Which pymavlink leaves out."""
    requiring = Gated(required=True)
    frame = bytes((0xFD, 2, 0, 0, 9, 1, 1)) + struct.pack("<I", 9_000_000)[:3] + b"\1\2??"
    signed = bytearray(frame)
    signed[2] = 1
    signed += bytes((3,)) + struct.pack("<Q", noon())[:6]
    good = bytes(signed) + hashlib.sha256(KEY + signed).digest()[:6]

    assert refused(requiring.hears(frame), BARE)
    assert refused(requiring.hears(bytes(signed) + bytes(6)), FORGED)
    assert [each.name for each in requiring.hears(good)] == ["UNKNOWN_9000000"]


def test_a_refusal_is_told_once_a_minute() -> None:
    """By whichever way the clock goes; each kind for itself."""
    requiring = Gated(required=True)
    forged = Vehicle(OTHER_KEY).says()
    times = (0, 1, TELL_US - 1, TELL_US, TELL_US + 1, -TELL_US, 3 * TELL_US)
    told = [len(requiring.hears(forged, NOON_US + each)) for each in times]

    assert told == [1, 0, 0, 1, 0, 1, 1]
    assert len(requiring.hears(beat(1))) == 1
    assert (requiring.forged, requiring.bare) == (len(times), 1)


@given(st.integers(0, 255), st.data())
def test_no_bit_of_a_signed_frame_can_be_changed(system: int, data: st.DataObject) -> None:
    """Not even one of the signature, and nothing that is heard is that message."""
    frame = Vehicle(system=system).says()
    place = data.draw(st.integers(0, len(frame) * 8 - 1))
    changed = bytearray(frame)
    changed[place // 8] ^= 1 << place % 8
    found = Gated(required=True).hears(bytes(changed) + bytes(280))
    assert not any(isinstance(each, Packet) for each in found)


def test_a_station_that_signs_is_heard_over_a_real_link() -> None:
    """As pymavlink sets signing up for people, by the clock of today, beside one without a key."""
    (port,) = free_ports(1)
    link = Link("udp:signed", "udp", HOST, port)
    with listening(link, signing=Signing(KEY, required=True)) as part:
        theirs = [
            second(mavutil.mavlink_connection(f"udpout:{HOST}:{port}"), number) for number in (1, 2)
        ]
        theirs[0].setup_signing(KEY)
        for each in reversed(theirs):
            each.mav.heartbeat_send(2, 3, 81, 4, 4)
        found = heard(part, 2)
        for each in theirs:
            each.close()

    assert [type(each) for each in found] == [Noise, Packet]
    assert (found[0].reason, found[1].system_id) == (BARE, 1)
    assert figure("overwatch_link_packets_total", "test", link.name) == 1
    assert figure("overwatch_link_noise_total", "test", link.name) == 0


def test_what_was_heard_before_a_restart_is_not_heard_again_after_it() -> None:
    """Though it is less than a minute old; who had a clock that was ahead is let in again."""
    (port,) = free_ports(1)
    link, other = Link("udp:kept", "udp", HOST, port), Link("udp:other", "udp", HOST, 0)
    vehicle, ahead = Vehicle(), Vehicle(stamp=noon() + 10 * MINUTE, system=2)
    frames = [vehicle.says(), ahead.says()]
    checked = {"signing": Signing(KEY, required=True), "clock": lambda: NOON_US}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        with listening(link, **checked) as part:
            for each in frames:
                peer.sendto(each, (HOST, port))
            assert len(heard(part, 2)) == 2
            recorded = pickle.loads(pickle.dumps(part.snapshot()))  # noqa: S301  (as Bytewax does)
        with listening(link, other, resumed=recorded, **checked) as part:
            for each in (*frames, vehicle.says()):
                peer.sendto(each, (HOST, port))
            found = heard(part, 3)

    assert [type(each) for each in found] == [Noise, Packet, Packet]
    assert [each.system_id for each in found[1:]] == [2, 1]
    assert set(recorded) == {"udp:kept"}


def test_our_own_heartbeat_is_signed_where_there_is_a_key() -> None:
    """A peer that requires it lets it in, and each one anew."""
    (port,) = free_ports(1)
    peer = second(mavutil.mavlink_connection(f"udpin:{HOST}:{port}"), 9)
    peer.setup_signing(KEY, sign_outgoing=True)
    link = Link("udpout:signed", "udpout", HOST, port)
    got: list[Any] = []
    with listening(link, signing=Signing(KEY, required=True)) as part:
        deadline = time.monotonic() + 10

        def twice() -> bool:
            assert time.monotonic() < deadline
            message = peer.recv_msg()
            got.extend([message] if message and message.get_type() == "HEARTBEAT" else [])
            return len(got) == 2

        hear_until(part, twice)
        peer.mav.heartbeat_send(2, 3, 81, 4, 4)
        (packet,) = heard(part, 1)
    peer.close()

    assert packet.name == "HEARTBEAT"
    assert all(each.get_signed() for each in got)
    assert peer.mav.signing.badsig_count == 0


def test_a_key_is_not_shown_with_the_source_that_has_it() -> None:
    """Whatever an error says of it."""
    source = MavlinkSource((), Listener("test", Signing(KEY, required=True)))
    assert "required=True" in repr(source)
    assert repr(KEY)[2:10] not in repr(source)


def test_a_stamp_is_what_pymavlink_makes_of_the_time() -> None:
    """Tens of microseconds since 2015; before that there was none."""
    assert mavlink_signing.stamp(NOON_US) == noon()
    assert mavlink_signing.stamp(0) == 0
