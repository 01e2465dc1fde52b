"""Simulated vehicles, and a ground that listens."""

import socket

import pytest
from pymavlink.dialects.v20 import common as mavlink

from connectors.simulator.fleet import ROWS
from connectors.simulator.state import vehicle


@pytest.fixture(scope="session", params=ROWS, ids=[row.name for row in ROWS])
def flown(request):
    """Each vehicle of the table."""
    return vehicle(request.param, seed=7)


@pytest.fixture(scope="session")
def cycle():
    """A whole flight and a bit as states, one every so many seconds."""

    def states(flown, step=1.0):
        count = int(1.1 * flown.flight.period / step)
        return [flown.at(number * step) for number in range(count)]

    return states


@pytest.fixture
def ground():
    """A UDP socket on loopback, with room for some seconds of a fleet."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(10)
        yield listener


@pytest.fixture
def decode():
    """Bytes as messages, by a parser that refuses what does not check out."""

    def parse(data):
        return mavlink.MAVLink(None).parse_buffer(data) or []

    return parse


@pytest.fixture
def waiting():
    """The datagrams that have already come to a socket."""

    def read(listener):
        listener.setblocking(False)
        datagrams = []
        while True:
            try:
                datagrams.append(listener.recv(65_535))
            except BlockingIOError:
                return datagrams

    return read
