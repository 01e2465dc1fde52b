"""Read all parameters of an autopilot, by MAVLink's parameter protocol.

It says one after the other, and those again that were lost when it is asked for them by number.
"""

from typing import Any

from flows.ontology.commands import Delivery
from flows.ontology.radio import Station, Word
from flows.ontology.relayed import Vehicle
from flows.ontology.telemetry import Envelope, microseconds
from flows.ontology.transfers import MOST_PARAMETERS, Listing
from flows.steps.relaying import parameter_values
from flows.steps.relaying.talk import (
    EXPIRED,
    NO_ANSWER,
    SECOND,
    TRIES,
    TRY_US,
    Said,
    end,
    is_to_us,
    progress,
    whole,
)

QUIET_US = SECOND  # After which nothing more comes of its own accord.
AT_ONCE = 10
MOST_LETTERS = 16


def begin(delivery: Delivery, _vehicle: Vehicle, _station: Station) -> Listing | str:
    """How it begins."""
    if delivery.params:
        return f"{next(iter(delivery.params))[:64]}: list_parameters has no such parameter"
    return Listing(delivery, ["parameters"])


def hear(talk: Listing, vehicle: Vehicle, said: Envelope, station: Station) -> list[Said]:
    """Take a parameter."""
    if said.message_type != "PARAM_VALUE" or not is_to_us(said, vehicle, station):
        return []
    told = parameter_values.read(said, vehicle)
    count, number = whole(said, "param_count"), whole(said, "param_index")
    if not talk.tries or told is None or count is None or number is None or count < 1:
        return []
    if count > MOST_PARAMETERS:
        return end(
            talk, "failed", f"it has {count} parameters, and at most {MOST_PARAMETERS} are read"
        )
    talk.count = max(talk.count, count)
    if not 0 <= number < talk.count or number in talk.found:
        return []
    talk.found[number] = _plain(told.name), told.value
    now_us = microseconds(said.timestamp)
    talk.tries, talk.unheard, talk.due_us = 1, 0, now_us + QUIET_US
    if len(talk.found) == talk.count:
        return end(talk, "completed", "", _result(talk))
    share, words = _share(talk)
    return progress(talk, share, words, {"read": len(talk.found), "count": talk.count}, now_us)


def tick(talk: Listing, _vehicle: Vehicle, _station: Station, now_us: int) -> list[Said]:
    """Ask for them, or for those that are missing, or give up."""
    if not talk.tries and now_us >= microseconds(talk.delivery.expires_at):
        return end(talk, "failed", EXPIRED)
    if talk.tries >= TRIES:
        heard = talk.count >= 0
        why = f"it has said {_share(talk)[1]}, and no more" if heard else NO_ANSWER
        return end(talk, "failed", why, _result(talk) if heard else None)
    talk.tries, talk.unheard, talk.due_us = talk.tries + 1, 1, now_us + TRY_US
    if talk.count < 0:
        return [Word("PARAM_REQUEST_LIST", {})]
    missing = (number for number in range(talk.count) if number not in talk.found)
    return [
        Word("PARAM_REQUEST_READ", {"param_id": "", "param_index": number})
        for number, _ in zip(missing, range(AT_ONCE), strict=False)
    ]


def cancel(talk: Listing, _station: Station, _now_us: int) -> list[Said]:
    """Read no more of them."""
    return end(talk, "failed", "cancelled", _result(talk))


def _plain(name: str) -> str:
    """A name as it can be shown, whatever a vehicle calls it."""
    return "".join(each if each.isprintable() else "?" for each in name[:MOST_LETTERS])


def _share(talk: Listing) -> tuple[float, str]:
    done, of = len(talk.found), talk.count
    return 100.0 * done / max(of, 1), f"{done} of {of} parameters"


def _result(talk: Listing) -> dict[str, Any]:
    rows = (talk.found[number] for number in sorted(talk.found))
    return {"parameters": dict(rows), "read": len(talk.found), "count": max(talk.count, 0)}
