"""What handlers say to JetStream: done when it is stored, else a problem for whoever asked."""

from collections.abc import Callable, Sequence

from connectors.deliver import Became, Deliverer, Receipt
from connectors.driver import Client
from connectors.publication import Publication
from web.problems import Problem

ANSWER_SECONDS = 5.0
RETRY_SECONDS = 1


class Publisher:
    """``client`` is the connection that there is just now."""

    def __init__(self, client: Callable[[], Client | None]) -> None:
        self._client = client
        self._deliverer: Deliverer | None = None

    async def say(self, publications: Sequence[Publication]) -> list[Receipt]:
        """Publish, and return when all of it is stored, now or before.

        Raises:
            Problem: 413, it is too large for its stream; 503, not all is known to be stored.
        """
        if not publications:
            return []
        client = self._client()
        if client is None or not client.is_connected:
            raise _later("the message server is away")
        if self._deliverer is None or self._deliverer.client is not client:
            self._deliverer = Deliverer(client)
        receipts = await self._deliverer.deliver(publications, ANSWER_SECONDS)
        for receipt in receipts:
            if receipt.became is Became.REFUSED:
                raise Problem(413, f"It cannot be stored: {receipt.reason}.")
            if receipt.became is Became.UNANSWERED:
                raise _later(receipt.reason)
        return receipts


def _later(why: str) -> Problem:
    retry = {"Retry-After": str(RETRY_SECONDS)}
    return Problem(503, f"It is not known to be stored: {why}. Ask again.", retry)
