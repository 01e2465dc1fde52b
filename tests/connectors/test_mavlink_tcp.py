"""Vehicles are heard over real TCP connections, ours to them and theirs to us."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest
from free import free_port, free_ports
from mavlink_peers import HOST, beat, figure, hear_until, heard, listening
from pymavlink import mavutil

from connectors import mavlink_tcp, reopened
from connectors.mavlink import Noise, Packet
from connectors.mavlink_links import Link
from connectors.ports import PortInUse

STREAM = socket.SOCK_STREAM


@pytest.fixture(autouse=True)
def _soon(monkeypatch) -> None:
    monkeypatch.setattr(reopened, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(reopened, "LONGEST_PAUSE_SECONDS", 0.05)


@pytest.fixture
def port() -> int:
    return free_port()


def peer(port: int) -> Link:
    return Link(f"tcp:{port}", "tcp", HOST, port)


def server(port: int) -> Link:
    return Link(f"tcpin:{port}", "tcpin", HOST, port)


@contextlib.contextmanager
def waiting(port: int) -> Iterator[socket.socket]:
    with socket.create_server((HOST, port)) as listener:
        listener.settimeout(10)
        yield listener


@contextlib.contextmanager
def clients(port: int, count: int) -> Iterator[list[socket.socket]]:
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(socket.create_connection((HOST, port), 10)) for _ in range(count)
        ]


def up(link: Link) -> float:
    return figure("overwatch_link_up", "test", link.name)


def test_a_peer_is_connected_to_and_heard(port) -> None:
    """The server is that of pymavlink, in bytes that are cut anywhere."""
    link = peer(port)
    theirs: list[mavutil.mavtcpin] = []
    with listening(link) as part:
        accepting = threading.Thread(
            target=lambda: theirs.append(
                mavutil.mavlink_connection(f"tcpin:{HOST}:{port}", source_system=9)
            )
        )
        accepting.start()
        hear_until(part, lambda: not accepting.is_alive() and up(link))
        with contextlib.closing(theirs[0]):
            hear_until(part, lambda: theirs[0].recv(1) is not None and theirs[0].port)
            theirs[0].write(beat(9, 1)[:7])
            theirs[0].write(beat(9, 1)[7:] + b"noise" + beat(9, 2))
            found = heard(part, 3)

    assert [type(each) for each in found] == [Packet, Noise, Packet]
    assert {each.link for each in found} == {link.name}
    assert len({each.origin for each in found}) == 3


def test_a_peer_that_refuses_is_tried_again_and_told_of_once(port, capsys) -> None:
    """The others are heard meanwhile, and the peer once it is there."""
    (other,) = free_ports(1)
    link, beside = peer(port), Link("udp:beside", "udp", HOST, other)
    with listening(link, beside) as part, socket.socket(type=socket.SOCK_DGRAM) as vehicle:
        for sequence in range(20):
            vehicle.sendto(beat(1, sequence), (HOST, other))
            (packet,) = heard(part, 1)
            assert packet.link == "udp:beside"
        hear_until(part, lambda: "is down" in capsys.readouterr().out)
        with waiting(port) as listener:
            hear_until(part, lambda: up(link))
            with listener.accept()[0] as theirs:
                theirs.sendall(beat(9))
                (packet,) = heard(part, 1)

    assert packet.system_id == 9
    said = capsys.readouterr().out
    assert "is down" not in said
    assert said.count(f"The link {link.name} is up: connected.") == 1


def test_a_connection_that_ends_is_made_again(port) -> None:
    """However it ends; what was cut off is not put together with what comes next."""
    link = peer(port)
    with waiting(port) as listener, listening(link) as part:
        for sequence in range(3):
            hear_until(part, lambda: up(link))
            theirs, _ = listener.accept()
            theirs.sendall(beat(9, sequence) + beat(9)[:9])
            (packet,) = heard(part, 1)
            assert packet.sequence == sequence
            if sequence == 1:  # Not in good order, for once.
                linger = (1).to_bytes(4, "little") + bytes(4)
                theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            theirs.close()
            hear_until(part, lambda: not up(link))


def test_nobody_is_heard_by_way_of_oneself(port, monkeypatch, capsys) -> None:
    """Where nobody listens a socket can be connected to itself; that is no peer."""

    def alone(address, _seconds) -> socket.socket:
        both = socket.socket(socket.AF_INET, STREAM)
        both.bind(address)
        both.connect(address)
        return both

    monkeypatch.setattr(socket, "create_connection", alone)
    with listening(peer(port)) as part:
        hear_until(part, lambda: "is down: Connection refused" in capsys.readouterr().out)


def test_a_name_that_nobody_has_is_no_more_than_a_link_that_is_down(capsys) -> None:
    """It is looked up aside."""
    link = Link("tcp:nobody", "tcp", "nobody.invalid", 1)
    with listening(link) as part:
        hear_until(part, lambda: "The link tcp:nobody is down: " in capsys.readouterr().out)


def test_several_clients_are_heard_each_with_its_own_frames(port) -> None:
    """What one sends in pieces is not mixed with another's."""
    link = server(port)
    with listening(link) as part, clients(port, 3) as theirs:
        for piece in (slice(0, 5), slice(5, 9), slice(9, None)):
            for number, client in enumerate(theirs, 1):
                client.sendall(beat(number)[piece])
        found = heard(part, 3)
        assert figure("overwatch_link_peers", "test", link.name) == 3
        assert up(link) == 1

        assert {(each.name, each.system_id) for each in found} == {
            ("HEARTBEAT", number) for number in (1, 2, 3)
        }
        theirs[0].close()
        hear_until(part, lambda: figure("overwatch_link_peers", "test", link.name) == 2)


def test_a_client_of_pymavlink_is_heard(port) -> None:
    """Message by message, with the numbers it gave them."""
    with listening(server(port)) as part:
        theirs = mavutil.mavlink_connection(f"tcp:{HOST}:{port}", source_system=7, retries=1)
        with contextlib.closing(theirs):
            for _ in range(5):
                theirs.mav.attitude_send(1, 0.1, 0.2, 0.3, 0, 0, 0)
            found = heard(part, 5)

    assert [(each.name, each.system_id, each.sequence) for each in found] == [
        ("ATTITUDE", 7, number) for number in range(5)
    ]


def test_clients_that_flood_or_say_nothing_leave_others_their_turn(port) -> None:
    """Whatever lies before the others' doors, a beat comes through when all have had one turn."""
    at_once = mavlink_tcp.MOST_BYTES // mavlink_tcp.READ_BYTES
    count = 4 * at_once
    with listening(server(port)) as part, clients(port, count + 3) as theirs:
        hear_until(
            part, lambda: figure("overwatch_link_peers", "test", f"tcpin:{port}") == count + 3
        )
        for client in theirs[:count]:
            client.sendall(b"?" * 4 * mavlink_tcp.READ_BYTES)
        part.next_batch()
        assert part.next_awake() is None
        theirs[-1].sendall(beat(7))
        turns = 1
        while not any(isinstance(each, Packet) for each in part.next_batch()):
            turns += 1
            assert turns < 100

    assert turns <= count // at_once + 1


def test_a_client_too_many_costs_the_longest_silent_one_its_place(port, monkeypatch) -> None:
    """So that nobody can keep others out by doing nothing."""
    monkeypatch.setattr(mavlink_tcp, "MOST_CLIENTS", 2)
    link = server(port)
    with listening(link) as part, clients(port, 2) as (silent, speaking):
        hear_until(part, lambda: figure("overwatch_link_peers", "test", link.name) == 2)
        speaking.sendall(beat(1))
        heard(part, 1)
        with clients(port, 1) as (third,):
            third.sendall(beat(3))
            (packet,) = heard(part, 1)
            speaking.sendall(beat(1))
            heard(part, 1)
            assert packet.system_id == 3
            assert silent.recv(1) == b""
            assert figure("overwatch_link_peers", "test", link.name) == 2


def test_a_port_that_is_taken_is_named(port) -> None:
    """As on UDP."""
    with (
        waiting(port),
        pytest.raises(PortInUse, match=rf"TCP port {port} on 127.0.0.1 .* already in use\. Stop"),
        listening(server(port)),
    ):
        pass
