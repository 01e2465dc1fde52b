"""Writes to the registry: events that JetStream takes, and what the entities flow makes of them."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from connectors.deliver import Became, Deliverer, Receipt
from connectors.driver import Client
from flows.ontology.registry import Refusals
from web.database import Row
from web.entity_events import Wanted
from web.problems import Problem
from web.projection import Outcome, Projection, Sent

ANSWER_SECONDS = 5.0
RETRY_SECONDS = 1
NOT_FOUND, EXISTS = "Entity not found", "Entity already exists"
CHANGED = "The entity has been changed meanwhile."
# By the step that refuses an event. A foreign entity is one that there is not, unless its id
# is wanted anew.
_REFUSED: Mapping[str, tuple[int, str]] = {
    Refusals.EXISTS: (409, EXISTS),
    Refusals.UNKNOWN: (404, NOT_FOUND),
    Refusals.FOREIGN: (404, NOT_FOUND),
    Refusals.REVISION: (412, CHANGED),
}


class Written(msgspec.Struct, frozen=True):
    """A write that JetStream has. ``row`` is how the entity stands after it, if it stands.

    One that is not ``projected`` yet will be, when the flow runs.
    """

    wanted: Wanted
    projected: bool
    row: Row | None = None


class Registry:
    """``client`` is the connection that there is just now."""

    def __init__(self, client: Callable[[], Client | None], projection: Projection) -> None:
        self._client = client
        self._projection = projection
        self._deliverer: Deliverer | None = None

    @property
    def settled(self) -> bool:
        """Whether all that was written here is in the registry."""
        return self._projection.settled

    async def write(self, wanted: Wanted) -> Written:
        """Write, and wait a little until it is in the registry.

        Raises:
            Problem: 404, 409, 412 or 422 where the flow refuses it; 413, JetStream does; 503,
                it is not known to be stored.
        """
        (written,) = await self.write_all([wanted])
        if isinstance(written, Problem):
            raise written
        return written

    async def write_all(self, wanted: Sequence[Wanted]) -> list[Written | Problem]:
        """As ``write``, for many at once, each of which may be refused by itself."""
        receipts = await self._deliver(wanted)
        sent = [
            Sent(receipt.sequence, each.entity_id)
            for each, receipt in zip(wanted, receipts, strict=True)
            if receipt.sequence
        ]
        outcomes = iter(await self._projection.outcomes(sent))
        return [
            _written(each, next(outcomes)) if receipt.sequence else _unstored(receipt)
            for each, receipt in zip(wanted, receipts, strict=True)
        ]

    async def _deliver(self, wanted: Sequence[Wanted]) -> list[Receipt]:
        client = self._client()
        if client is None or not client.is_connected:
            away = Receipt(Became.UNANSWERED, "the message server is away")
            return [away for _ in wanted]
        if self._deliverer is None or self._deliverer.client is not client:
            self._deliverer = Deliverer(client)
        said = [each.publication for each in wanted]
        return await self._deliverer.deliver(said, ANSWER_SECONDS)


def _written(wanted: Wanted, outcome: Outcome | None) -> Written | Problem:
    if outcome is None:
        return Written(wanted, projected=False)
    if not outcome.refused_by:
        return Written(wanted, projected=True, row=outcome.row)
    if outcome.refused_by == Refusals.FOREIGN and wanted.kind == "created":
        return Problem(409, EXISTS)
    status, detail = _REFUSED.get(outcome.refused_by, (422, outcome.reason))
    return Problem(status, detail)


def _unstored(receipt: Receipt) -> Problem:
    if receipt.became is Became.REFUSED:
        return Problem(413, f"It cannot be stored: {receipt.reason}.")
    retry = {"Retry-After": str(RETRY_SECONDS)}
    return Problem(503, f"It is not known to be stored: {receipt.reason}. Ask again.", retry)
