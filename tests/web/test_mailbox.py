"""What a client has still to be sent."""

import pytest

from web.frames import Frame
from web.mailbox import MOST_FRAMES, Mailbox

pytestmark = pytest.mark.anyio

FRAME = Frame("event: x\n\n")


async def test_a_new_client_asks_for_a_snapshot():
    """Whoever comes knows nothing yet."""
    assert await Mailbox().take() == (True, [])


async def test_frames_come_in_their_order():
    """A client that keeps up is sent every change."""
    mailbox, first, second = Mailbox(), Frame("1"), Frame("2")
    await mailbox.take()

    mailbox.offer(first)
    mailbox.offer(second)

    assert (False, [first, second]) == await mailbox.take()


async def test_a_slow_client_gets_a_snapshot_in_place_of_many_changes():
    """However many changes it misses, what waits for it is bounded."""
    mailbox = Mailbox()
    await mailbox.take()

    for _ in range(10_000):
        mailbox.offer(FRAME)
        assert len(mailbox._frames) <= MOST_FRAMES

    assert await mailbox.take() == (True, [])
    mailbox.offer(FRAME)
    assert await mailbox.take() == (False, [FRAME])


async def test_a_closed_mailbox_ends_whoever_waits():
    """Closing is heard at once, and remembered."""
    mailbox = Mailbox()
    await mailbox.take()

    mailbox.close()

    assert await mailbox.take() is None
    assert await mailbox.take() is None
