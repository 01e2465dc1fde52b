"""Follows what becomes of commands: what the ledger has, then every change, for all who look.

One consumer of the stream for the whole process. When reading is interrupted it goes on after
the last sequence; from another stream all is read again.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from datetime import datetime

import anyio.to_thread
import nats.errors
import nats.js.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import DeliverPolicy, StreamInfo

from flows.ontology.commands import STREAM
from web.command_board import Board
from web.command_told import SUBJECT, Told, read_told
from web.consumer import ANSWER_SECONDS, Consumer, Interrupted
from web.watch import RETRY_SECONDS

# So much of the stream is read when we begin, so that who followed before may go on.
MOST_BEFORE = 5000
AWAY = "The message server cannot be reached."


class CommandWatch:
    """Writes ``board``. ``recall`` puts onto it what the ledger has, in another thread."""

    def __init__(
        self, client: Callable[[], Client | None], board: Board, recall: Callable[[], list[Told]]
    ) -> None:
        self._client = client
        self._board = board
        self._recall = recall
        self._pending = 0
        self._recalled = False

    async def run(self) -> None:
        """Follow until cancelled, whatever becomes of the server."""
        while True:
            client = self._client()
            if client is None or client.is_closed or not client.is_connected:
                self._lose(AWAY)
            else:
                await self._tried(client)
            await asyncio.sleep(RETRY_SECONDS)

    async def _tried(self, client: Client) -> None:
        try:
            await self._read(client)
        except nats.js.errors.NotFoundError:
            self._lose("There is no stream of commands yet: run `overwatch up`.")
        except TimeoutError:
            self._lose("The message server does not answer.")
        except sqlite3.Error as error:
            self._lose(f"The ledger cannot be read: {error}.")
        except (Interrupted, OSError, nats.errors.Error) as error:
            self._lose(str(error) or "The message server does not answer.")

    async def _read(self, client: Client) -> None:
        """One consumer, from when it is made until it can be read no further."""
        info = await client.jetstream(timeout=ANSWER_SECONDS).stream_info(STREAM)
        consumer = Consumer(client, STREAM, self._take)
        try:
            start = self._place(info)
            self._pending = await consumer.open(SUBJECT, DeliverPolicy.BY_START_SEQUENCE, start)
            # It is told by the stream only after it is in the ledger.
            told = await anyio.to_thread.run_sync(self._recall)
            self._board.recall(told)
            self._recalled = True
            self._caught_up()
            while True:
                await consumer.wait()
        finally:
            self._recalled = False
            await consumer.close()

    def _place(self, info: StreamInfo) -> int:
        """Where to read from: after the last sequence, or what is newest of another stream."""
        made = int(info.created.timestamp() * 1e6) if isinstance(info.created, datetime) else 0
        last, place = info.state.last_seq, self._board.place
        if place.bucket != made or place.sequence > last:
            since = max(info.state.first_seq - 1, last - MOST_BEFORE, 0)
            self._board.begin(made, since)
        return self._board.place.sequence + 1

    def _take(self, msg: Msg) -> None:
        place = msg.metadata
        told = read_told(msg.subject, msg.data)
        self._pending = place.num_pending
        self._board.put(told, place.sequence.stream, len(msg.data))
        self._caught_up()

    def _caught_up(self) -> None:
        if self._recalled and not self._pending and self._board.trouble:
            self._board.found()

    def _lose(self, trouble: str) -> None:
        if self._board.trouble != trouble:
            structlog.get_logger().info("commands_lost", reason=trouble)
            self._board.lost(trouble)
