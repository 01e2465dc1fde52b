"""Publications to JetStream for async callers: what became of each, within a given time.

Where ``connectors.publish`` says again until it is answered, here whoever asks is waiting:
they are told what is stored and what is not known to be, and say it again themselves.
"""

import asyncio
import itertools
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from enum import Enum

import msgspec
import nats.errors

from connectors.driver import Client
from connectors.hpub import BadSubject, publication
from connectors.publication import Publication

# Batches that are on their way at once; others wait for their turn.
MOST_BATCHES = 8
# After so many others have their turn in the loop. A batch of a few waits for nobody's.
AT_A_TIME, A_FEW = 200, 20
# How the headers begin by which the server itself answers, for nobody else does.
_BY_SERVER = b"NATS/1.0 "


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
        # By the last part of the subject on which each is answered.
        self._waiting: dict[bytes, tuple[_Batch, int]] = {}
        self._turns = asyncio.Semaphore(MOST_BATCHES)
        self._listening: asyncio.Task[None] | None = None
        self._listens = False

    async def deliver(self, publications: Sequence[Publication], seconds: float) -> list[Receipt]:
        """Publish, and wait until all are answered or the time is up; a receipt for each."""
        batch = _Batch(len(publications))
        numbers: list[bytes] = []
        reason = "the message server has not answered in time"
        turn: AbstractAsyncContextManager[None] = self._turns
        if len(publications) <= A_FEW:
            turn = nullcontext()
        try:
            async with asyncio.timeout(seconds), turn:
                if not self._listens:
                    await self._listen()
                for first in range(0, len(publications), AT_A_TIME):
                    if first:
                        await asyncio.sleep(0)
                    part = publications[first : first + AT_A_TIME]
                    await self._say(part, batch, first, numbers)
                if batch.missing:
                    await batch.complete.wait()
        except TimeoutError:
            pass
        except (nats.errors.Error, OSError) as error:
            reason = f"the message server is away: {error}"
        finally:
            for number in numbers:
                self._waiting.pop(number, None)
        return batch.closed(reason)

    async def _listen(self) -> None:
        """Hear the answers; once, whoever is first."""
        if self._listening is None or (self._listening.done() and self._listening.exception()):
            giving = self.client.give(f"{self._inbox}.*", self._on_answer)
            self._listening = asyncio.ensure_future(giving)
        await asyncio.shield(self._listening)
        self._listens = True

    async def _say(
        self, publications: Sequence[Publication], batch: _Batch, first: int, numbers: list[bytes]
    ) -> None:
        """All at once, and in their order."""
        commands: list[bytes] = []
        most = self.client.max_payload
        for index, each in enumerate(publications, first):
            if len(each.data) > most:
                refused = Receipt(Became.REFUSED, f"{len(each.data)} bytes are too many")
                batch.put(index, refused)
                continue
            headers = each.headers
            if each.message_id:
                headers = {**headers, "Nats-Msg-Id": each.message_id}
            number = str(next(self._numbers))
            try:
                said = publication(each.subject, f"{self._inbox}.{number}", each.data, headers)
            except BadSubject as error:
                batch.put(index, Receipt(Became.REFUSED, str(error)))
                continue
            numbers.append(number.encode())
            self._waiting[numbers[-1]] = batch, index
            commands.append(said)
        # What the driver kept while the server is away it would say who knows when.
        if commands and not await self.client.write(commands):
            raise nats.errors.ConnectionClosedError

    def _on_answer(self, subject: bytes, data: bytes, headers: bytes | None) -> None:
        batch, index = self._waiting.pop(subject.rpartition(b".")[2], (None, 0))
        if batch is not None:
            batch.put(index, _receipt(data, headers))


def _receipt(data: bytes, headers: bytes | None) -> Receipt:
    if headers and headers.startswith(_BY_SERVER):
        return Receipt(Became.UNANSWERED, "no stream takes it")
    try:
        answer = _decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError):  # Whoever it is of, it is no receipt.
        return Receipt(Became.UNANSWERED, "the answer cannot be read")
    if answer.error is None:
        became = Became.DUPLICATE if answer.duplicate else Became.STORED
        return Receipt(became, sequence=answer.seq)
    # What the server lacks it may have later; what it does not want it never will.
    lacking = answer.error.code >= 500
    became = Became.UNANSWERED if lacking else Became.REFUSED
    return Receipt(became, answer.error.description)
