"""The figures of a link are what it has brought, and each change of its state is one sentence."""

import time

import pytest
from free import free_ports
from mavlink_peers import HOST, beat, figure, hear_until, heard, listening
from pymavlink.dialects.v20 import all as dialect

from connectors.link_meter import LinkMeter
from connectors.mavlink_links import Link
from connectors.metrics import COUNTERS, GAUGES


def test_what_a_link_brings_is_counted(peer_socket) -> None:
    """Messages, bytes and noise, each link for itself."""
    first, second = free_ports(2)
    links = [Link(f"udp:{name}", "udp", HOST, port) for name, port in (("a", first), ("b", second))]
    mavlink = dialect.MAVLink(None, 1, 1)
    attitude = bytes(mavlink.attitude_encode(1, 0.1, 0, 0, 0, 0, 0).pack(mavlink))
    sent = [beat(1), attitude, b"noise", beat(1) + b"??" + attitude]
    with listening(*links, flow="figures") as part:
        for datagram in sent:
            peer_socket.sendto(datagram, (HOST, first))
        heard(part, 6)

    def shown(name: str, link: str) -> float:
        return figure(f"overwatch_link_{name}", "figures", link)

    assert shown("packets_total", "udp:a") == 4
    assert shown("noise_total", "udp:a") == 2
    assert shown("bytes_total", "udp:a") == sum(map(len, sent))
    assert shown("peers", "udp:a") == shown("up", "udp:a") == shown("up", "udp:b") == 1
    for name in ("packets_total", "noise_total", "bytes_total", "peers"):
        assert shown(name, "udp:b") == 0


@pytest.fixture
def peer_socket():
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        yield peer


def test_a_change_is_said_once_and_dated(capsys) -> None:
    """However often it is found to be so."""
    meter = LinkMeter("states", "tcp:h:1")
    since = []
    before = time.time()
    for turn in (meter.down, meter.down, meter.up, meter.up, meter.down):
        turn("because")
        since.append(figure("overwatch_link_since_seconds", "states", "tcp:h:1"))
    said = [line.split("] ", 1)[1].split(". ")[0] for line in capsys.readouterr().out.splitlines()]

    assert [line.split(" is ")[1] for line in said] == [
        "down: because",
        "up: because",
        "down: because",
    ]
    assert before <= since[0] == since[1] <= since[2] == since[3] <= since[4] <= time.time()
    assert figure("overwatch_link_up", "states", "tcp:h:1") == 0


def test_a_link_that_is_not_there_yet_is_shown() -> None:
    """From the start, as down and with no peers."""
    link = Link("serial:/none", "serial", "/none", 57_600)
    with listening(link, flow="missing") as part:
        hear_until(part, lambda: figure("overwatch_link_since_seconds", "missing", link.name))
    assert figure("overwatch_link_up", "missing", link.name) == 0
    assert figure("overwatch_link_peers", "missing", link.name) == 0


def test_figures_of_links_have_no_label_but_flow_and_link() -> None:
    """Peers are anybody: labels of theirs would have no end."""
    ours = [row for name, row in (COUNTERS | GAUGES).items() if name.startswith("overwatch_link_")]
    assert len(ours) == 7
    assert {row.labels for row in ours} == {("flow", "link")}
