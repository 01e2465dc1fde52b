"""The audit log: who did what, or was refused it, when and from where.

Many requests at once are written in one transaction: each waits until it is on record, and
none for more than one of the others' turns.

python -m web.audit verify
"""

import asyncio
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final

import anyio.to_thread
import click
import msgspec
from starlette.requests import HTTPConnection

from connectors.environment import environment
from flows.ontology.settings import Settings
from web.audit_chain import Chain, Entry, Verdict
from web.clock import Clock
from web.database import Tables
from web.identity import Identity
from web.key_secret import hash_secret

DONE: Final = "done"
REFUSED: Final = "refused"
FAILED: Final = "failed"
NOBODY = "nobody"
MOST_LETTERS = 16_384
MOST_AT_ONCE = 1000
LOOK_SECONDS = 60.0
# A transaction costs as much as fifty rows do. Where there has just been one, as many as it had
# are waited for, but not for long.
BUSY_SECONDS, GATHER_SECONDS = 0.02, 0.004
# Names under which no value is ever put on record.
SECRET_NAMES = ("secret", "seed", "token", "password", "api_key")
_SECRET = re.compile("|".join(SECRET_NAMES), re.IGNORECASE)
# Names of so many letters come again and again, and are looked at once.
SHORT = 64

Said = Mapping[str, Any] | Sequence[Any] | msgspec.Struct | None


def chain(settings: Settings, tables: Tables) -> Chain:
    """The log of this deployment."""
    return Chain(tables, hash_secret(settings), settings.database.with_name("audit-length"))


class Audit:
    def __init__(self, chain: Chain, clock: Clock) -> None:
        self._chain = chain
        self._clock = clock
        self._waiting: list[tuple[Entry, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._wrote, self._rows = clock.monotonic() - BUSY_SECONDS, 0
        self._enough = asyncio.Event()
        self._looking = asyncio.Lock()
        self._looked: tuple[float, Verdict] | None = None

    async def record(
        self,
        request: HTTPConnection | None,
        action: str,
        target: str = "",
        *,
        outcome: str = DONE,
        before: Said = None,
        after: Said = None,
        organization: str = "",
    ) -> None:
        """Put something on record, and return once it is.

        Args:
            request: who asked for it and from where; None where nobody did.
            action: what, as ``noun.verb``: ``entity.create``, ``person.sign_in``.
            target: the id of what it was done to.
            outcome: ``done``, ``refused`` or ``failed``.
            before: how the target was. What is named like a secret is left out.
            after: how it is now.
            organization: whose matter it is, where that is not the asker's.
        """
        who: Identity | None = request.scope.get("identity") if request else None
        address = request.client.host if request and request.client else ""
        entry = Entry(
            self._clock.wall_us(),
            organization or (who.organization if who else ""),
            actor(who),
            action,
            target[:256],
            outcome,
            address,
            _text(before),
            _text(after),
        )
        await self._written(entry)

    async def verdict(self) -> Verdict:
        """Whether the log is what was written, as of the last minute."""
        async with self._looking:
            now = self._clock.monotonic()
            if self._looked is None or now - self._looked[0] >= LOOK_SECONDS:
                self._looked = now, await anyio.to_thread.run_sync(self._chain.verify)
            return self._looked[1]

    async def _written(self, entry: Entry) -> None:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._waiting.append((entry, done))
        if len(self._waiting) >= self._rows:
            self._enough.set()
        # Whoever waits for this answer may leave; what they did is on record all the same, and
        # before what is done after it.
        if self._writing is None or self._writing.done():
            self._writing = loop.create_task(self._write())
        await done

    async def _write(self) -> None:
        """Write turn after turn, until nobody waits."""
        while self._waiting:
            await self._gather()
            turn, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            fault: Exception | None = None
            try:
                await anyio.to_thread.run_sync(self._chain.append, [entry for entry, _ in turn])
            except Exception as error:  # noqa: BLE001  (whatever it is, those who wait are told)
                fault = error
            self._wrote, self._rows = self._clock.monotonic(), len(turn)
            for _, done in turn:
                if done.done():
                    continue
                if fault is None:
                    done.set_result(None)
                else:
                    done.set_exception(fault)

    async def _gather(self) -> None:
        """Let as many come together as before, where that is not long ago."""
        self._enough.clear()
        busy = self._clock.monotonic() - self._wrote < BUSY_SECONDS
        if busy and len(self._waiting) < self._rows:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._enough.wait(), GATHER_SECONDS)


def actor(who: Identity | None) -> str:
    """Who somebody is, for the record: a person, a key, or nobody that is known."""
    if who is None:
        return NOBODY
    if who.user:
        return f"person:{who.user}"
    return f"key:{who.key[:16]}" if who.key else "session"


def _text(said: Said) -> str:
    if said is None:
        return ""
    text = msgspec.json.encode(_without_secrets(msgspec.to_builtins(said))).decode()
    return text if len(text) <= MOST_LETTERS else '{"left_out":"it is too long"}'


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _without_secrets(inner)
            for name, inner in value.items()
            if not _is_secret(str(name))
        }
    return [_without_secrets(each) for each in value] if isinstance(value, list) else value


def _is_secret(name: str) -> bool:
    return _known_secret(name) if len(name) <= SHORT else bool(_SECRET.search(name))


@lru_cache(1024)
def _known_secret(name: str) -> bool:
    return bool(_SECRET.search(name))


@click.group()
def main() -> None:
    """The audit log."""


@main.command("verify")
def verify_command() -> None:
    """See whether the log is what was written; exits with 1 where it is not."""
    settings = Settings.read(environment())
    tables = Tables(settings.database)
    try:
        verdict = chain(settings, tables).verify()
    finally:
        tables.close()
    click.echo(verdict.fault or f"All {verdict.rows} rows are as they were written.")
    sys.exit(1 if verdict.fault else 0)


if __name__ == "__main__":
    main()
