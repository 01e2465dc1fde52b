"""The page of one entity: its head, every signal by branch, and where each came from."""

from markupsafe import Markup, escape

from flows.ontology.entities import Json
from flows.ontology.signals import Signal
from web import frames, reading, wording
from web.entity import Entity, Judged
from web.entity_groups import Group, groups, names
from web.entity_sources import link, sources
from web.freshness import Fresh
from web.picture import Picture

# Where our own document says who and how, so that the rest is somebody else's.
HEAD = frozenset(
    (
        "entity_id", "org_id", "name", "entity_type", "status", "priority", "is_live",
        "liveness", "source", "recorded", "system_id", "first_seen", "last_seen",
        "provenance", "sequences", "link", "commands",
    )
)  # fmt: skip
MOST_OTHER = 20_000  # Characters of foreign JSON that are shown.
GONE = Markup(
    '<article id="entity" class="entity"><p class="notice">'
    "This entity is no longer in the fleet.</p></article>"
)


def page(entity: Entity, picture: Picture) -> Markup:
    """The whole of an entity, as one element that replaces itself."""
    document = reading.decode(entity.document)
    sections = "".join(_section(group) for group in groups(entity, document, picture))
    sections = sections or '<p class="notice">It has reported no signal yet.</p>'
    return Markup(  # noqa: S704  (every text in it is escaped where it is put in)
        f'<article id="entity" class="entity">{_head(entity, picture.judged(entity))}'
        f'<div class="signal-groups">{sections}</div>'
        f"{link(document)}{sources(document)}{_other(document)}</article>"
    )


def _head(entity: Entity, judged: Judged) -> str:
    head = entity.head
    heard = "" if entity.heard_us is None else f' data-heard="{entity.heard_us // 1000}"'
    facts = [
        ("Type", head.entity_type.replace("_", " ")),
        ("Id", head.entity_id),
        ("Source", head.source),
        ("Mode", f"{entity.mode}{' · armed' if entity.armed else ''}"),
        ("Because", judged.reason),
    ]
    terms = "".join(
        f"<div><dt>{name}</dt><dd>{escape(text)}</dd></div>" for name, text in facts if text
    )
    return (
        f'<header class="entity-head" data-state="{judged.state}"><h1>{escape(head.name)}</h1>'
        f'<span class="state" data-state="{judged.state}">{wording.STATES[judged.state]}</span>'
        f'<span class="age"{heard}>{wording.age(judged.age)}</span>'
        f'<a class="to-map" href="/map#{head.entity_id}">Show on the map</a>'
        f"<dl>{terms}</dl></header>"
    )


def _section(group: Group) -> str:
    rows = "".join(
        _row(signal, text, fresh)
        for (signal, text), fresh in zip(group.values, group.fresh, strict=True)
    )
    worst = group.worst
    why = ""
    if worst.state in ("stale", "lost"):
        why = f'<p class="why"><b>{wording.STATES[worst.state]}</b> {escape(worst.reason)}</p>'
    return (
        f'<section class="signal-group" data-state="{group.state}"><h3>{escape(group.name)}</h3>'
        f'{why}<table class="signals"><tbody>{rows}</tbody></table></section>'
    )


def _row(signal: Signal, text: str, fresh: Fresh) -> str:
    """A signal. What is not known to be so any more is told as what it was, and never as it is."""
    heard = "" if fresh.seen_us is None else f' data-heard="{fresh.seen_us // 1000}"'
    value, title = escape(text), ""
    if fresh.state in ("stale", "lost"):
        word = wording.STATES[fresh.state]
        title = f' title="{escape(f"{word}: {fresh.reason}")}"'
        value = Markup('<span class="unseen">{}, last known: </span>').format(word.lower()) + value
    return (
        f'<tr data-state="{fresh.state}"{title}>'
        f'<th scope="row" title="{escape(signal.description)}">{escape(signal.leaf)}</th>'
        f'<td class="value">{value}</td><td class="unit">{wording.unit(signal)}</td>'
        f'<td class="age"{heard}>{wording.age(fresh.age)}</td></tr>'
    )


def _other(document: Json) -> str:
    """What other programs have put there, as they have written it."""
    branches = names(reading.branch(document, "provenance"))
    known = {name.partition(".")[0] for name in branches} | HEAD
    other = {name: value for name, value in document.items() if name not in known}
    if not other:
        return ""
    text = escape(frames.shown(other, MOST_OTHER))
    return f'<section class="other"><h3>Other</h3><pre>{text}</pre></section>'
