"""What is told of a window: a row for each signal of a source, all of them together."""

import msgspec

from flows.steps.samples import Said, Series, series, shared, turned
from flows.steps.tally import MOST, Tally, described, figures

# A signal, and what is told of it.
Row = tuple[str, int, float, float, float, float | None, float, float, float]
# A signal of a single sample, and what that was: all that is told of it follows.
Alone = tuple[str, float]


class WindowRows(msgspec.Struct, frozen=True, gc=False):
    """What the signals of a source did within a window: of some of them something is told.

    Of those that are ``alone`` nearly every window of a second consists.
    ``sequence`` is that of the message that closed it, ``stored_us`` when the stream took it.
    It is ``final`` once only what is late can change it.
    """

    sequence: int
    stored_us: int
    org_id: str
    entity_id: str
    source: str
    seconds: int
    start_us: int
    rows: list[Row]
    final: bool = True
    alone: list[Alone] = []


def told(made: dict[str, Tally]) -> list[Row]:
    """The rows of a window of which there are tallies."""
    return [(signal, *described(each)) for signal, each in made.items()]


def figured(found: dict[str, Series]) -> list[Row]:
    """The rows of a window of which there are samples."""
    return [(signal, *told) for signal, each in found.items() if (told := figures(each))]


def at_once(said: Said) -> tuple[list[Row], list[Alone]]:
    """The rows of a window in which most signals have a single sample, and those that have."""
    several = shared(tuple([shape for shape, _ in said]))
    mixed = [part for part in said if not several.isdisjoint(part[0])] if several else []
    rows = figured(series(mixed, several)) if mixed else []
    single: list[Alone] = []
    for shape, samples in said:
        v = samples[0][2:]
        if len(samples) > 1 or not sum(map(abs, v)) <= MOST:  # Also of what is no number.
            clock, columns = turned(samples)
            for signal, each in zip(shape, columns, strict=True):
                if signal not in several and (told := figures((clock, each))):
                    rows.append((signal, *told))
        else:
            alone = zip(shape, v, strict=True)
            single += [each for each in alone if each[0] not in several] if several else alone
    return rows, single
