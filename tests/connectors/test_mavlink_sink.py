"""Vehicles are answered by the link and the peer by which they were heard."""

import contextlib
import os
import pty
import socket
import tty
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from free import free_port
from mavlink_peers import HOST, beat, figure, hear_until, heard
from message_server import DEADLINE
from pymavlink.dialects.v20 import all as dialect

from connectors.mavlink_lines import Lines
from connectors.mavlink_links import Link, MavlinkSource
from connectors.mavlink_receiver import Listener
from connectors.mavlink_sink import MavlinkSink, Sending
from connectors.mavlink_voice import Voice

BEAT = {
    "type": 6, "autopilot": 8, "base_mode": 0, "custom_mode": 0, "system_status": 4,
    "mavlink_version": 3,
}  # fmt: skip
LONG = {"command": 400, "confirmation": 0, **{f"param{n}": 0.0 for n in range(1, 8)}}


class Ends:
    """Both ends of some links: who hears, and who sends."""

    def __init__(self, folder: Path, *links: Link) -> None:
        lines = Lines()
        listener = Listener("test")
        source = MavlinkSource(links, listener, lines)
        sink = MavlinkSink(lines, Voice(255, 190, None, listener.clock), folder / "s.db", "test")
        self.heard = source.build_part("in", *source.list_parts(), None)
        self.sent = sink.build_part("out", *sink.list_parts(), None)

    def send(self, link: Link, name: str = "COMMAND_LONG", system: int = 1, **more: Any) -> None:
        fields = {"COMMAND_LONG": LONG, "HEARTBEAT": BEAT}.get(name, {})
        self.sent.write_batch([Sending(link.name, system, 1, name, fields, **more)])

    def close(self) -> None:
        self.sent.close()
        self.heard.close()


@pytest.fixture
def ends(tmp_path: Path) -> Iterator[Callable[..., Ends]]:
    with contextlib.ExitStack() as stack:

        def opened(*links: Link) -> Ends:
            both = Ends(tmp_path, *links)
            stack.callback(both.close)
            return both

        yield opened


def udp() -> Link:
    port = free_port()
    return Link(f"udp:{port}", "udp", HOST, port)


def peer(link: Link, kind: socket.SocketKind = socket.SOCK_DGRAM) -> socket.socket:
    """One that was connected to a link; it waits for what comes, but not for ever."""
    opened = socket.socket(socket.AF_INET, kind)
    opened.settimeout(DEADLINE)
    opened.connect((HOST, link.number))
    return opened


def names(data: bytes) -> list[str]:
    return [each.get_type() for each in dialect.MAVLink(None).parse_buffer(data) or ()]


def test_of_two_peers_of_a_port_each_is_answered_itself(ends):
    """By the system that it speaks for; the newest counts."""
    link = udp()
    both = ends(link)
    with peer(link) as one, peer(link) as other:
        one.send(beat(1))
        other.send(beat(2))
        heard(both.heard, 2)
        both.send(link, system=2)
        assert names(other.recv(300)) == ["COMMAND_LONG"]
        both.send(link, system=1)
        assert names(one.recv(300)) == ["COMMAND_LONG"]

        other.send(beat(1))
        heard(both.heard, 1)
        both.send(link, system=1)
        assert names(other.recv(300)) == ["COMMAND_LONG"]


def test_a_peer_that_waits_to_be_spoken_to_is_answered(ends):
    """Beside the beat that keeps it speaking."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waiting:
        waiting.bind((HOST, 0))
        waiting.settimeout(DEADLINE)
        port = waiting.getsockname()[1]
        link = Link(f"udpout:{port}", "udpout", HOST, port)
        both = ends(link)
        calling: list[Any] = []

        def called() -> bool:
            with contextlib.suppress(BlockingIOError):
                waiting.setblocking(False)
                calling.append(waiting.recvfrom(300)[1])
            return bool(calling)

        hear_until(both.heard, called)
        waiting.setblocking(True)
        waiting.settimeout(DEADLINE)
        waiting.sendto(beat(1), calling[0])
        heard(both.heard, 1)
        both.send(link)
        received = []
        while "COMMAND_LONG" not in received:
            received += names(waiting.recv(300))


def test_a_port_of_connections_answers_by_the_connection(ends):
    """And not by one that has gone."""
    port = free_port()
    link = Link(f"tcpin:{port}", "tcpin", HOST, port)
    both = ends(link)
    with peer(link, socket.SOCK_STREAM) as one, peer(link, socket.SOCK_STREAM) as other:
        one.sendall(beat(1))
        other.sendall(beat(2))
        heard(both.heard, 2)
        both.send(link, system=2)
        assert names(other.recv(300)) == ["COMMAND_LONG"]
        both.send(link, system=1)
        assert names(one.recv(300)) == ["COMMAND_LONG"]
    before = figure("overwatch_unsent_total", "test", link.name)
    hear_until(both.heard, lambda: figure("overwatch_link_peers", "test", link.name) == 0)
    both.send(link)

    assert figure("overwatch_unsent_total", "test", link.name) == before + 1


def test_a_connection_of_ours_is_answered_by(ends):
    """Once it is there."""
    with socket.socket() as listening:
        listening.bind((HOST, 0))
        listening.listen()
        port = listening.getsockname()[1]
        link = Link(f"tcp:{port}", "tcp", HOST, port)
        both = ends(link)
        hear_until(both.heard, lambda: figure("overwatch_link_up", "test", link.name))
        vehicle, _ = listening.accept()
        with vehicle:
            vehicle.settimeout(DEADLINE)
            vehicle.sendall(beat(1))
            heard(both.heard, 1)
            both.send(link)
            assert names(vehicle.recv(300)) == ["COMMAND_LONG"]


def test_a_serial_device_is_written_to(ends):
    """And one that is full holds nobody up."""
    radio, device = pty.openpty()
    tty.setraw(device)
    link = Link("serial:radio", "serial", os.ttyname(device), 57_600)
    both = ends(link)
    hear_until(both.heard, lambda: figure("overwatch_link_up", "test", link.name))
    os.write(radio, beat(1))
    heard(both.heard, 1)
    both.send(link)
    assert names(os.read(radio, 300)) == ["COMMAND_LONG"]

    before = figure("overwatch_unsent_total", "test", link.name)
    for _ in range(3000):
        both.send(link)
    assert figure("overwatch_unsent_total", "test", link.name) > before
    os.close(radio)
    os.close(device)


def test_who_was_not_heard_is_not_sent_to(ends):
    """Nor by a link that there is not, nor what is no message: it is counted."""
    link = udp()
    both = ends(link)
    with peer(link) as one:
        one.send(beat(1))
        heard(both.heard, 1)
        before = figure("overwatch_unsent_total", "test", link.name)
        both.send(link, system=9)
        both.send(link, "NONSENSE")
        both.send(Link("udp:1", "udp", HOST, 1))

    assert figure("overwatch_unsent_total", "test", link.name) == before + 2


def test_what_is_to_be_sent_once_is_not_sent_when_it_is_on_record(ends):
    """Also by whoever opens the record next."""
    link = udp()
    both = ends(link)
    with peer(link) as one:
        one.send(beat(1))
        heard(both.heard, 1)
        both.send(link, sending_id="c1:1", once=True)
        both.send(link, sending_id="c1:1", once=True)
        both.send(link, sending_id="c2:1")
        both.send(link, sending_id="c2:1")
        both.send(link, "HEARTBEAT")

        received = []
        while "HEARTBEAT" not in received:
            received += names(one.recv(300))
    assert received == 3 * ["COMMAND_LONG"] + ["HEARTBEAT"]


def test_behind_one_peer_all_hear_us_once_a_second(ends):
    """However many systems are there."""
    link = udp()
    both = ends(link)
    with peer(link) as one:
        one.send(beat(1) + beat(2) + beat(3))
        heard(both.heard, 3)
        for system in (1, 2, 3):
            both.send(link, "HEARTBEAT", system)
        both.send(link)

        received = []
        while "COMMAND_LONG" not in received:
            received += names(one.recv(300))
    assert received == ["HEARTBEAT", "COMMAND_LONG"]


def test_when_nobody_listens_any_more_nothing_is_sent(ends):
    """The sockets are the source's."""
    link = udp()
    both = ends(link)
    with peer(link) as one:
        one.send(beat(1))
        heard(both.heard, 1)
        both.heard.close()
        before = figure("overwatch_unsent_total", "test", link.name)
        both.send(link)

    assert figure("overwatch_unsent_total", "test", link.name) == before + 1
