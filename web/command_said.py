"""What the form of a command says, as the type that the interface takes."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from flows.ontology.command_catalogue import CATALOGUE
from flows.ontology.command_kind import Kind, Parameter
from flows.ontology.command_parameters import hazard
from flows.ontology.commands import APPROVAL_SECONDS, EXPIRES_SECONDS
from web.command_bodies import CreateCommand
from web.command_fields import PARAMETER
from web.office_forms import wanted
from web.problems import Problem

_TICKED = "true"


def command_said(
    said: Mapping[str, str], now: float, *, entity_id: str = "", broadcast: bool | list[str] = False
) -> CreateCommand:
    """A command of one entity, or of several.

    Args:
        said: the fields of the form, of which those left empty are not said.
        now: seconds since 1970. What a script has said before, it is good for so long from then:
            what was on its way for longer, or waited for a server, is too late.
        entity_id: of whom it is wanted.
        broadcast: of whom instead.

    Raises:
        Problem: 422, it is none.
    """
    kind = CATALOGUE.get(said.get("command", ""))
    body: dict[str, Any] = {
        "command": said.get("command", ""),
        "params": {
            each.name: _value(each, said[PARAMETER + each.name])
            for each in (kind.parameters if kind else ())
            if said.get(PARAMETER + each.name)
        },
        **{name: said[name] for name in ("command_id", "priority", "reason") if said.get(name)},
        **{name: said.get(name) == _TICKED for name in ("confirmed", "forced")},
    }
    if said.get("within") or said.get("asked_at"):
        body["expires_at"] = _until(said, now, kind, body["params"])
    if entity_id:
        body["entity_id"] = entity_id
    else:
        body["broadcast"] = broadcast
    return wanted(body, CreateCommand)


def chosen(pairs: Iterable[tuple[str, str]]) -> bool | list[str]:
    """Whom a form addresses: all where it says so, else those that are ticked.

    Raises:
        Problem: 422, nobody.
    """
    said = [*pairs]
    if ("whom", "all") in said:
        return True
    entities = list(dict.fromkeys(value for name, value in said if name == "entities" and value))
    if not entities:
        raise Problem(422, "It is for nobody: choose whom it is for.")
    return entities


def _value(of: Parameter, text: str) -> Any:
    """What was typed, as its kind has it; what is none of it stays a text, and is refused."""
    match of.kind:
        case "flag":
            return text == _TICKED
        case "number" | "integer":
            return _number(text)
        case "items":
            try:
                return msgspec.json.decode(text)
            except msgspec.DecodeError:
                return text
        case _:
            return text


def _number(text: str) -> Any:
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return text


def _until(
    said: Mapping[str, str], now: float, kind: Kind | None, params: Mapping[str, Any]
) -> datetime:
    """When its time is over: as long after it was asked for as the form says, or as usual."""
    critical = kind is not None and hazard(kind, params) == "critical"
    usual = APPROVAL_SECONDS if critical else EXPIRES_SECONDS
    try:
        asked = min(float(said.get("asked_at") or 1000 * now) / 1000, now)
        seconds = float(said.get("within") or usual)
        return datetime.fromtimestamp(asked, UTC) + timedelta(seconds=seconds)
    except (ValueError, OverflowError, OSError) as error:
        raise Problem(422, "The form does not say for how long the command is good.") from error
