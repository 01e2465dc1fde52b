"""What can be a table, and what cannot."""

import pytest

from connectors.tables import Column, Table

ORIGIN = (Column("stream", "VARCHAR", "where"), Column("seq", "BIGINT", "which"))


@pytest.mark.parametrize(
    "name", ["", "a b", 'a"b', "a;DROP TABLE b", "Ä", "1st", "x" * 64, "a\n", "A"]
)
def test_hostile_names_are_refused(name: str) -> None:
    """Of tables and of columns: names become SQL."""
    with pytest.raises(ValueError, match="is no name"):
        Column(name, "DOUBLE", "")
    with pytest.raises(ValueError, match="is no name"):
        Table(name, ORIGIN)


@pytest.mark.parametrize(
    "type_", ["", "double", "DOUBLE; DROP TABLE a", "STRUCT(a INT)", "VARCHAR[]"]
)
def test_unknown_types_are_refused(type_: str) -> None:
    """They become SQL too."""
    with pytest.raises(ValueError, match="none of ours"):
        Column("a", type_, "")


@pytest.mark.parametrize("layout", ["day(ts)", "seq, minute(seq)", "seq; DROP", "seq,,stream"])
def test_a_table_cannot_be_parted_by_what_it_has_not(layout: str) -> None:
    """Neither by an unknown column nor by anything that is not one."""
    with pytest.raises(ValueError, match=r"partitioned|laid out"):
        Table("a", ORIGIN, partition_by=layout)


def test_every_table_says_where_its_rows_came_from() -> None:
    """Without it, a repetition could not be told."""
    with pytest.raises(ValueError, match="'stream'"):
        Table("a", (Column("seq", "BIGINT", ""),))
    with pytest.raises(ValueError, match="'seq' of type BIGINT"):
        Table("a", (Column("stream", "VARCHAR", ""), Column("seq", "INTEGER", "")))


def test_the_lakes_own_table_is_not_to_be_had() -> None:
    """Nor are two columns of one name, nor an order by what is not there."""
    with pytest.raises(ValueError, match="taken"):
        Table("progress", ORIGIN)
    with pytest.raises(ValueError, match="two columns"):
        Table("a", (*ORIGIN, ORIGIN[0]))
    with pytest.raises(ValueError, match="laid out"):
        Table("a", ORIGIN, sort_by=("ts",))
