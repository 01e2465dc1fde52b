"""Vehicles on every kind of link reach a whole deployment, with and without a signature."""

import hashlib
import os
import pty
import socket
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import pytest
from deployed import deployment, until
from deployment import Observed
from free import free_port
from prometheus_client.parser import text_string_to_metric_families
from pymavlink import mavutil
from pymavlink.dialects.v20 import all as dialect

from connectors.metrics import render

HOST = "127.0.0.1"
KEY = hashlib.sha256(b"shared by the fleet").digest()
SECONDS = 60.0
DATAGRAM = socket.SOCK_DGRAM


class Vehicle:
    """A vehicle that beats for as long as the block lasts, by whatever takes its bytes."""

    def __init__(self, send, key: bytes | None = None) -> None:
        self._send = send
        self._mavlink = dialect.MAVLink(None, 1, 1)
        if key:
            # As pymavlink sets it up: by the clock of today.
            peer = mavutil.mavudp(f"{HOST}:9", input=False)
            peer.mav = self._mavlink
            peer.setup_signing(key)
            peer.close()
        self._stop = threading.Event()
        self._beating = threading.Thread(target=self._beat, daemon=True)

    def _beat(self) -> None:
        while not self._stop.wait(0.1):
            message = self._mavlink.heartbeat_encode(2, 3, 81, 4, 4)
            self._mavlink.seq = (self._mavlink.seq + 1) % 256
            with suppress(OSError):
                self._send(bytes(message.pack(self._mavlink)))

    def __enter__(self) -> Self:
        self._beating.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._beating.join()


class Radio:
    """A serial device under a name that stays, plugged in for as long as the block lasts."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        self._radio, self._device = pty.openpty()
        tty.setraw(self._device)
        self._path.symlink_to(os.ttyname(self._device))
        return self

    def send(self, data: bytes) -> None:
        os.write(self._radio, data)

    def __exit__(self, *_: object) -> None:
        self._path.unlink()
        os.close(self._radio)
        os.close(self._device)


class Links(Observed):
    """A deployment that listens to one link of each kind."""

    def figure(self, name: str, link: str) -> float:
        """A figure of a link, as Prometheus reads it; -1 where there is none."""
        page = render(self.data / "run").decode()
        for family in text_string_to_metric_families(page):
            for sample in family.samples:
                if sample.name == name and sample.labels.get("link") == link:
                    return sample.value
        return -1.0

    def named(self, entity: str) -> str:
        listed = self.environment["MAVLINK_LINKS"].split(",")
        name = next(each.partition("=")[0] for each in listed if each.endswith(f"={entity}"))
        return name.removesuffix(":57600")

    def port(self, entity: str) -> int:
        return int(self.named(entity).rpartition(":")[2])

    def is_up(self, entity: str) -> bool:
        return self.figure("overwatch_link_up", self.named(entity)) == 1


@pytest.fixture(scope="module")
def links(tmp_path_factory) -> Iterator[Links]:
    folder = tmp_path_factory.mktemp("links")
    key = folder / "mavlink.key"
    key.write_text(KEY.hex())
    key.chmod(0o600)
    listed = (
        f"udp:{HOST}:{free_port()}=signing",
        f"udpout:{HOST}:{free_port()}=called",
        f"tcp:{HOST}:{free_port()}=serving",
        f"tcpin:{HOST}:{free_port()}=calling",
        f"serial:{folder / 'ttyUSB0'}:57600=plugged",
    )
    more = {
        "MAVLINK_LINKS": ",".join(listed),
        "MAVLINK_SIGNING": "accept",
        "MAVLINK_SIGNING_KEY_FILE": "mavlink.key",  # From where the command is run.
        "OVERWATCH_SNAPSHOT_SECONDS": "1",
    }
    with deployment(folder, **more) as running:
        yield Links(**vars(running))


@contextmanager
def flying(send, key: bytes | None = None) -> Iterator[None]:
    with Vehicle(send, key):
        yield


def known(links: Links, entity: str) -> None:
    """The link comes up and brings something, and the entity is in the registry."""
    link = links.named(entity)
    before = links.figure("overwatch_link_packets_total", link)
    until(lambda: links.is_up(entity), SECONDS)
    until(lambda: links.figure("overwatch_link_packets_total", link) > before, SECONDS)
    until(lambda: entity in links.registry(), SECONDS)
    assert links.figure("overwatch_link_bytes_total", link) > 20


def test_links_whose_other_end_is_missing_are_down_and_all_is_well(links) -> None:
    """They listen, or they wait; nobody is bothered with it twice."""
    until(lambda: links.figure("overwatch_link_since_seconds", links.named("called")) > 0, SECONDS)
    up = {each: links.is_up(each) for each in ("signing", "called", "serving", "calling")}
    assert up == {"signing": True, "called": False, "serving": False, "calling": True}
    assert not links.is_up("plugged")
    assert links.healthy()
    log = (links.data / "logs" / "relay.log").read_text()
    assert log.count(f"The link {links.named('serving')} is down: Connection refused.") == 1
    assert log.count(f"The link {links.named('plugged')} is down: No such file or directory.") == 1


def test_a_peer_that_is_called_is_heard(links) -> None:
    """It answers to where our heartbeat came from."""
    with socket.socket(type=DATAGRAM) as peer:
        peer.bind((HOST, links.port("called")))
        peer.settimeout(SECONDS)
        _, caller = peer.recvfrom(300)
        with flying(lambda data: peer.sendto(data, caller)):
            known(links, "called")


def test_a_peer_that_serves_is_heard_and_again_after_it_was_gone(links) -> None:
    """The relay goes on all the while."""
    relay = links.parts()["relay"]["pid"]
    for _ in range(2):
        with socket.create_server((HOST, links.port("serving"))) as listener:
            listener.settimeout(SECONDS)
            with listener.accept()[0] as peer, flying(peer.sendall):
                known(links, "serving")
        until(lambda: not links.is_up("serving"), SECONDS)
    assert links.parts()["relay"]["pid"] == relay


def test_a_client_that_calls_is_heard_beside_one_that_talks_rubbish(links) -> None:
    """Each has a framer of its own."""
    where = (HOST, links.port("calling"))
    with socket.create_connection(where) as client, socket.create_connection(where) as other:
        with flying(lambda _: other.sendall(b"GET / HTTP/1.1\r\n\r\n")), flying(client.sendall):
            known(links, "calling")
            until(
                lambda: links.figure("overwatch_link_noise_total", links.named("calling")) > 0,
                SECONDS,
            )
        assert links.figure("overwatch_link_peers", links.named("calling")) == 2


def test_a_radio_is_heard_whenever_it_is_plugged_in(links) -> None:
    """Under the name that its device has."""
    path = Path(links.named("plugged").removeprefix("serial:"))
    for _ in range(2):
        with Radio(path) as radio, flying(radio.send):
            known(links, "plugged")
        until(lambda: not links.is_up("plugged"), SECONDS)


def test_a_vehicle_that_signs_is_heard_and_a_forger_is_not(links) -> None:
    """Of the forger there is a figure and one refusal, which says no secret."""
    link = links.named("signing")
    with socket.socket(type=DATAGRAM) as sender:
        sender.connect((HOST, links.port("signing")))
        with flying(sender.send, hashlib.sha256(b"guessed").digest()):
            until(lambda: links.figure("overwatch_bad_signatures_total", link) > 20, SECONDS)
        assert "signing" not in links.registry()
        assert links.figure("overwatch_link_packets_total", link) == 0
        with flying(sender.send, KEY):
            known(links, "signing")

    def refusals() -> list[dict]:
        return [each for each in links.rejections() if each["step"] == "signature"]

    until(refusals, SECONDS)
    assert [each["reason"] for each in refusals()] == [
        "a frame's signature is wrong, old or made with another key"
    ]
    said = b"".join(each.read_bytes() for each in (links.data / "logs").iterdir())
    assert KEY not in said
    assert KEY.hex().encode() not in said
