"""A writing flow is killed over and over, beside a reader and maintenance."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from lake_tables import TABLES, parts_of

from connectors.lake import connect, create, maintain

KILLS = 4
DEADLINE = 30.0
WRITER = Path(__file__).with_name("lake_writer.py")
WHOLE = """
    SELECT count(*), count(DISTINCT seq), max(seq), min(seq),
        (SELECT last_seq FROM progress WHERE sink = 'sample'),
        (SELECT count(*) FROM part), (SELECT count(DISTINCT (seq, number)) FROM part)
    FROM sample
"""


@contextmanager
def writing(root: Path, last: int) -> Iterator[subprocess.Popen[bytes]]:
    """A flow that writes up to ``last``; killed at the latest where this ends."""
    recovery = root.with_name("recovery")
    writer = subprocess.Popen([sys.executable, WRITER, root, recovery, str(last)])
    try:
        yield writer
    finally:
        writer.kill()
        writer.wait()


def look(reader: duckdb.DuckDBPyConnection) -> int:
    """How far the lake goes; what it shows is whole at any moment, of both tables."""
    rows, distinct, last, first, mark, parts, distinct_parts = reader.execute(WHOLE).fetchall()[0]
    if not rows:
        return 0
    assert rows == distinct == last == mark
    assert first == 1
    assert parts == distinct_parts == sum(parts_of(each) for each in range(1, last + 1))
    return int(last)


def test_a_flow_that_is_killed_again_and_again_stores_every_row_once(tmp_path: Path) -> None:
    """Wherever it dies, a reader beside it sees whole epochs and no row twice or never."""
    root = tmp_path / "lake"
    create(root, TABLES, {})
    reader = connect(root)
    chance = random.Random(11)
    at = 0
    for number in range(KILLS):
        with writing(root, 10**9) as writer:
            began, until = at, time.monotonic() + DEADLINE
            while at == began:
                assert writer.poll() is None
                assert time.monotonic() < until
                at = look(reader)
            if number % 2:
                maintain(root)
            enough = time.monotonic() + chance.uniform(0, 0.2)
            while time.monotonic() < enough:
                at = look(reader)
        at = look(reader)
    last = at + 500
    with writing(root, last) as writer:
        assert writer.wait(DEADLINE) == 0

    assert look(reader) == last
    maintain(root)
    assert look(reader) == last
