"""One command as an item of a list: what, of whom, how far it is, and what can be done of it.

Items are the hot path, rendered as often as commands change: plain f-strings with every text
escaped. What buttons ask for stands in the text of a form and in no attribute.
"""

from collections.abc import Iterator

from markupsafe import Markup, escape

from flows.ontology.command_states import ended
from flows.ontology.subjects import BROADCAST
from web import command_words as words
from web.command_bodies import Command
from web.command_looker import Look

PREFIX = "c-"
# States that ended well, badly, or were given up; all others are on their way.
_TONES = {
    "completed": "good", "failed": "bad", "rejected": "bad", "timed_out": "bad", "expired": "bad",
    "cancelled": "off", "superseded": "off", "awaiting_approval": "waits",
}  # fmt: skip


def item(command: Command, look: Look) -> Markup:
    """A command, as an element that replaces itself."""
    open_ = "" if ended(command.state) else " data-unended"
    path = f"/commands/{escape(command.command_id)}"
    return Markup(  # noqa: S704  (every text in it is escaped where it is put in)
        f'<li id="{PREFIX}{escape(command.command_id)}" class="order"{open_}>'
        f'<div class="order-head"><a href="{path}">{escape(words.title(command.command))}</a>'
        f"{_of(command, look)}{_urgent(command)}{state(command, look)}{_since(command)}</div>"
        f"{_told(command)}{progress(command)}{counts(command.counts)}{acts(command, look)}</li>"
    )


def state(command: Command, look: Look) -> str:
    """Where it is; what is not followed is told as what it was."""
    last = "last known: " if look.old and not ended(command.state) else ""
    open_ = "" if ended(command.state) else " data-unended"
    colour = "waits" if last else tone(command.state)
    word = words.WORDS[command.state]
    return f'<span class="step" data-tone="{colour}"{open_}>{last}{word}</span>'


def tone(of: str) -> str:
    """Whether a state ended well, badly or was given up, waits for somebody, or goes on."""
    return _TONES.get(of, "")


def progress(command: Command) -> str:
    """How far it says it is, while it goes on."""
    if command.progress is None or ended(command.state):
        return ""
    done = min(max(command.progress, 0.0), 100.0)
    return f'<progress max="100" value="{done:.0f}">{done:.0f} %</progress>'


def counts(of: dict[str, int]) -> str:
    """How many of those that it is made of are in which state."""
    if not of:
        return ""
    chips = "".join(
        f'<li data-tone="{tone(name)}"><b>{number:d}</b> '
        f"{escape(words.brief(name).replace('_', ' '))}</li>"
        for name, number in of.items()
    )
    return f'<ul class="tally">{chips}</ul>'


def acts(command: Command, look: Look) -> str:
    """What whoever looks may decide of it."""
    buttons = "".join(_acts(command, look))
    return f'<div class="acts">{buttons}</div>' if buttons else ""


def _acts(command: Command, look: Look) -> Iterator[str]:
    if ended(command.state):
        return
    what = f"{words.title(command.command)} of {_whom(command, look)}"
    asker = words.actor(command.requested_by)
    if look.looker.approves(command):
        yield _form(command, "approve", "Approve", f"Approve {what}, which {asker} asks for?")
        yield _form(command, "deny", "Deny", f"Deny {what}, which {asker} asks for?")
    if look.looker.may_command:
        yield _form(command, "cancel", "Cancel", "")


def _form(command: Command, act: str, word: str, sure: str) -> str:
    question = f'<p class="sure-text" hidden>{escape(sure)}</p>' if sure else ""
    called = escape(f"{word} {words.title(command.command)}")
    return (
        f'<form method="post" action="/commands/{escape(command.command_id)}" data-ask>'
        f'<input type="hidden" name="act" value="{act}">{question}'
        f'<button type="submit" class="{act}" aria-label="{called}">{word}</button></form>'
    )


def _whom(command: Command, look: Look) -> str:
    return words.whom(command.entity_id, look.called(command.entity_id))


def _of(command: Command, look: Look) -> str:
    whom = escape(_whom(command, look))
    if command.entity_id == BROADCAST:
        return f'<span class="whom">{whom}</span>'
    return f'<a class="whom" href="/entities/{escape(command.entity_id)}"><bdi>{whom}</bdi></a>'


def _urgent(command: Command) -> str:
    if command.priority == "normal":
        return ""
    return f'<span class="urgency" data-priority="{command.priority}">{command.priority}</span>'


def _since(command: Command) -> str:
    """When it came to be so: how long ago while it goes on, else at what time."""
    if ended(command.state):
        at = f"{words.day(command.at)} {words.clock(command.at)[:8]}"
        return f'<time datetime="{command.at.isoformat()}">{at}</time>'
    heard = round(command.at.timestamp() * 1000)
    return f'<span class="age" data-heard="{heard}">{words.clock(command.at)[:8]}</span>'


def _told(command: Command) -> str:
    """With what, by whom, and why it is where it is."""
    said = words.params(command.command, command.params)
    parts = [
        escape(said) if said else "",
        f"by <bdi>{escape(words.actor(command.requested_by))}</bdi>",
        f'<span class="because">{escape(words.brief(command.reason))}</span>'
        if command.reason
        else "",
    ]
    return f'<p class="below">{" · ".join(each for each in parts if each)}</p>'
