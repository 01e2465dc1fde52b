"""What every live page says of the whole: counts, the connection, and how old the picture is."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

from markupsafe import Markup

from web.entity import State
from web.picture import Picture


def states(picture: Picture, organization: str) -> Counter[State]:
    """How many of an organisation's entities are in each state."""
    return Counter(picture.judged(each).state for each in picture.entities(organization).values())


def counts(of: Counter[State]) -> Markup:
    """The counts of the top bar. Replays are counted only where there are any."""
    shown: list[tuple[str, str, int]] = [
        ("total", "entities", of.total()),
        ("live", "live", of["live"]),
        ("stale", "stale", of["stale"]),
        ("lost", "lost", of["lost"]),
    ]
    if of["replay"]:
        shown.append(("replay", "replay", of["replay"]))
    return Markup(f'<div id="counts" class="counts">{"".join(_counts(shown))}</div>')  # noqa: S704


def _counts(shown: Iterable[tuple[str, str, int]]) -> Iterable[str]:
    for state, word, number in shown:
        none = "" if number else " data-none"
        yield (
            f'<div class="count" data-state="{state}"{none}>'
            f"<b>{number}</b><span>{word}</span></div>"
        )


def connection(picture: Picture) -> Markup:
    """The badge of the top bar."""
    state, word = ("live", "connected") if picture.connected else ("lost", "no data")
    return Markup('<span id="connection" class="connection" data-state="{}">{}</span>').format(
        state, word
    )


def banner(picture: Picture) -> Markup:
    """What stands over a picture that grows old."""
    if picture.connected:
        return Markup('<div id="banner" class="stale-banner" role="alert" hidden></div>')
    since = datetime.fromtimestamp(picture.since, UTC).strftime("%H:%M:%S UTC")
    return Markup(
        '<div id="banner" class="stale-banner" role="alert">'
        "No data since {}: what is shown is old. {}</div>"
    ).format(since, picture.trouble)
