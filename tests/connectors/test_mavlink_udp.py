"""Vehicles are heard over real datagrams on loopback."""

import contextlib
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from free import free_ports
from mavlink_peers import HOST, beat, figure, hear_until, heard
from mavlink_peers import listening as listening_to
from pymavlink import mavutil

from connectors import mavlink_links, mavlink_receiver, mavlink_udp
from connectors.mavlink import Noise, Packet
from connectors.mavlink_beat import COMPONENT, SYSTEM
from connectors.mavlink_links import Link
from connectors.ports import PortInUse


@contextlib.contextmanager
def listening(*ports: int, host: str = HOST, **more: Any) -> Iterator[Any]:
    with listening_to(*(Link(f"udp:{port}", "udp", host, port) for port in ports), **more) as part:
        yield part


@pytest.fixture
def peers() -> Iterator[list[socket.socket]]:
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(3)
        ]


def test_what_is_sent_to_a_port_is_heard_with_its_link_and_time(peers) -> None:
    """Packets in their order; origins differ though their bytes may not."""
    (port,) = free_ports(1)
    times = iter(range(100, 200))
    with listening(port, clock=lambda: next(times)) as part:
        for sequence in (1, 2, 2):
            peers[0].sendto(beat(7, sequence), ("127.0.0.1", port))
        found = heard(part, 3)

    assert [type(each) for each in found] == [Packet] * 3
    assert [(each.link, each.system_id, each.sequence, each.heard_us) for each in found] == [
        (f"udp:{port}", 7, 1, 100),
        (f"udp:{port}", 7, 2, 101),
        (f"udp:{port}", 7, 2, 102),
    ]
    assert len({each.origin for each in found}) == 3


def test_several_ports_are_links_of_their_own(peers) -> None:
    """And all of them are heard."""
    ports = free_ports(3)
    with listening(*ports) as part:
        for number, port in enumerate(ports):
            peers[0].sendto(beat(number + 1, 0), ("127.0.0.1", port))
        found = heard(part, 3)

    assert {(each.link, each.system_id) for each in found} == {
        (f"udp:{port}", number + 1) for number, port in enumerate(ports)
    }


def test_frames_that_are_cut_into_datagrams_are_put_together_by_their_sender(peers) -> None:
    """What one sends in pieces is not mixed with another's."""
    (port,) = free_ports(1)
    first, second = beat(1, 1), beat(2, 2)
    with listening(port) as part:
        for piece in (slice(0, 5), slice(5, 9), slice(9, None)):
            peers[0].sendto(first[piece], ("127.0.0.1", port))
            peers[1].sendto(second[piece], ("127.0.0.1", port))
        found = heard(part, 2)

    assert [(each.name, each.system_id) for each in found] == [("HEARTBEAT", 1), ("HEARTBEAT", 2)]


def test_noise_is_told_and_stops_nothing(peers) -> None:
    """Empty datagrams are not even that."""
    (port,) = free_ports(1)
    with listening(port) as part:
        peers[0].sendto(b"", ("127.0.0.1", port))
        peers[0].sendto(b"GET / HTTP/1.1\r\n\r\n", ("127.0.0.1", port))
        peers[0].sendto(beat(1, 1), ("127.0.0.1", port))
        found = heard(part, 2)

    assert [type(each) for each in found] == [Noise, Packet]
    assert found[0].count == 18


def test_anybody_may_send_and_memory_stays_bounded(monkeypatch) -> None:
    """Of many senders the longest silent is forgotten; who speaks on is not."""
    monkeypatch.setattr(mavlink_receiver, "MOST_PEERS", 5)
    (port,) = free_ports(1)
    with listening(port) as part, contextlib.ExitStack() as stack:
        first = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        for sequence in range(20):
            first.sendto(beat(1, sequence)[:10], ("127.0.0.1", port))
            other = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            other.sendto(beat(2, 0), ("127.0.0.1", port))
            first.sendto(beat(1, sequence)[10:], ("127.0.0.1", port))
            found = heard(part, 2)
            assert {each.name for each in found} == {"HEARTBEAT"}
        assert figure("overwatch_link_peers", "test", f"udp:{port}") == 5


def test_a_port_that_is_taken_is_named_with_what_to_do() -> None:
    """And those that were opened before it are closed again."""
    one, two = free_ports(2)
    with listening(two):
        with (
            pytest.raises(
                PortInUse, match=rf"UDP port {two} on 127.0.0.1 .* already in use\. Stop"
            ),
            listening(one, two),
        ):
            pass
        with listening(one):
            pass


def test_an_address_that_is_not_ours_is_named() -> None:
    """One of the range that is nobody's."""
    with (
        pytest.raises(PortInUse, match=r"on 192\.0\.2\.1"),
        listening(*free_ports(1), host="192.0.2.1"),
    ):
        pass


def test_what_comes_is_gathered_for_a_moment_unless_there_is_more(peers, monkeypatch) -> None:
    """A port is looked at again soon, and at once where it may have held something back."""
    monkeypatch.setattr(mavlink_udp, "MOST_DATAGRAMS", 3)
    (port,) = free_ports(1)
    with listening(port) as part:
        before = datetime.now(UTC)
        assert part.next_batch() == []
        awake = part.next_awake()
        assert before < awake <= datetime.now(UTC) + mavlink_links.GATHER
        for sequence in range(5):
            peers[0].sendto(beat(1, sequence), ("127.0.0.1", port))
        assert len(part.next_batch()) == 3
        assert part.next_awake() is None
        assert len(part.next_batch()) == 2
        assert part.next_awake() is not None
        assert part.snapshot() == {}


def test_a_flood_of_one_port_leaves_the_other_its_turn(peers, monkeypatch) -> None:
    """What is read of a link at a time is bounded by bytes as well."""
    monkeypatch.setattr(mavlink_udp, "MOST_BYTES", 3000)
    flooded, quiet = free_ports(2)
    with listening(flooded, quiet) as part:
        for _ in range(5):
            peers[0].sendto(b"\xfe" * 2000, (HOST, flooded))
        peers[1].sendto(beat(7), (HOST, quiet))
        first = part.next_batch()
        assert part.next_awake() is None

    assert {each.link for each in first if isinstance(each, Packet)} == {f"udp:{quiet}"}
    assert sum(each.count for each in first if isinstance(each, Noise)) <= 4000


def test_a_peer_that_waits_is_spoken_to_and_heard() -> None:
    """The listener of pymavlink answers whoever has spoken to it; our heartbeat says who we are."""
    (port,) = free_ports(1)
    link = Link("udpout:x", "udpout", HOST, port)
    peer = mavutil.mavlink_connection(f"udpin:{HOST}:{port}", source_system=9)
    with contextlib.closing(peer), listening_to(link) as part:
        ours: list[Any] = []
        hear_until(part, lambda: ours.append(peer.recv_msg()) or ours[-1])
        peer.mav.heartbeat_send(2, 3, 81, 4, 4)
        (packet,) = heard(part, 1)
        assert figure("overwatch_link_up", "test", "udpout:x") == 1

    assert (ours[-1].get_srcSystem(), ours[-1].get_srcComponent()) == (SYSTEM, COMPONENT)
    assert ours[-1].get_type() == "HEARTBEAT"
    assert ours[-1].type != mavutil.mavlink.MAV_TYPE_GCS
    assert (packet.name, packet.system_id, packet.link) == ("HEARTBEAT", 9, "udpout:x")


def test_a_peer_is_down_until_it_answers_and_when_nobody_is_there(monkeypatch) -> None:
    """It is spoken to all the same, so that it may come later."""
    monkeypatch.setattr(mavlink_udp, "BEAT_SECONDS", 0.0)
    (port,) = free_ports(1)
    link = Link("udpout:late", "udpout", "localhost", port)
    with listening_to(link) as part:
        since = figure("overwatch_link_since_seconds", "test", link.name)
        hear_until(part, lambda: figure("overwatch_link_since_seconds", "test", link.name) > since)
        assert figure("overwatch_link_up", "test", link.name) == 0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.bind((HOST, port))
            peer.settimeout(0.01)
            hear_until(part, lambda: answered(peer))
            hear_until(part, lambda: figure("overwatch_link_up", "test", link.name) == 1)
        hear_until(part, lambda: figure("overwatch_link_up", "test", link.name) == 0)


def answered(peer: socket.socket) -> bool:
    with contextlib.suppress(TimeoutError):
        peer.sendto(beat(9), peer.recvfrom(2000)[1])
        return True
    return False


def test_a_peer_that_falls_silent_is_down(monkeypatch) -> None:
    """Since UDP itself does not say."""
    monkeypatch.setattr(mavlink_udp, "SILENT_SECONDS", 0.2)
    (port,) = free_ports(1)
    link = Link("udpout:silent", "udpout", HOST, port)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer, listening_to(link) as part:
        peer.bind((HOST, port))
        peer.settimeout(0.01)
        hear_until(part, lambda: answered(peer))
        hear_until(part, lambda: figure("overwatch_link_up", "test", link.name) == 1)
        hear_until(part, lambda: figure("overwatch_link_up", "test", link.name) == 0)
