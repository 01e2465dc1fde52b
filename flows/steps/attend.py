"""What of a batch of changes tells that an entity lives, and when it is to be looked at."""

from flows.ontology.entities import Change, Documented, Recalled, Reported
from flows.ontology.entry import REMEMBERED_US, Registered, Unearthed, expiry
from flows.steps.silence import Alarm, Heard, shard


def attention(batch: list[Change]) -> list[tuple[str, Heard | Alarm]]:
    """When each entity of a batch was heard, how often it was known to be, and when it ends."""
    times: dict[str, list[int]] = {}
    periods: dict[str, int] = {}
    alarms: list[Alarm] = []
    for change in batch:
        match change:
            case Reported(reports):
                at_us = [each.stored_us for each in reports]
            case Documented():
                at_us = [change.stored_us]
            case Recalled():
                if change.expires_us:
                    alarms.append(Alarm(change.entity_id, change.expires_us))
                if not change.heard_us:
                    continue
                at_us = [change.heard_us]
                periods[change.entity_id] = change.period_us
            case Registered() | Unearthed():
                alarms += alarms_of(change)
                continue
            case _:
                continue
        key = change.entity_id
        if known := times.get(key):
            known.extend(at_us)
        else:
            times[key] = at_us
    heard: list[tuple[str, Heard | Alarm]] = [
        (shard(key), Heard(key, max(each), each[:-1], periods.get(key, 0)))
        for key, each in times.items()
    ]
    heard += [(shard(each.entity_id), each) for each in alarms]
    return heard


def alarms_of(change: Registered | Unearthed) -> list[Alarm]:
    """When to look at an entity because of what an event says, be that taken in or not."""
    if isinstance(change, Unearthed) or change.event == "deleted":
        return [Alarm(change.entity_id, change.stored_us + REMEMBERED_US)]
    until_us = expiry(change.fields)
    return [Alarm(change.entity_id, until_us)] if until_us else []
