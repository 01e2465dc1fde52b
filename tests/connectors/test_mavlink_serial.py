"""Vehicles are heard over a serial device: a terminal of the system's, and a null modem."""

import contextlib
import os
import pty
import threading
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest
import serial
from mavlink_peers import beat, figure, hear_until, heard, listening
from pymavlink import mavutil

from connectors import reopened
from connectors.mavlink import Noise, Packet
from connectors.mavlink_links import Link

BAUD = 57_600


@pytest.fixture(autouse=True)
def _soon(monkeypatch) -> None:
    monkeypatch.setattr(reopened, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(reopened, "LONGEST_PAUSE_SECONDS", 0.05)


class Plugged:
    """A device that is there for as long as the block lasts, under a name that stays."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        self.radio, self._device = pty.openpty()
        tty.setraw(self._device)
        self._path.symlink_to(os.ttyname(self._device))
        return self

    def send(self, data: bytes) -> None:
        os.write(self.radio, data)

    def __exit__(self, *_: object) -> None:
        self._path.unlink()
        os.close(self.radio)
        os.close(self._device)


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "ttyUSB0"


def link(path: Path) -> Link:
    return Link(f"serial:{path}", "serial", str(path), BAUD)


def up(path: Path) -> float:
    return figure("overwatch_link_up", "test", f"serial:{path}")


def test_a_device_is_heard(path) -> None:
    """In bytes that are cut anywhere, and with noise among them as radios have it."""
    with Plugged(path) as plugged, listening(link(path)) as part:
        hear_until(part, lambda: up(path))
        plugged.send(b"\x00\xff\x00" + beat(1, 5)[:8])
        plugged.send(beat(1, 5)[8:])
        noise, packet = heard(part, 2)

    assert (type(noise), noise.count) == (Noise, 3)
    assert (packet.name, packet.sequence, packet.link) == ("HEARTBEAT", 5, f"serial:{path}")


def test_a_device_that_is_missing_comes_and_goes(path, capsys) -> None:
    """That it is missing is said once each time; it is heard whenever it is there."""
    with listening(link(path)) as part:
        hear_until(part, lambda: "is down: No such file" in capsys.readouterr().out)
        for sequence in range(3):
            with Plugged(path) as plugged:
                hear_until(part, lambda: up(path))
                # The rest of what was cut off is not waited for.
                plugged.send(beat(1, sequence) + beat(1)[:6])
                (packet,) = heard(part, 1)
            assert packet.sequence == sequence
            hear_until(part, lambda: not up(path))
            for _ in range(200):
                part.next_batch()
    said = capsys.readouterr().out
    assert said.count("is up: the device is open at 57600 baud.") == 3
    assert said.count(f"The link serial:{path} is down: ") == 3


def test_a_device_that_another_program_has_is_not_shared(path, capsys) -> None:
    """Each would get half of the bytes; it is ours as soon as the other has let go."""
    with Plugged(path) as plugged, listening(link(path)) as part:
        hear_until(part, lambda: up(path))
        with pytest.raises(serial.SerialException):
            serial.Serial(str(path), BAUD, exclusive=True)
        part.close()
        with serial.Serial(str(path), BAUD, exclusive=True), listening(link(path)) as again:
            capsys.readouterr()
            hear_until(again, lambda: "is down" in capsys.readouterr().out)
        with listening(link(path)) as again:
            hear_until(again, lambda: up(path))
            plugged.send(beat(1))
            heard(again, 1)


@pytest.mark.parametrize("content", [None, b"no terminal"])
def test_what_is_no_device_is_a_link_that_is_down(tmp_path, content, capsys) -> None:
    """A folder or a file, say."""
    if content is not None:
        (tmp_path / "file").write_bytes(content)
    place = tmp_path if content is None else tmp_path / "file"
    with listening(link(place)) as part:
        hear_until(part, lambda: f"The link serial:{place} is down: " in capsys.readouterr().out)


@contextlib.contextmanager
def null_modem(one: int, other: int) -> Iterator[None]:
    """What the one side sends, the other gets."""
    stop = threading.Event()
    os.set_blocking(one, False)

    def carry() -> None:
        while not stop.wait(0.001):
            with contextlib.suppress(BlockingIOError):
                os.write(other, os.read(one, 4096))

    carrying = threading.Thread(target=carry)
    carrying.start()
    try:
        yield
    finally:
        stop.set()
        carrying.join()


def test_a_vehicle_of_pymavlink_at_the_other_end_is_heard(path, tmp_path) -> None:
    """It has a serial device of its own, and numbers its messages."""
    theirs_path = tmp_path / "ttyTHS1"
    with (
        Plugged(path) as ours,
        Plugged(theirs_path) as far,
        null_modem(far.radio, ours.radio),
        listening(link(path)) as part,
        contextlib.closing(
            mavutil.mavserial(str(theirs_path), baud=BAUD, source_system=5)
        ) as theirs,
    ):
        hear_until(part, lambda: up(path))
        for _ in range(50):
            theirs.mav.attitude_send(1, 0.1, 0.2, 0.3, 0, 0, 0)
        found = heard(part, 50)

    assert all(type(each) is Packet for each in found)
    assert [(each.name, each.system_id, each.sequence) for each in found] == [
        ("ATTITUDE", 5, number) for number in range(50)
    ]


def test_bauds_that_a_device_cannot_do_are_a_link_that_is_down(path, capsys) -> None:
    """Its driver says so in its own way, and the others are heard all the same."""
    wrong = Link("serial:wrong", "serial", str(path), -1)
    with Plugged(path) as plugged, listening(wrong, link(path)) as part:
        hear_until(part, lambda: "wrong is down: Not a valid baudrate" in capsys.readouterr().out)
        hear_until(part, lambda: up(path))
        plugged.send(beat(1))
        heard(part, 1)
