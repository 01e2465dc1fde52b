"""Where an entity's signals came from, and how well it is heard: tables of its page."""

from collections.abc import Iterable

from markupsafe import escape

from flows.ontology.entities import Json
from web import reading, wording
from web.entity_groups import names
from web.freshness import records
from web.link_figures import figures


def link(document: Json) -> str:
    """How well it is heard: losses by source and component, and how far its clock is off."""
    found = figures(reading.branch(document, "link"))
    if not found.rows and not found.facts:
        return ""
    facts = "".join(f"<div><dt>{name}</dt><dd>{text}</dd></div>" for name, text in found.facts)
    head = "".join(
        f'<th scope="col">{name}</th>'
        for name in ("Source", "Component", "Received", "Missed", "Lost of late")
    )
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
        for cells in found.rows
    )
    table = f'<table class="signals"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return (
        f'<section class="provenance link"><h3>How it is heard</h3><dl>{facts}</dl>'
        f"{table if rows else ''}</section>"
    )


def sources(document: Json) -> str:
    rows = "".join(
        f'<tr data-state="{state}">'
        + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for state, cells in _sources(document)
    )
    if not rows:
        return ""
    head = (
        "Branch", "Message", "State", "Because", "Since", "Source", "Sequence", "Period", "Heard",
        "Device time",
    )  # fmt: skip
    return (
        '<section class="provenance"><h3>Where it came from</h3><table class="signals"><thead><tr>'
        + "".join(f'<th scope="col">{name}</th>' for name in head)
        + f"</tr></thead><tbody>{rows}</tbody></table></section>"
    )


def _sources(document: Json) -> Iterable[tuple[str, tuple[str, ...]]]:
    provenance = reading.branch(document, "provenance")
    for name in names(provenance):
        for each in records(provenance, name):
            yield (
                each.said,
                (
                    reading.text(name),
                    each.message,
                    wording.STATES[each.said],
                    each.reason,
                    each.since,
                    each.source,
                    "" if each.sequence is None else str(each.sequence),
                    f"{each.period:g} s" if each.period else "",
                    each.stream_time,
                    each.device_time,
                ),
            )
