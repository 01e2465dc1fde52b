"""Who controls an entity, and the buttons to take, take over and release control."""

from datetime import UTC, datetime

from markupsafe import Markup, escape

from flows.ontology.commands import Control
from web import command_words as words
from web.command_looker import Look


def control(look: Look, entity_id: str) -> Markup:
    """As one element that replaces itself."""
    held = look.board.holder(look.looker.organization, entity_id)
    said = _said(look, held)
    if look.old:
        said = f"Last known: {said[:1].lower()}{said[1:]}"
    buttons = "".join(_buttons(look, held, entity_id)) if look.looker.may_command else ""
    return Markup(  # noqa: S704  (every text in it is escaped where it is put in)
        f'<div id="control" class="control"><p>{escape(said)}</p>{buttons}</div>'
    )


def _said(look: Look, held: Control | None) -> str:
    if held is None:
        return "Nobody has control: whoever may command may ask."
    until = "" if held.until is None else f" until {_clock(held.until)} UTC, or longer by commands"
    if held.by.id == look.looker.user:
        return f"You have control{until}."
    return f"{words.actor(held.by)} has control{until}."


def _buttons(look: Look, held: Control | None, entity_id: str) -> list[str]:
    if held is None:
        return [_form(entity_id, "take_control", "Take control", "")]
    if held.by.id == look.looker.user:
        return [_form(entity_id, "release_control", "Release control", "")]
    who = words.actor(held.by)
    question = f"Take over control of {look.called(entity_id)} from {who}?"
    return [_form(entity_id, "take_control", "Take over", question)]


def _form(entity_id: str, act: str, word: str, sure: str) -> str:
    question = f'<p class="sure-text" hidden>{escape(sure)}</p>' if sure else ""
    return (
        f'<form method="post" action="/entities/{escape(entity_id)}" data-ask>'
        f'<input type="hidden" name="act" value="{act}">{question}'
        f'<button type="submit">{word}</button></form>'
    )


def _clock(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%H:%M:%S")
