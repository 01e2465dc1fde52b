"""What was told of a receiver's bytes, by whom and when; a flood of noise stands together."""

from collections.abc import Iterable

from connectors.receivers.adsb import AdsbReader
from connectors.receivers.ais import AisReader
from connectors.receivers.heard import (
    KEPT_BYTES,
    UNWANTED,
    Heard,
    Noise,
    Reader,
    Said,
    Skipped,
    Spoken,
    System,
    Told,
)


def reading(system: System, form: str = "") -> Reader:
    """Somebody who reads what a sender of that system says."""
    return AisReader() if system == "AIS" else AdsbReader(form)


def gathered(
    system: System, link: str, origin: str, told: Iterable[tuple[Told, int]]
) -> list[Heard]:
    """What was told, by whom and when; what could not be read stands together by its reason.

    A flood of noise is as many refusals as it has reasons, each with its count.
    """
    heard: list[Heard] = []
    noises: dict[str, Noise] = {}
    skipped = 0
    for number, (each, heard_us) in enumerate(told):
        if isinstance(each, Said):
            name = f"{origin}:{heard_us}:{number}"
            heard.append(
                Spoken(system, each.number, link, name, heard_us, each.told_us, each.fields)
            )
        elif each is UNWANTED:
            skipped += 1
        else:
            first = noises.get(each.reason)
            noises[each.reason] = (
                Noise(
                    link, f"{origin}:{heard_us}:{number}", heard_us, 1, each.reason,
                    each.data[:KEPT_BYTES],
                )
                if first is None
                else Noise(
                    link, first.origin, first.heard_us, first.count + 1, first.reason, first.data
                )
            )  # fmt: skip
    heard.extend(noises.values())
    if skipped:
        heard.append(Skipped(link, skipped))
    return heard
