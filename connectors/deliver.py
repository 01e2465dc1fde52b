"""Publications to JetStream for async callers: what became of each, within a given time.

Where ``connectors.publish`` says again until it is answered, here whoever asks is waiting:
they are told what is stored and what is not known to be, and say it again themselves.
"""

import asyncio
import itertools
from collections.abc import Sequence
from enum import Enum

import msgspec
import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from connectors.publication import Publication

# Batches that are on their way at once; others wait for their turn.
MOST_BATCHES = 8
# After so many others have their turn in the loop.
AT_A_TIME = 200


class Became(Enum):
    """What became of a publication. One that is unanswered may be stored all the same."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
    UNANSWERED = "unanswered"


class Receipt(msgspec.Struct, frozen=True):
    """What became of one publication, why, and which of its stream's it is, if that is known."""

    became: Became
    reason: str = ""
    sequence: int = 0


class _Error(msgspec.Struct):
    code: int = 0
    description: str = ""


class _Answer(msgspec.Struct):
    seq: int = 0
    duplicate: bool = False
    error: _Error | None = None


_decode = msgspec.json.Decoder(_Answer).decode


class _Batch:
    """Receipts as they come in."""

    def __init__(self, size: int) -> None:
        self.receipts: list[Receipt | None] = [None] * size
        self.missing = size
        self.complete = asyncio.Event()

    def put(self, index: int, receipt: Receipt) -> None:
        if self.receipts[index] is None:
            self.receipts[index] = receipt
            self.missing -= 1
            if not self.missing:
                self.complete.set()

    def closed(self, reason: str) -> list[Receipt]:
        unanswered = Receipt(Became.UNANSWERED, reason)
        return [each or unanswered for each in self.receipts]


class Deliverer:
    """Publishes over one connection, for as long as that is the connection."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._inbox = client.new_inbox()
        self._numbers = itertools.count(1)
        self._waiting: dict[int, tuple[_Batch, int]] = {}
        self._turns = asyncio.Semaphore(MOST_BATCHES)
        self._listening: asyncio.Task[object] | None = None

    async def deliver(self, publications: Sequence[Publication], seconds: float) -> list[Receipt]:
        """Publish, and wait until all are answered or the time is up; a receipt for each."""
        batch = _Batch(len(publications))
        numbers: list[int] = []
        reason = "the message server has not answered in time"
        try:
            async with asyncio.timeout(seconds), self._turns:
                await self._listen()
                for index, each in enumerate(publications):
                    number = next(self._numbers)
                    numbers.append(number)
                    self._waiting[number] = batch, index
                    await self._say(each, number)
                    if not number % AT_A_TIME:
                        await asyncio.sleep(0)
                if publications:
                    await batch.complete.wait()
        except TimeoutError:
            pass
        except nats.errors.Error as error:
            reason = f"the message server is away: {error}"
        finally:
            for number in numbers:
                self._waiting.pop(number, None)
        return batch.closed(reason)

    async def _listen(self) -> None:
        """Hear the answers; once, whoever is first."""
        if self._listening is None or (self._listening.done() and self._listening.exception()):
            subscribing = self.client.subscribe(f"{self._inbox}.*", cb=self._on_answer)
            self._listening = asyncio.ensure_future(subscribing)
        await asyncio.shield(self._listening)

    async def _say(self, each: Publication, number: int) -> None:
        if not self.client.is_connected:  # The driver would keep it, and say it who knows when.
            raise nats.errors.ConnectionClosedError
        headers = dict(each.headers)
        if each.message_id:
            headers["Nats-Msg-Id"] = each.message_id
        reply = f"{self._inbox}.{number}"
        await self.client.publish(each.subject, each.data, reply=reply, headers=headers)

    async def _on_answer(self, msg: Msg) -> None:
        batch, index = self._waiting.pop(int(msg.subject.rpartition(".")[2]), (None, 0))
        if batch is not None:
            batch.put(index, _receipt(msg))


def _receipt(msg: Msg) -> Receipt:
    if msg.headers and msg.headers.get("Status"):
        return Receipt(Became.UNANSWERED, "no stream takes it")
    answer = _decode(msg.data)
    if answer.error is None:
        became = Became.DUPLICATE if answer.duplicate else Became.STORED
        return Receipt(became, sequence=answer.seq)
    # What the server lacks it may have later; what it does not want it never will.
    lacking = answer.error.code >= 500
    became = Became.UNANSWERED if lacking else Became.REFUSED
    return Receipt(became, answer.error.description)
