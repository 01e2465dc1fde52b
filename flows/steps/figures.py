"""What is known of how an entity is reached: losses by source and component, and its clock."""

from functools import lru_cache
from sys import intern

import msgspec

from flows.ontology.entities import EntityState, Json
from flows.ontology.link import Link, loss
from flows.ontology.telemetry import Report

MOST_KNOWN = 4096
MOST_SOURCES = 8
MOST_COMPONENTS = 32
SMOOTHING = 8  # So much less than all of what one message says of a clock is believed.

_quoted = lru_cache(MOST_KNOWN)(lambda text: msgspec.json.encode(text).decode())


def counted(state: EntityState, report: Report) -> Link:
    """Where the packets of a component by a source are counted; only so many are."""
    components = state.links.get(report.source)
    found = None if components is None else components.get(report.component_id)
    return _begun(state, report) if found is None else found


def _begun(state: EntityState, report: Report) -> Link:
    if report.source not in state.links and len(state.links) >= MOST_SOURCES:
        del state.links[next(iter(state.links))]
    components = state.links.setdefault(intern(report.source), {})
    if len(components) >= MOST_COMPONENTS:
        components.clear()
    return components.setdefault(report.component_id, Link())


def compare_clocks(state: EntityState, device_us: int, stored_us: int) -> None:
    """Take in what the device's clock was as the stream took what it said."""
    ahead_us = device_us - stored_us
    known = state.skew_us
    state.skew_us = ahead_us if known is None else known + (ahead_us - known) // SMOOTHING


def link(state: EntityState) -> str:
    """The figures in JSON: losses in packets and percent, and seconds that the clock is ahead.

    Empty where there are none.
    """
    sources: list[str] = []
    received = missed = 0
    for source, components in state.links.items():
        told: list[str] = []
        for component, each in components.items():
            each.count_up()
            # What has no numbers of its own seems to come again and again.
            if each.received > 1:
                received += each.recent_received
                missed += each.recent_missed
                told.append(
                    f'"{component}":{{"received":{each.received},"missed":{each.missed}'
                    f',"recent_received":{each.recent_received}'
                    f',"recent_missed":{each.recent_missed}}}'
                )
        if told:
            sources.append(f"{_quoted(source)}:{{{','.join(told)}}}")
    found: list[str] = []
    if sources:
        found.append(f'"loss":{loss(received, missed) or 0.0},"sources":{{{",".join(sources)}}}')
    if state.skew_us is not None:
        found.append(f'"clock_skew":{state.skew_us / 1e6}')
    return f"{{{','.join(found)}}}" if found else ""


def recall(read: Json) -> tuple[dict[str, dict[int, Link]], int | None]:
    """The figures back.

    Raises:
        AttributeError, KeyError, TypeError, ValueError: they are none of ours.
    """
    links = {
        source: {
            int(component): Link(
                received=each["received"],
                missed=each["missed"],
                recent_received=each["recent_received"],
                recent_missed=each["recent_missed"],
            )
            for component, each in components.items()
        }
        for source, components in read.get("sources", {}).items()
    }
    skew = read.get("clock_skew")
    return links, None if skew is None else round(skew * 1e6)
