"""Vehicles are heard over real datagrams on loopback."""

import contextlib
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from message_server import DEADLINE
from pymavlink.dialects.v20 import common as dialect

from connectors import mavlink_udp
from connectors.mavlink import Heard, Noise, Packet
from connectors.mavlink_udp import MavlinkUdpSource, PortInUse


def free_ports(count: int) -> tuple[int, ...]:
    with contextlib.ExitStack() as stack:
        found = []
        for _ in range(count):
            sock = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            sock.bind(("127.0.0.1", 0))
            found.append(sock.getsockname()[1])
        return tuple(found)


@contextlib.contextmanager
def listening(*ports: int, host: str = "127.0.0.1", **more: Any) -> Iterator[Any]:
    source = MavlinkUdpSource(host, ports, "test", **more)
    (name,) = source.list_parts()
    part = source.build_part("in", name, None)
    try:
        yield part
    finally:
        part.close()


@pytest.fixture
def peers() -> Iterator[list[socket.socket]]:
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(3)
        ]


def heard(part: Any, count: int) -> list[Heard]:
    found: list[Heard] = []
    deadline = time.monotonic() + DEADLINE
    while len(found) < count:
        assert time.monotonic() < deadline, f"only {len(found)} were heard"
        found.extend(part.next_batch())
    return found


def beat(system: int, sequence: int) -> bytes:
    mavlink = dialect.MAVLink(None, system, 1)
    mavlink.seq = sequence
    return bytes(mavlink.heartbeat_encode(2, 3, 81, 4, 4).pack(mavlink))


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
    monkeypatch.setattr(mavlink_udp, "MOST_PEERS", 5)
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
        assert len(part._links[0]._framers) == 5


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
        assert before < awake <= datetime.now(UTC) + mavlink_udp.GATHER
        for sequence in range(5):
            peers[0].sendto(beat(1, sequence), ("127.0.0.1", port))
        assert len(part.next_batch()) == 3
        assert part.next_awake() is None
        assert len(part.next_batch()) == 2
        assert part.next_awake() is not None
        assert part.snapshot() is None
