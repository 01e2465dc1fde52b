"""Look-ups: believed for a little while, shared by those who ask at once, and forgotten."""

import asyncio
import threading

import pytest
from serving import DEADLINE, until

from web import believed
from web.believed import Believed

pytestmark = pytest.mark.anyio


class Shelf:
    """What is looked up: read at once, but handed over only once the gate is open."""

    def __init__(self, **stands):
        self.stands = stands
        self.looks = 0
        self.gate = threading.Event()

    def look_up(self, name):
        self.looks += 1
        found = self.stands[name]
        assert self.gate.wait(DEADLINE)
        return found


@pytest.fixture
def shelf():
    shelf = Shelf(key="good")
    yield shelf
    shelf.gate.set()


async def test_those_who_ask_at_once_share_a_look_up(shelf, wound):
    """However many they are; those who come a little later need none."""
    known = Believed(shelf.look_up, wound.clock)
    asked = [asyncio.create_task(known.find("key")) for _ in range(50)]
    await until(lambda: shelf.looks)
    asked += [asyncio.create_task(known.find("key")) for _ in range(50)]
    shelf.gate.set()

    assert await asyncio.gather(*asked) == ["good"] * 100
    assert await known.find("key") == "good"
    assert shelf.looks == 1


async def test_it_is_looked_up_anew_after_a_while(shelf, wound):
    """What another process has changed is known then."""
    shelf.gate.set()
    known = Believed(shelf.look_up, wound.clock)
    await known.find("key")
    shelf.stands["key"] = "revoked"
    wound.ahead = believed.SECONDS

    assert await known.find("key") == "revoked"


async def test_what_is_found_after_all_was_forgotten_is_not_believed(shelf, wound):
    """A look-up that has read what was there before a change may end after it."""
    known = Believed(shelf.look_up, wound.clock)
    before = asyncio.create_task(known.find("key"))
    await until(lambda: shelf.looks)
    shelf.stands["key"] = "revoked"
    known.forget()
    after = asyncio.create_task(known.find("key"))
    await until(lambda: shelf.looks == 2)
    shelf.gate.set()

    assert await before == "good"
    assert await after == "revoked"
    assert await known.find("key") == "revoked"


async def test_a_look_up_that_was_to_begin_when_all_was_forgotten_ends_well(shelf, wound):
    """It is for those who have asked for it until then, and for nobody else."""
    shelf.gate.set()
    known = Believed(shelf.look_up, wound.clock)
    before = asyncio.create_task(known.find("key"))
    await asyncio.sleep(0)
    known.forget()

    assert (await before, await known.find("key"), shelf.looks) == ("good", "good", 2)


async def test_whoever_leaves_does_not_end_it_for_the_others(shelf, wound):
    """The first to ask may close the connection first."""
    known = Believed(shelf.look_up, wound.clock)
    first, second = (asyncio.create_task(known.find("key")) for _ in range(2))
    await until(lambda: shelf.looks)
    first.cancel()
    await asyncio.wait({first})
    shelf.gate.set()

    assert first.cancelled()
    assert await second == "good"
    assert shelf.looks == 1


async def test_a_look_up_that_fails_is_told_to_all_and_tried_again(shelf, wound):
    """A fault of the moment is no answer for later."""
    shelf.gate.set()
    known = Believed(shelf.look_up, wound.clock)
    asked = [asyncio.create_task(known.find("other")) for _ in range(3)]
    faults = await asyncio.gather(*asked, return_exceptions=True)
    shelf.stands["other"] = "made"

    assert [type(each) for each in faults] == [KeyError] * 3
    assert await known.find("other") == "made"


async def test_no_more_is_kept_than_there_is_room_for(shelf, wound, monkeypatch):
    """Whoever makes up keys fills no memory."""
    monkeypatch.setattr(believed, "MOST", 2)
    shelf.gate.set()
    shelf.stands |= dict.fromkeys("abc", "good")
    known = Believed(shelf.look_up, wound.clock)
    for name in "abcca":
        await known.find(name)

    assert shelf.looks == 4
