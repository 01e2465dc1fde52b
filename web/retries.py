"""Requests that say by ``Idempotency-Key`` that they are one: done once, answered the same.

Answers are remembered for a day, of each key or session by itself. While the first of them
is being answered the others wait. One that was cut short is done again, by the same ids:
what JetStream has of it already is not taken twice.
"""

import asyncio
from collections.abc import Awaitable, Callable
from weakref import WeakValueDictionary

import anyio.to_thread
import msgspec
from starlette.responses import Response

from web.clock import Clock
from web.database import Row, Tables
from web.problems import Problem

HEADER, REPLAYED = "Idempotency-Key", "Idempotent-Replayed"
KEPT_SECONDS = 86_400
FORGET_SECONDS = 60
MOST_KEPT = 50_000  # Of each organisation, the newest.
_TOO_MANY = (
    "DELETE FROM retries WHERE rowid IN (SELECT rowid FROM (SELECT rowid, row_number() OVER"
    " (PARTITION BY org_id ORDER BY rowid DESC) AS place FROM retries) WHERE place > ?)"
)
# What says that the request might do better another time is not remembered.
_PASSING = (408, 429)


class Retries:
    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._forgot = clock.monotonic()

    async def once(
        self,
        name: str,
        organization: str,
        request_hash: str,
        make: Callable[[], Awaitable[Response]],
    ) -> Response:
        """The answer of a request, made now or before.

        Args:
            name: what it has in common with its retries.
            organization: whose it is.
            request_hash: what it asks for.
            make: does it.

        Raises:
            Problem: 422, another thing has been asked for by this name; and what ``make`` raises.
        """
        lock = self._locks.setdefault(name, asyncio.Lock())
        async with lock:
            row = await anyio.to_thread.run_sync(self._begun, name, organization, request_hash)
            if row["request_hash"] != request_hash:
                raise Problem(422, f"This {HEADER} was that of another request.")
            if row["status"]:
                headers = msgspec.json.decode(row["headers"], type=dict[str, str])
                return Response(row["body"], row["status"], {**headers, REPLAYED: "true"})
            try:
                response = await make()
            except Problem as problem:
                response = problem.response()
            if response.status_code < 500 and response.status_code not in _PASSING:
                await anyio.to_thread.run_sync(self._keep, name, response)
            return response

    def _begun(self, name: str, organization: str, request_hash: str) -> Row:
        self._forget()
        (row,) = self._tables.write(
            "INSERT INTO retries (name, org_id, request_hash, created_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING *",
            (name, organization, request_hash, int(self._clock.wall())),
        )
        return row

    def _forget(self) -> None:
        if self._clock.monotonic() - self._forgot < FORGET_SECONDS:
            return
        self._forgot = self._clock.monotonic()
        old = int(self._clock.wall()) - KEPT_SECONDS
        self._tables.write("DELETE FROM retries WHERE created_at <= ?", (old,))
        self._tables.write(_TOO_MANY, (MOST_KEPT,))

    def _keep(self, name: str, response: Response) -> None:
        kept = {
            key: value
            for key, value in response.headers.items()
            if key in ("content-type", "etag", "location", "link")
        }
        self._tables.write(
            "UPDATE retries SET status = ?, headers = ?, body = ? WHERE name = ?",
            (
                response.status_code,
                msgspec.json.encode(kept).decode(),
                bytes(response.body).decode(),
                name,
            ),
        )
