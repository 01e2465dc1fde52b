"""Receivers are heard over real sockets on loopback."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from free import free_port
from message_server import DEADLINE
from on_air import EVEN, EVER_DIADEM, KLM1023, MOORED, avr, beast, class_a

from connectors import reopened
from connectors.metrics import counter, gauge
from connectors.ports import PortInUse
from connectors.receivers import ais, link, wires
from connectors.receivers.heard import Heard, Noise, Skipped, Spoken
from connectors.receivers.link import Receiver
from connectors.receivers.source import ReceiverSource


@contextlib.contextmanager
def hearing(*receivers: Receiver, **more: Any) -> Iterator[Any]:
    reading = ReceiverSource(receivers, "test", **more)
    (name,) = reading.list_parts()
    part = reading.build_part("in", name, None)
    try:
        yield part
    finally:
        part.close()


def receiver(system: str, transport: str, port: int, form: str = "", host: str = "127.0.0.1"):
    name = f"{transport}:{host}:{port}"
    return Receiver(system, transport, host, port, form, name, f"{system}_RECEIVERS")


def heard(part: Any, count: int) -> list[Heard]:
    found: list[Heard] = []
    deadline = time.monotonic() + DEADLINE
    while len(found) < count:
        assert time.monotonic() < deadline, f"only {found} was heard"
        found.extend(part.next_batch())
    return found


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), DEADLINE)


@contextlib.contextmanager
def serving(port: int = 0) -> Iterator[socket.socket]:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        listener.settimeout(0.05)
        yield listener


def accepted(listener: socket.socket, part: Any) -> socket.socket:
    """Who connects while the source is asked, as Bytewax asks it."""
    deadline = time.monotonic() + DEADLINE
    while True:
        assert time.monotonic() < deadline, "nobody connected"
        part.next_batch()
        with contextlib.suppress(TimeoutError):
            return listener.accept()[0]


def test_datagrams_are_heard_with_their_receiver_and_time() -> None:
    """A sentence needs no end of line there, and a message may stand in two datagrams."""
    port = free_port()
    with (
        hearing(receiver("AIS", "udp", port), clock=lambda: 1000) as part,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        for data in (MOORED, *EVER_DIADEM, b""):
            sender.sendto(data, ("127.0.0.1", port))
        first, second = heard(part, 2)

    assert isinstance(first, Spoken)
    assert (first.system, first.number, first.heard_us) == ("AIS", 477553000, 1000)
    assert first.link == f"udp:127.0.0.1:{port}"
    assert second.number == 351759000
    assert first.origin != second.origin


def test_parts_of_two_senders_are_not_put_together() -> None:
    """Though they have the same number."""
    port = free_port()
    with hearing(receiver("AIS", "udp", port)) as part, contextlib.ExitStack() as stack:
        for data in EVER_DIADEM:
            sender = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            sender.sendto(data, ("127.0.0.1", port))
        (noise,) = heard(part, 1)

    assert isinstance(noise, Noise)
    assert noise.reason == ais.INCOMPLETE


def test_clients_are_heard_each_for_itself() -> None:
    """What one sends in pieces is not mixed with another's."""
    port = free_port()
    with (
        hearing(receiver("ADSB", "tcpin", port)) as part,
        connected(port) as one,
        connected(port) as other,
    ):
        one.sendall(beast(bytes.fromhex(EVEN))[:9])
        other.sendall(avr(bytes.fromhex(KLM1023)))
        (first,) = heard(part, 1)
        one.sendall(beast(bytes.fromhex(EVEN))[9:])
        (second,) = heard(part, 1)

    assert (first.number, second.number) == (0x4840D6, 0x40621D)


def test_of_many_clients_the_longest_silent_is_shown_the_door(monkeypatch) -> None:
    """And one that speaks is not."""
    monkeypatch.setattr(wires, "MOST_CLIENTS", 3)
    port = free_port()
    with hearing(receiver("ADSB", "tcpin", port)) as part, contextlib.ExitStack() as stack:
        speaker = stack.enter_context(connected(port))
        others = []
        for _ in range(6):
            others.append(stack.enter_context(connected(port)))
            speaker.sendall(avr(bytes.fromhex(EVEN)))
            heard(part, 1)
        assert others[0].recv(1) == b""
        assert len(part._links[0]._wire._clients) == 3


def test_a_receiver_is_connected_to_again_when_it_has_gone(monkeypatch) -> None:
    """Before it is there at all, and after it was; what it had begun does not go on."""
    monkeypatch.setattr(reopened, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(reopened, "LONGEST_PAUSE_SECONDS", 0.05)
    port = free_port()
    with hearing(receiver("ADSB", "tcp", port, "beast")) as part:
        for _ in range(20):
            assert part.next_batch() == []
        with serving(port) as listener:
            with accepted(listener, part) as client:
                client.sendall(beast(bytes.fromhex(EVEN)) + beast(bytes.fromhex(KLM1023))[:9])
                (first,) = heard(part, 1)
            with accepted(listener, part) as client:
                client.sendall(beast(bytes.fromhex(KLM1023)))
                (second,) = heard(part, 1)

    assert (first.number, second.number) == (0x40621D, 0x4840D6)


def test_ships_and_aircraft_are_heard_at_once() -> None:
    """Each by its own receiver."""
    ships, aircraft = free_port(), free_port()
    with (
        hearing(
            receiver("AIS", "tcpin", ships, "nmea"), receiver("ADSB", "tcpin", aircraft)
        ) as part,
        connected(ships) as one,
        connected(aircraft) as other,
    ):
        one.sendall(MOORED + b"\n")
        other.sendall(beast(bytes.fromhex(EVEN)))
        found = heard(part, 2)

    assert {(each.system, each.number) for each in found} == {
        ("AIS", 477553000),
        ("ADSB", 0x40621D),
    }


def test_a_flood_of_noise_is_one_item_for_each_reason() -> None:
    """With how much of it there was; what is unharmed in it is heard."""
    port = free_port()
    harmed = MOORED.replace(b"177K", b"177L")
    with (
        hearing(receiver("AIS", "udp", port)) as part,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        flood = b"\n".join([b"junk", harmed] * 400 + [MOORED, b"$IIMWV,271.0,R,000.2,N,A*3B"])
        sender.sendto(flood, ("127.0.0.1", port))
        found = heard(part, 4)

    noises = {each.reason: each.count for each in found if isinstance(each, Noise)}
    assert noises == {ais.NOT_NMEA: 400, ais.CHECKSUM: 400}
    assert all(len(each.data) <= 64 for each in found if isinstance(each, Noise))
    assert [each.number for each in found if isinstance(each, Spoken)] == [477553000]
    assert [each.count for each in found if isinstance(each, Skipped)] == [1]


def test_anybody_may_send_and_memory_stays_bounded(monkeypatch) -> None:
    """Of many senders the longest silent is forgotten."""
    monkeypatch.setattr(link, "MOST_PEERS", 5)
    port = free_port()
    with hearing(receiver("AIS", "udp", port)) as part, contextlib.ExitStack() as stack:
        for number in range(20):
            sender = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            sender.sendto(class_a(227006760 + number), ("127.0.0.1", port))
            heard(part, 1)
        assert len(part._links[0]._readers) == 5


@pytest.mark.parametrize("transport", ["udp", "tcpin"])
def test_a_port_that_is_taken_is_named_with_what_to_do(transport) -> None:
    """By the setting that names it."""
    port, kind = free_port(), {"udp": "UDP", "tcpin": "TCP"}[transport]
    taken = receiver("AIS", transport, port)
    with (
        hearing(taken),
        pytest.raises(PortInUse, match=rf"{kind} port {port} on 127.0.0.1 .*set AIS_RECEIVERS"),
        hearing(taken),
    ):
        pass


def test_a_host_that_is_no_address_is_named() -> None:
    """One whose name can be nobody's."""
    with (
        pytest.raises(PortInUse, match=r"ADSB_RECEIVERS names nowhere\.invalid"),
        hearing(receiver("ADSB", "udp", free_port(), host="nowhere.invalid")),
    ):
        pass


def test_one_that_says_much_does_not_hold_up_the_flow() -> None:
    """What is more than a batch waits for the next one, and none of it is lost."""
    port = free_port()
    whole = avr(bytes.fromhex(EVEN)) * 30_000
    with hearing(receiver("ADSB", "tcpin", port)) as part, connected(port) as client:
        sender = threading.Thread(target=client.sendall, args=(whole,), daemon=True)
        sender.start()
        batches = []
        deadline = time.monotonic() + 4 * DEADLINE
        while sum(batches) < 30_000:
            assert time.monotonic() < deadline, sum(batches)
            batches.append(len(part.next_batch()))
        sender.join()

    assert sum(batches) == 30_000
    assert max(batches) <= 2 * wires.MOST_BYTES / len(avr(bytes.fromhex(EVEN)))


def test_a_link_shows_whether_it_is_up_and_what_it_brings(monkeypatch) -> None:
    """As the links of vehicles do."""
    monkeypatch.setattr(reopened, "FIRST_PAUSE_SECONDS", 0.01)
    port = free_port()
    name = f"tcp:127.0.0.1:{port}"

    def figure(of: Any, kind: str) -> float:
        return of(f"overwatch_link_{kind}", "test", name)._value.get()

    with hearing(receiver("AIS", "tcp", port)) as part:
        part.next_batch()
        assert figure(gauge, "up") == 0
        with serving(port) as listener, accepted(listener, part) as client:
            client.sendall(MOORED + b"\njunk\n")
            heard(part, 2)
            assert figure(gauge, "up") == 1
            assert figure(counter, "bytes_total") == len(MOORED) + 6
            assert figure(counter, "packets_total") == 1
        deadline = time.monotonic() + DEADLINE
        while figure(gauge, "up"):
            assert time.monotonic() < deadline
            part.next_batch()


def test_nothing_of_a_wire_is_kept_for_a_restart() -> None:
    """What is said meanwhile is gone."""
    with hearing(receiver("AIS", "udp", free_port())) as part:
        assert part.next_batch() == []
        assert part.snapshot() is None
        assert part.next_awake() is not None
