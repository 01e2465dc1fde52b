"""The NATS driver, made proof against messages that would make it deaf.

A server passes on whatever bytes a publisher takes for a subject or for headers, and
a stream keeps them. The driver stops reading at what is no UTF-8, no header block or
a subject with a space of another kind: whoever reads that stream would get no further,
ever again. Here such bytes are replaced, so that a step can refuse the message.

And where many messages go out, or many answers come in, they are taken as they are and
together: the driver's own ways cost several times as much for each. What nobody wants of a
subscription is sifted out before anything is made of it.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import nats.aio.client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import ProtocolError, SecureConnWantedError
from nats.protocol.parser import AWAITING_CONTROL_LINE, Parser
from typing_extensions import override

_END = b"\r\n"
# What the driver takes for the end of a subject, and the server does not.
_SPACES = bytes.maketrans(b"\v\f", b"??")


# Of a message its subject, its data, and its headers as they are or nothing.
Taker = Callable[[bytes, bytes, bytes | None], None]
# Of a message its reply subject and its headers as they are or nothing; whether it is sifted out.
Sieve = Callable[[bytes, bytes | None], bool]


class Client(nats.aio.client.Client):
    """The driver's client; in place of what of a subject cannot be read stands a sign for it."""

    def __init__(self) -> None:
        super().__init__()
        self._ps = _Parser(self)
        self._takers: dict[int, Taker] = {}
        self._sieves: dict[int, tuple[Sieve, Callable[[Msg], Awaitable[None]]]] = {}

    async def abandon(self) -> None:
        """Close what was never open, and tell nobody: the driver itself would leave its socket."""
        if self._transport is not None:
            await self._close(Client.CLOSED, do_cbs=False)

    async def write(self, commands: Sequence[bytes]) -> bool:
        """Send lines of the protocol as they are; false while the server is away."""
        if not self.is_connected:
            return False
        self._pending.extend(commands)
        self._pending_data_size += sum(map(len, commands))
        await self._flush_pending()
        return True

    async def give(self, subject: str, taker: "Taker") -> None:
        """Subscribe, and be given subject, data and headers of each message at once."""
        subscription = await self.subscribe(subject, cb=_never)
        self._takers[subscription._id] = taker  # noqa: SLF001  (our own, of the driver)

    async def sift(
        self, subject: str, sieve: "Sieve", wanted: Callable[[Msg], Awaitable[None]]
    ) -> Subscription:
        """Subscribe, look at each message before it is made, and be given the others at once.

        Other subscriptions let messages wait for their turn: there what was sifted out would
        be seen before what had come before it.
        """
        subscription = await self.subscribe(subject, cb=_never)
        self._sieves[subscription._id] = sieve, wanted  # noqa: SLF001  (as above)
        return subscription

    @override
    def _remove_sub(self, sid: int, max_msgs: int = 0) -> None:
        super()._remove_sub(sid, max_msgs)
        self._takers.pop(sid, None)
        self._sieves.pop(sid, None)

    @override
    async def _close(self, status: int, do_cbs: bool = True) -> None:
        # The driver would say first what waits to be said, and fail where nobody is any more.
        if not self.is_connected:
            self._pending, self._pending_data_size = [], 0
        with suppress(OSError):
            await super()._close(status, do_cbs)

    @override
    def _connect_command(self) -> bytes:
        # Whether there is TLS is said in clear: whoever stands between could deny it.
        if "tls" in self.options and not self._server_info.get("tls_required"):
            raise SecureConnWantedError
        command: bytes = super()._connect_command()
        return command

    @override
    async def _process_msg(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes
    ) -> None:
        taker = self._takers.get(sid)
        if taker is not None:
            taker(subject, data, headers)
            return
        if sid not in self._sieves:
            await super()._process_msg(sid, subject, reply, data, headers)
            return
        sieve, wanted = self._sieves[sid]
        if not sieve(reply, headers):
            read = await self._process_headers(headers)
            await wanted(self._build_message(sid, subject, reply, data, read))

    @override
    def _build_message(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: dict[str, str] | None
    ) -> Msg:
        return self.msg_class(
            subject=subject.decode(errors="replace"),
            reply=reply.decode(errors="replace"),
            data=data,
            headers=headers,
            _client=self,
            _sid=sid,
        )

    @override
    async def _process_headers(self, headers: bytes | None) -> dict[str, str] | None:
        if not headers:
            return None
        try:
            return await super()._process_headers(headers)
        except (IndexError, UnicodeDecodeError):
            return None


async def _never(_: Msg) -> None:
    """For a subscription whose messages a taker is given."""


class _Parser(Parser):
    @override
    async def parse(self, data: bytes = b"") -> None:
        while True:
            try:
                await super().parse(data)
            except ProtocolError:
                if not self._mend():
                    raise
            else:
                if not self._mend():
                    return
            data = b""

    def _mend(self) -> bool:
        """Replace what keeps a whole line from being read; whether there was such a thing."""
        end = self.buf.find(_END) if self.state == AWAITING_CONTROL_LINE else -1
        line = self.buf[: max(end, 0)]
        mended = line.translate(_SPACES)
        self.buf[: len(line)] = mended
        return mended != line


async def connect(url: str, **options: Any) -> Client:
    """A connection of this client; raises as the driver's does, and then leaves nothing open."""
    client = Client()
    try:
        await client.connect(url, **options)
    except BaseException:
        await client.abandon()
        raise
    return client
