"""The newest message of each subject of a stream, read before a flow begins."""

import time
from collections.abc import Callable

from connectors.jetstream import Message
from connectors.pull import Pull, stream_state
from connectors.session import Server, session

MOST_AT_ONCE = 4000
LOOK_SECONDS = 0.001
GIVE_UP_SECONDS = 60.0


def newest(server: Server, stream: str, take: Callable[[Message], object]) -> int:
    """Give each of them to ``take``, in the order of the stream.

    Returns:
        The last sequence that the stream had: what came later may be given, or not.

    Raises:
        StreamMissing: there is no such stream.
        TimeoutError: the server stopped answering half way.
    """
    with session(server) as opened:
        pull = Pull(opened, server.part, stream, 1, newest=True)
        state = pull.open()
        given_up = time.monotonic() + GIVE_UP_SECONDS
        while not pull.has_all:
            raw = pull.take(MOST_AT_ONCE)
            if not raw:
                if time.monotonic() > given_up:
                    raise TimeoutError(f"Reading {stream} stopped with {pull.pending} to go.")
                time.sleep(LOOK_SECONDS)
            for subject, data, headers, sequence, stored_ns in raw:
                take(Message(stream, subject, data, sequence, stored_ns // 1000, headers))
        return state.last


def last_kept(server: Server, stream: str) -> int:
    """The sequence of the newest message of a stream, 0 where it has none.

    Raises:
        StreamMissing: there is no such stream.
    """
    with session(server) as opened:
        state = opened.call(stream_state, opened.client, stream)
    return state.last if state.first <= state.last else 0
