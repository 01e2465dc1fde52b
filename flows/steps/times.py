"""Times as devices write them: a calendar's, or a count since 1970 in whatever unit."""

from datetime import UTC, datetime

import msgspec

from flows.ontology.telemetry import LATEST_US, moment
from flows.steps.plain import number

# How many of a unit a second has, by how large a count of it has become.
_UNITS = ((1e11, 1), (1e14, 1_000), (1e17, 1_000_000), (1e21, 1_000_000_000))
# A count of less is none since 1970: it is how long a device has been on.
_EARLIEST_US = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp() * 1e6)
MOST_LETTERS = 64


class Unreadable(ValueError):
    """What was given for a time is none."""


def time(value: object) -> datetime | None:
    """The moment that a value tells of; None where it says that it is not known.

    Without a zone it is UTC. Zero, and a count that is none since 1970, are not known.

    Raises:
        Unreadable: it is neither a calendar's time nor a count.
    """
    if isinstance(value, str):
        if len(value) > MOST_LETTERS:
            raise Unreadable
        counted = number(value)
        return _calendar(value) if counted is None else _count(counted)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unreadable
    return _count(value)


def _count(value: float) -> datetime | None:
    for below, per_second in _UNITS:
        if 0 <= value < below:
            # Whole numbers are not made floats: those have no digits for nanoseconds.
            since = value * 1_000_000 // per_second if value == int(value) else None
            microseconds = int(value * (1_000_000 / per_second) if since is None else since)
            return moment(microseconds) if _EARLIEST_US <= microseconds <= LATEST_US else None
    return None


def _calendar(text: str) -> datetime | None:
    try:
        found = msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        try:
            found = datetime.fromisoformat(text.strip())
        except ValueError:
            raise Unreadable from None
    # Go's empty time.
    return None if found.year == 1 else found
