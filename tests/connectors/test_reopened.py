"""What may be away is opened again and again, without anybody waiting for it."""

import socket
import threading
import time
from itertools import pairwise

import pytest

from connectors import reopened
from connectors.reopened import Reopened, reason

DEADLINE = 10.0


class Thing:
    """Something that can be opened."""

    def __init__(self) -> None:
        self.closed = threading.Event()

    def close(self) -> None:
        self.closed.set()


def got(it: Reopened[Thing]) -> Thing:
    deadline = time.monotonic() + DEADLINE
    while (thing := it.get()) is None:
        assert time.monotonic() < deadline
    return thing


def test_pauses_grow_to_a_limit_until_it_has_worked(monkeypatch) -> None:
    """By a clock that is moved by hand: each attempt comes when it is due, and none before."""
    now = [100.0]
    monkeypatch.setattr(reopened.time, "monotonic", lambda: now[0])
    attempts, downs = [], []

    def opening() -> Thing:
        attempts.append(now[0])
        raise ConnectionRefusedError(111, "x")

    it = Reopened(opening, downs.append)
    for _ in range(8):
        before = len(downs)
        assert it.get() is None
        while len(downs) == before:
            assert it.get() is None
        for _ in range(5):
            assert it.get() is None
        assert len(attempts) == len(downs)
        now[0] += 10.0 if len(attempts) > 5 else 0.5 * 2 ** (len(attempts) - 1)

    apart = [later - earlier for earlier, later in pairwise(attempts)]
    assert apart == [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
    assert set(downs) == {"Connection refused"}
    it.proven()
    now[0] += 10
    while len(downs) < 9:
        it.get()
    now[0] += 0.5
    while len(downs) < 10:
        it.get()


def test_what_is_lost_is_closed_and_opened_anew() -> None:
    """With the reason told."""
    downs: list[str] = []
    it = Reopened(Thing, downs.append)
    first = got(it)
    assert it.get() is first
    it.lost("it broke")
    assert first.closed.is_set()
    assert downs == ["it broke"]
    assert got(it) is not first


@pytest.mark.parametrize("early", [True, False])
def test_what_is_opened_too_late_is_closed_all_the_same(early) -> None:
    """Nothing is left open when nobody wants it any more."""
    thing, allowed = Thing(), threading.Event()

    def opening() -> Thing:
        allowed.wait(DEADLINE)
        return thing

    it = Reopened(opening, lambda _: None)
    assert it.get() is None
    if early:
        allowed.set()
    it.close()
    allowed.set()
    assert thing.closed.wait(DEADLINE)


def test_a_reason_is_a_few_words() -> None:
    """Whichever driver gives it, and with whatever numbers."""
    with pytest.raises(socket.gaierror) as unknown:
        socket.getaddrinfo("nobody.invalid", 1)
    found = FileNotFoundError(2, "could not open port /x: [Errno 2] ...")

    assert reason(found) == "No such file or directory"
    assert reason(TimeoutError("timed out")) == "timed out"
    assert reason(OSError()) == "OSError"
    assert reason(unknown.value) == unknown.value.strerror
