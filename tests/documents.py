"""What of the README is made from the code: drawings of the graphs, and tables of what there is.

``make golden`` puts it between the README's marks, and the drawings into ``tests/golden``.
"""

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import click
from bytewax.visualize import to_mermaid

HERE = Path(__file__).parent
# The project first: beside this file lies a folder that is called as a package of it.
sys.path[:0] = [str(HERE.parent), str(HERE / "flows")]

from ends import Ends  # noqa: E402  (found only now)

from connectors.metrics import COUNTERS, GAUGES  # noqa: E402
from connectors.projection import PROJECTIONS  # noqa: E402
from flows.cli import main as overwatch  # noqa: E402
from flows.command_outcomes import LEDGER  # noqa: E402
from flows.grants import GRANTS, Topic  # noqa: E402
from flows.history import TABLES, VIEWS  # noqa: E402
from flows.ontology.settings import TABLE  # noqa: E402
from flows.ontology.signals import FAMILIES, SIGNALS  # noqa: E402
from flows.ontology.streams import BUCKET, STREAMS  # noqa: E402
from flows.outcomes import REGISTRY  # noqa: E402
from flows.rejections import REJECTIONS  # noqa: E402
from flows.steps.mavlink import MESSAGES  # noqa: E402
from web.database import TABLES as WEB_TABLES  # noqa: E402
from web.identity import ROLES  # noqa: E402

GOLDEN = HERE / "golden"
README = HERE.parent / "README.md"


def drawings() -> dict[str, str]:
    """Each graph as Mermaid, by its name."""
    ends = Ends()
    flows = (
        ends.relay([]), ends.traffic([]), ends.telemetry([]), ends.entities([]), ends.commands([])
    )  # fmt: skip
    return {flow.flow_id: to_mermaid(flow).strip() + "\n" for flow in flows}


def sections() -> dict[str, str]:
    """Every part of the README that is made here, by the name in its marks."""
    drawn = {f"graph:{name}": f"```mermaid\n{text}```" for name, text in drawings().items()}
    return drawn | {name: made() for name, made in SECTIONS.items()}


def illustrated(text: str) -> str:
    """A text with what stands between its marks made anew."""
    for name, made in sections().items():
        begin, end = re.escape(f"<!-- {name} -->"), re.escape(f"<!-- /{name} -->")
        text = re.sub(
            f"(?s)({begin}).*?({end})", lambda m, made=made: f"{m[1]}\n{made}\n{m[2]}", text
        )
    return text


def _settings() -> str:
    rows = (
        (
            f"`{each.variable}`",
            f"`{each.default}`" if each.default else "",
            each.allowed,
            each.description,
        )
        for each in TABLE.values()
    )
    return _table(("Variable", "Default", "Allowed", "What it is"), rows)


def _streams() -> str:
    rows = (
        (
            f"`{each.name}`",
            ", ".join(f"`{subject}`" for subject in each.subjects),
            each.keeps,
            f"{each.max_age}".partition(",")[0] if each.max_age else "for ever",
        )
        for each in (*STREAMS, BUCKET)
    )
    return _table(("Stream", "Subjects", "Keeps", "For"), rows)


def _commands() -> str:
    return _table(("Command", "What it does"), _command_rows("overwatch", overwatch))


def _command_rows(path: str, group: click.Group) -> Iterable[tuple[str, str]]:
    for name, command in group.commands.items():
        yield f"`{path} {name}`", command.get_short_help_str(200)
        if isinstance(command, click.Group):
            yield from _command_rows(f"{path} {name}", command)


def _lake() -> str:
    tables = [
        (f"`{table.name}`", f"`{each.name}`", each.type, each.comment)
        for table in TABLES
        for each in table.columns
        if each.name not in {signal.column for signal in SIGNALS}
    ]
    return _table(("Table", "Column", "Type", "What it is"), tables) + (
        f"\n\nViews: {', '.join(f'`{name}`' for name in VIEWS)}."
    )


def _signals() -> str:
    every = (*SIGNALS, *FAMILIES)
    rows = (
        (
            f"`{branch}`",
            ", ".join(
                f"`{each.leaf}`" + (f" ({each.unit})" if each.unit != "1" else "")
                for each in every
                if each.branch == branch
            ),
        )
        for branch in dict.fromkeys(each.branch for each in every)
    )
    return _table(("Branch", "Signals and their units (UCUM)"), rows)


def _mavlink() -> str:
    rows = (
        (
            f"`{name}`" + (" \N{DAGGER}" if message.peripheral else ""),
            "; ".join(f"`{branch}`: {leaves}" for branch, leaves in _together(message.paths)),
        )
        for name, message in MESSAGES.items()
    )
    return _table(("Message", "Signals that it sets"), rows)


def _together(paths: Iterable[str]) -> Iterable[tuple[str, str]]:
    """The leaves of each branch."""
    leaves: dict[str, list[str]] = {}
    for path in paths:
        branch, _, leaf = path.rpartition(".")
        leaves.setdefault(branch, []).append(leaf)
    return ((branch, ", ".join(each)) for branch, each in leaves.items())


def _database() -> str:
    ours = [(table.name, table.columns) for table in (REGISTRY, *LEDGER, PROJECTIONS, REJECTIONS)]
    theirs = [(name, columns) for name, (columns, _) in WEB_TABLES.items()]
    rows = (
        (f"`{name}`", writer, ", ".join(f"`{column}`" for column in columns))
        for writer, tables in (("the flows", ours), ("the web", theirs))
        for name, columns in tables
    )
    return _table(("Table", "Written by", "Columns"), rows)


def _roles() -> str:
    rows = (
        (f"`{name}`", ", ".join(f"`{scope}`" for scope in sorted(scopes)))
        for name, scopes in ROLES.items()
    )
    return _table(("Role", "What it may do"), rows)


def _scopes() -> str:
    """What a credential of the organisation ``{org}`` may, who has its entity ``{entity}``."""
    rows = (
        (f"`{scope}`", _spelled(grant.say), _spelled(grant.hear)) for scope, grant in GRANTS.items()
    )
    return _table(("Scope", "Says", "Hears"), rows)


def _spelled(topics: Iterable[Topic]) -> str:
    subjects = (each for topic in topics for each in (*topic.whole, *topic.both, *topic.older))
    return ", ".join(f"`{each.removeprefix('constellation.')}`" for each in subjects)


def _metrics() -> str:
    rows = (
        (f"`{name}`", ", ".join(row.labels), row.description)
        for name, row in (COUNTERS | GAUGES).items()
    )
    return _table(("Metric", "Labels", "What it counts"), rows)


SECTIONS: Mapping[str, Callable[[], str]] = {
    "commands": _commands,
    "settings": _settings,
    "streams": _streams,
    "signals": _signals,
    "mavlink": _mavlink,
    "lake": _lake,
    "database": _database,
    "roles": _roles,
    "nats-scopes": _scopes,
    "metrics": _metrics,
}


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (heads, tuple("---" for _ in heads), *rows)
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "&#124;")


def main() -> None:
    GOLDEN.mkdir(exist_ok=True)
    for name, drawing in drawings().items():
        (GOLDEN / f"{name}.mmd").write_text(drawing)
    README.write_text(illustrated(README.read_text()))


if __name__ == "__main__":
    main()
