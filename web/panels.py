"""What pages of forms and tables are made of: panels, rows, and forms of one line."""

from collections.abc import Iterable, Mapping, Sequence

import htpy as h

from web.moments import moment


def office(title: str, *content: h.Node, said: str = "", wrong: bool = False) -> h.Element:
    """The content of such a page; ``said`` is what came of what was asked for last."""
    return h.main(".office")[
        h.h1[title],
        h.p(".said", role="alert" if wrong else "status", data_wrong=wrong)[said] if said else None,
        content,
    ]


def panel(title: str, *content: h.Node) -> h.Element:
    return h.section(".panel", aria_label=title)[h.h2[title], content]


def table(heads: Sequence[str], rows: Iterable[Sequence[h.Node]]) -> h.Element:
    """A table; on small screens each cell says under which head it stands."""
    return h.table(".rows")[
        h.thead[h.tr[(h.th(scope="col")[each] for each in heads)]],
        h.tbody[
            (
                h.tr[
                    (
                        h.td(data_head=head or None)[cell]
                        for head, cell in zip(heads, row, strict=True)
                    )
                ]
                for row in rows
            )
        ],
    ]


def small_form(action: str, word: str, hidden: Mapping[str, str], *fields: h.Node) -> h.Element:
    """A form of one line: what is known, what is asked for, and a button.

    Without an ``action`` it is for the page that it stands on.
    """
    return h.form(".line", method="post", action=action or None)[
        (h.input(type="hidden", name=name, value=value) for name, value in hidden.items()),
        fields,
        h.button(type="submit")[word],
    ]


def sure(action: str, word: str, hidden: Mapping[str, str], warning: str) -> h.Element:
    """Something that cannot be taken back: asked for once, then once more."""
    return h.details(".more.sure", name="more")[
        h.summary[word],
        h.div[h.p[warning], small_form(action, f"Yes, {word.lower()}", hidden)],
    ]


def choice(name: str, label: str, options: Iterable[str], chosen: str = "") -> h.Element:
    return h.select(name=name, aria_label=label)[
        (h.option(value=each, selected=each == chosen)[each] for each in options)
    ]


def when(seconds: int | None) -> h.Node:
    """A time as a page shows it."""
    if seconds is None:
        return "never"
    text = moment(seconds)
    return h.time(datetime=text)[f"{text[:10]} {text[11:16]} UTC"]
