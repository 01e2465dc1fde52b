"""Status texts put together: the parts of a long one come one by one, and some never come.

Within a component a text is over when one of its parts is not full, when another text
begins, or when nothing more of it has come for ``PATIENCE_US`` of the stream's own time.
Where parts are missing, an ellipsis stands for them.
"""

from flows.ontology.entities import EntityState, PartText, StatusText
from flows.ontology.severities import SEVERITIES
from flows.ontology.signals import Value
from flows.ontology.telemetry import Report, moment

NAME = "STATUSTEXT"
FULL_BYTES = 50  # Of a part; a shorter one had the zero that ends the text.
PATIENCE_US = 5_000_000
MOST_LETTERS = 1024
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
MOST_COMPONENTS = 256


def texts(state: EntityState, report: Report) -> tuple[list[StatusText], dict[str, Value]]:
    """The texts that are over with this report, and what the state says of the last of them.

    Args:
        state: of the entity; the parts that are waiting in it are changed.
        report: whatever the entity has said next.
    """
    over = [_over(state, component) for component in _overdue(state, report.stored_us)]
    if report.message_type == NAME:
        over.extend(_said(state, report))
    values: dict[str, Value] = {}
    for part in over:
        if part.flies:
            values = {"vehicle_status.message": part.text}
            if part.severity >= 0:
                values["vehicle_status.message_severity"] = part.severity
    return [_event(state, part) for part in over if part.text], values


def silent(state: EntityState) -> list[StatusText]:
    """The texts of which no more will come, since nothing at all does."""
    return [_event(state, _over(state, component)) for component in tuple(state.texts)]


def _said(state: EntityState, report: Report) -> list[PartText]:
    """Take in a text or a part of one."""
    data, component = report.extra, report.component_id
    text, identity, part = data.get("text"), _number(data, "id"), _number(data, "chunk_seq")
    if not isinstance(text, str):
        return []
    over: list[PartText] = []
    waiting = state.texts.get(component)
    if waiting and waiting.identity != identity:
        over.append(_over(state, component))
        waiting = None
    if not identity:
        whole = _begun(report, 0)
        whole.text = text[:MOST_LETTERS]
        return [*over, whole] if text else over
    if waiting is None:
        if len(state.texts) >= MOST_COMPONENTS:
            over.append(_over(state, next(iter(state.texts))))
        waiting = state.texts[component] = _begun(report, identity)
    if part >= waiting.expected:
        _append(waiting, text, part)
        waiting.stored_us = report.stored_us
        if len(text.encode(errors="replace")) < FULL_BYTES:
            over.append(state.texts.pop(component))
    return over


def _append(waiting: PartText, text: str, part: int) -> None:
    gap = ELLIPSIS if part > waiting.expected else ""
    waiting.text = f"{waiting.text}{gap}{text}"
    waiting.complete = waiting.complete and not gap
    waiting.expected = part + 1
    if len(waiting.text) > MOST_LETTERS:
        waiting.text = waiting.text[: MOST_LETTERS - 1] + ELLIPSIS
        waiting.complete = False


def _begun(report: Report, identity: int) -> PartText:
    severity = report.extra.get("severity")
    return PartText(
        identity,
        severity if type(severity) is int and 0 <= severity < len(SEVERITIES) else -1,
        report.role == "autopilot",
        report.component_id,
        report.sequence,
        report.at_us,
        report.stored_us,
    )


def _overdue(state: EntityState, now_us: int) -> list[int]:
    return [
        component
        for component, waiting in state.texts.items()
        if now_us - waiting.stored_us > PATIENCE_US
    ]


def _over(state: EntityState, component: int) -> PartText:
    """A text that has ended without its end."""
    waiting = state.texts.pop(component)
    if not waiting.text.endswith(ELLIPSIS):
        waiting.text += ELLIPSIS
    waiting.complete = False
    return waiting


def _number(data: dict[str, object], field: str) -> int:
    value = data.get(field)
    return value if type(value) is int and 0 <= value < 2**16 else 0


def _event(state: EntityState, part: PartText) -> StatusText:
    """The same text has the same identity however often it is read: where it begins."""
    return StatusText(
        "statustext",
        f"statustext-{state.entity_id}-{part.sequence}",
        state.entity_id,
        state.org_id,
        part.component_id,
        part.severity if part.severity >= 0 else None,
        SEVERITIES[part.severity] if part.severity >= 0 else "UNKNOWN",
        part.text,
        part.complete,
        moment(part.at_us).isoformat().replace("+00:00", "Z"),
        state.recorded,
    )
