"""The life of a command as a time line: when it came to each state, by whom, why, and for how long.

Reports of one state that follow each other, as of progress, are one entry.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby, zip_longest

from markupsafe import Markup, escape

from flows.ontology.command_states import ended
from web import command_words as words
from web.command_bodies import Command
from web.command_html import tone

ID = "command-life"


def life(transitions: Iterable[Command]) -> Markup:
    """As one element that replaces itself."""
    entries = [list(each) for _, each in groupby(transitions, key=lambda each: each.state)]
    items = "".join(_items(entries))
    return Markup(  # noqa: S704  (every text in it is escaped where it is put in)
        f'<ol id="{ID}" class="life">{items}</ol>'
    )


def _items(entries: Sequence[Sequence[Command]]) -> Iterator[str]:
    day = ""
    for reports, following in zip_longest(entries, entries[1:]):
        first, last = reports[0], reports[-1]
        if words.day(first.at) != day:
            day = words.day(first.at)
            yield f'<li class="day">{day}</li>'
        until = following[0].at if following else None
        yield (
            f'<li data-tone="{tone(first.state)}">'
            f'<time datetime="{first.at.isoformat()}">{words.clock(first.at)}</time>'
            f"<b>{words.WORDS[first.state]}</b>"
            f"{_lasted(first, until)}{_why(last)}{_reports(reports)}</li>"
        )


def _lasted(first: Command, until: datetime | None) -> str:
    if ended(first.state):
        whole = words.lasted(first.at - first.requested_at)
        return f'<span class="lasted">{whole} in all</span>'
    if until is None:
        heard = round(first.at.timestamp() * 1000)
        return f'<span class="lasted age" data-heard="{heard}"></span>'
    return f'<span class="lasted">for {words.lasted(until - first.at)}</span>'


def _why(told: Command) -> str:
    by = f"by <bdi>{escape(words.actor(told.by))}</bdi>"
    because = f' · <span class="because">{escape(told.reason)}</span>' if told.reason else ""
    return f'<p class="below">{by}{because}</p>'


def _reports(reports: Sequence[Command]) -> str:
    """What more has been said of a state that it was in already."""
    if len(reports) == 1:
        return ""
    last = reports[-1]
    far = "" if last.progress is None else f", {last.progress:.0f} % by the last"
    return f'<p class="below">{len(reports)} reports{far}, at {words.clock(last.at)}</p>'
