"""Who has made which organisations: they may see to those as to their own."""

from collections.abc import Callable, Sequence

from web.database import Row, Tables

Execute = Callable[[str, Sequence[object]], list[Row]]


def made_by(tables: Tables, maker: str) -> frozenset[str]:
    """The organisations that a key, by its hash, or a person, by their id, has made."""
    rows = tables.read("SELECT org_id FROM organization_makers WHERE maker = ?", (maker,))
    return frozenset(row["org_id"] for row in rows)


def note(execute: Execute, org_id: str, maker: str) -> None:
    """Put down who has made an organisation."""
    execute(
        "INSERT INTO organization_makers (grant_id, org_id, maker) VALUES (?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (f"{org_id}/{maker}", org_id, maker),
    )


def hand_on(execute: Execute, maker: str, successor: str) -> None:
    """Let a key that stands for another see to what that has made."""
    execute(
        "INSERT INTO organization_makers (grant_id, org_id, maker)"
        " SELECT org_id || '/' || ?, org_id, ? FROM organization_makers WHERE maker = ?",
        (successor, successor, maker),
    )
