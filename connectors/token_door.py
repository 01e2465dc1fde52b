"""A door to the message server for programs that know only a token, not a key of their own.

    python -m connectors.token_door --listen 127.0.0.1:4223 --server 127.0.0.1:4222 --user NAME

The server knows its users by key or by password, and takes no token beside them. Whoever comes
to this door is passed on as that one user, with the token for a password, so it is the server
that says whether it is right, and what may be said: no secret is known here. Nobody comes in
as anybody else.
"""

import asyncio
import json
import signal
from contextlib import suppress

import click
import structlog

MOST_LINE_BYTES = 16 * 1024
MOST_CLIENTS = 256
# How long somebody may take to say who they are.
WORDS_SECONDS = 5.0
PIECE_BYTES = 64 * 1024
_CONNECT = b"CONNECT "
# By which a client would be somebody else.
_OTHERS = ("auth_token", "user", "pass", "nkey", "sig", "jwt")


class Nonsense(ValueError):
    """What a client says first is not how a NATS client introduces itself."""


def as_user(line: bytes, user: str) -> bytes:
    """The words with which a client introduces itself, with its token as a user's password.

    Raises:
        Nonsense: they are none.
    """
    if line[: len(_CONNECT)].upper() != _CONNECT:
        raise Nonsense("no CONNECT")
    try:
        said = json.loads(line[len(_CONNECT) :])
    except (ValueError, RecursionError) as error:
        raise Nonsense("no JSON") from error
    if not isinstance(said, dict):
        raise Nonsense("no object")
    token = said.get("auth_token")
    known = {name: value for name, value in said.items() if name not in _OTHERS}
    if not isinstance(token, str):
        token = ""  # Which is nobody's: the server says so, as it does of a wrong one.
    return _CONNECT + json.dumps({**known, "user": user, "pass": token}).encode() + b"\r\n"


class Door:
    """Lets clients through to the server, each on a connection of its own."""

    def __init__(self, server: tuple[str, int], user: str) -> None:
        self._server = server
        self._user = user
        self._inside = 0
        self._log = structlog.get_logger()

    async def let_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, until either side ends it."""
        if self._inside >= MOST_CLIENTS:
            self._log.warning("token_door_full", clients=self._inside)
            writer.close()
            return
        self._inside += 1
        try:
            await self._through(reader, writer)
        except (Nonsense, TimeoutError) as error:
            self._log.info("token_door_refused", reason=str(error) or "it says nothing")
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # Either side has ended it, which is no news.
        finally:
            self._inside -= 1
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _through(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_connection(*self._server)
        try:
            async with asyncio.timeout(WORDS_SECONDS):
                writer.write(await theirs.readuntil(b"\r\n"))
                await writer.drain()
                ours.write(as_user(await reader.readuntil(b"\n"), self._user))
            both = [
                asyncio.create_task(_pass(reader, ours)),
                asyncio.create_task(_pass(theirs, writer)),
            ]
            try:
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for each in both:
                    each.cancel()
                await asyncio.gather(*both, return_exceptions=True)
        finally:
            ours.close()
            with suppress(OSError):
                await ours.wait_closed()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Everything from one to the other, no faster than it is taken."""
    with suppress(OSError):
        while piece := await reader.read(PIECE_BYTES):
            writer.write(piece)
            await writer.drain()


async def serve(listen: tuple[str, int], server: tuple[str, int], user: str) -> None:
    """Until the process is asked to stop."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    door = Door(server, user)
    listening = await asyncio.start_server(door.let_in, *listen, limit=MOST_LINE_BYTES)
    try:
        await stopped.wait()
    finally:
        listening.close()


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


@click.command()
@click.option("--listen", required=True, help="host:port")
@click.option("--server", required=True, help="host:port of the message server")
@click.option("--user", required=True, help="who whoever comes is there")
def main(listen: str, server: str, user: str) -> None:
    asyncio.run(serve(_address(listen), _address(server), user))


if __name__ == "__main__":
    main()
