"""Telemetry of devices that do not speak NATS, on its way to JetStream, and what became of it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from prometheus_client import Counter

from connectors.deliver import Became, Deliverer, Receipt
from connectors.driver import Client
from connectors.publication import Publication
from flows.ontology.subjects import telemetry
from web.clock import Clock
from web.items import Item, Refusal, judge, numbered
from web.limit import Limit

# A hundred a second, for each key.
POSTS_A_MINUTE = 6000
# Posts that are being taken at once; each may be as large as a body may be.
MOST_AT_ONCE = 64
ANSWER_SECONDS = 5.0


class Outcome(msgspec.Struct, frozen=True):
    """What became of items, by their places: an item that is in no list has been stored.

    ``unanswered`` are those of which JetStream has not said that it has them: it may.
    """

    accepted: int
    duplicates: int
    rejected: list[tuple[int, str]]
    unanswered: list[int]
    trouble: str = ""

    def told(self) -> dict[str, Any]:
        """As whoever has handed them in is told."""
        rejected = [{"index": index, "reason": reason} for index, reason in self.rejected]
        told = {"accepted": self.accepted, "duplicates": self.duplicates, "rejected": rejected}
        if not self.unanswered:
            return told
        return told | {"unanswered": self.unanswered, "trouble": self.trouble}


class Ingest:
    """Takes items for an organisation, and counts what becomes of them in ``counted``.

    ``client`` is the connection that there is just now.
    """

    def __init__(self, clock: Clock, client: Callable[[], Client | None], counted: Counter) -> None:
        self._counted = counted
        self.limit = Limit(clock, POSTS_A_MINUTE)
        self.at_once = 0
        self._client = client
        self._deliverer: Deliverer | None = None

    async def take(self, organization: str, datas: Sequence[bytes], retry: str = "") -> Outcome:
        """Judge each item, publish those that may be taken, and wait until they are stored.

        Args:
            organization: whose they are.
            datas: the items, as they were written.
            retry: what a retry of the whole has in common with the first try, if anything.
        """
        taken: list[int] = []
        rejected: list[tuple[int, str]] = []
        publications: list[Publication] = []
        for index, data in enumerate(datas):
            try:
                judged = judge(data, organization)
            except Refusal as refusal:
                rejected.append((index, str(refusal)))
            else:
                taken.append(index)
                place = f"{retry}:{index}" if retry else ""
                publications.append(_publication(organization, judged, place))
        receipts = await self._deliver(publications)
        outcome = _outcome(taken, receipts, rejected)
        self._count(outcome)
        return outcome

    def _count(self, outcome: Outcome) -> None:
        counts = {
            "stored": outcome.accepted - outcome.duplicates,
            "duplicate": outcome.duplicates,
            "rejected": len(outcome.rejected),
            "unanswered": len(outcome.unanswered),
        }
        for name, count in counts.items():
            self._counted.labels(name).inc(count)

    async def _deliver(self, publications: Sequence[Publication]) -> list[Receipt]:
        client = self._client()
        if not publications:
            return []
        if client is None or not client.is_connected:
            away = Receipt(Became.UNANSWERED, "the message server is away")
            return [away for _ in publications]
        if self._deliverer is None or self._deliverer.client is not client:
            self._deliverer = Deliverer(client)
        return await self._deliverer.deliver(publications, ANSWER_SECONDS)


def _publication(organization: str, item: Item, place: str) -> Publication:
    identity = numbered(item, place) if place else item.identity
    headers: Mapping[str, str] = {"org_id": organization}
    message_id = f"{organization}:{identity}" if identity else ""
    return Publication(telemetry(organization, item.entity), item.data, message_id, headers)


def _outcome(
    taken: Sequence[int], receipts: Sequence[Receipt], rejected: list[tuple[int, str]]
) -> Outcome:
    became = list(zip(taken, receipts, strict=True))
    refused = [(index, each.reason) for index, each in became if each.became is Became.REFUSED]
    open_ = [(index, each.reason) for index, each in became if each.became is Became.UNANSWERED]
    duplicates = sum(each.became is Became.DUPLICATE for each in receipts)
    return Outcome(
        len(receipts) - len(refused) - len(open_),
        duplicates,
        sorted(rejected + refused),
        [index for index, _ in open_],
        open_[0][1] if open_ else "",
    )
