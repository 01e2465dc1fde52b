"""The audit log: what is on record stays, and whatever is done to it shows."""

import asyncio
import json
import sqlite3
import threading
from pathlib import Path

import pytest
from serving import WoundClock
from starlette.requests import Request

from web.audit import Audit, actor
from web.audit_chain import Chain, Entry
from web.database import Tables
from web.identity import Identity

SECRET = b"s" * 32
ENTRY = Entry(1_790_000_000_000_000, "north", "key:0123", "entity.create", "d3b0", after='{"a":1}')


@pytest.fixture
def tables(tmp_path: Path):
    opened = Tables(tmp_path / "overwatch.db")
    yield opened
    opened.close()


@pytest.fixture
def chain(tables: Tables, tmp_path: Path) -> Chain:
    return Chain(tables, SECRET, tmp_path / "audit-length")


@pytest.fixture
def forger(tmp_path: Path, chain: Chain):
    """Somebody who has the file, and takes away what protects its rows."""
    chain.append([ENTRY] * 3)
    chain.append([ENTRY])
    opened = sqlite3.connect(tmp_path / "overwatch.db")
    for change in ("update", "delete"):
        opened.execute(f"DROP TRIGGER audit_no_{change}")
    opened.commit()
    yield opened
    opened.close()


def request(who: Identity | None = None) -> Request:
    scope = {"type": "http", "client": ("192.0.2.7", 5), "identity": who}
    return Request(scope)


def test_what_was_written_is_found_as_it_was_written(chain):
    """However many rows come at once, or one after the other."""
    assert chain.verify().rows == 0
    chain.append([ENTRY] * 1500)
    chain.append([ENTRY])

    assert chain.verify() == type(chain.verify())(1501, "")


@pytest.mark.parametrize(
    ("forgery", "fault"),
    [
        ("UPDATE audit SET actor = 'key:9' WHERE sequence = 2", "Row 2 is not what was written."),
        ("UPDATE audit SET at_us = at_us + 1 WHERE sequence = 1", "Row 1 is not what was written."),
        ("UPDATE audit SET seal = 'x' WHERE sequence = 4", "Row 4 is not what was written."),
        ("DELETE FROM audit WHERE sequence = 1", "Row 1 is missing."),
        ("DELETE FROM audit WHERE sequence = 3", "Row 3 is missing."),
        ("DELETE FROM audit WHERE sequence = 4", "There were 4 rows, and only 3 are left."),
        ("DELETE FROM audit", "There were 4 rows, and only 0 are left."),
        (
            (
                "INSERT INTO audit SELECT 5, at_us, org_id, actor, action, target, outcome, "
                "address, before, after, seal FROM audit WHERE sequence = 4"
            ),
            "Row 5 is not what was written.",
        ),
    ],
)
def test_a_forgery_is_found(chain, forger, forgery, fault):
    """Where it begins."""
    assert chain.verify().fault == ""
    forger.execute(forgery)
    forger.commit()

    assert chain.verify().fault == fault


def test_rows_written_anew_after_the_end_was_cut_off_are_found(chain, forger):
    """Their seals are right, and not those that were."""
    forger.execute("DELETE FROM audit WHERE sequence = 4")
    forger.commit()
    noted = chain._length.read_bytes()
    chain.append([Entry(1, "north", "key:9", "entity.create")])
    chain._length.write_bytes(noted)

    assert chain.verify().fault == "Rows up to 4 were written anew."


@pytest.mark.parametrize("change", ["UPDATE audit SET actor = ''", "DELETE FROM audit"])
def test_nobody_changes_what_is_on_record(tables, chain, change):
    """Not by accident, and not by our own connection."""
    chain.append([ENTRY])

    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        tables.write(change)
    assert chain.verify().rows == 1


def test_several_processes_write_one_chain(tmp_path, chain):
    """Here threads with connections of their own stand for them."""

    def append() -> None:
        other = Tables(tmp_path / "overwatch.db")
        for _ in range(20):
            Chain(other, SECRET, tmp_path / "audit-length").append([ENTRY])
        other.close()

    threads = [threading.Thread(target=append) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (chain.verify().rows, chain.verify().fault) == (80, "")


async def test_many_at_once_are_all_on_record(anyio_backend, tables, chain):
    """Each is there when its recording returns, and says who, from where and how it was."""
    audit = Audit(chain, WoundClock().clock)
    who = Identity("north", frozenset(("entities:write",)), key="ab" * 32)

    async def record(number: int) -> None:
        after = {"name": f"n{number}", "nats_seed": "SUAB", "in": [{"token": "t", "kept": 1}]}
        await audit.record(request(who), "entity.create", f"e{number}", after=after)
        assert tables.read("SELECT 1 FROM audit WHERE target = ?", (f"e{number}",))

    await asyncio.gather(*(record(number) for number in range(200)))

    rows = tables.read("SELECT * FROM audit")
    assert len(rows) == 200
    assert chain.verify().fault == ""
    assert {row["actor"] for row in rows} == {"key:" + "ab" * 8}
    assert {row["address"] for row in rows} == {"192.0.2.7"}
    assert json.loads(rows[0]["after"])["in"] == [{"kept": 1}]
    assert "SUAB" not in str(rows)


async def test_one_who_leaves_is_on_record_all_the_same(anyio_backend, tables, chain):
    """A client that hangs up takes back nothing of what it did."""
    audit = Audit(chain, WoundClock().clock)
    waiting = asyncio.create_task(audit.record(request(), "person.sign_in", outcome="refused"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await audit.record(None, "entity.delete", "e1", organization="north")

    found = tables.read("SELECT action, actor, org_id FROM audit ORDER BY sequence")
    assert [tuple(row.values()) for row in found] == [
        ("person.sign_in", "nobody", ""),
        ("entity.delete", "nobody", "north"),
    ]


async def test_what_one_who_leaves_did_is_on_record_before_what_comes_after(
    anyio_backend, tables, tmp_path
):
    """However long its writing takes, and whether or not its turn had come."""
    begun, go_on = threading.Event(), threading.Event()

    class Slow(Chain):
        def append(self, entries):
            if not begun.is_set():
                begun.set()
                assert go_on.wait(30)
            super().append(entries)

    audit = Audit(Slow(tables, SECRET, tmp_path / "audit-length"), WoundClock().clock)
    leaving = [asyncio.create_task(audit.record(None, f"first.{number}")) for number in range(2)]
    await asyncio.to_thread(begun.wait, 30)
    for each in leaving:
        each.cancel()
    await asyncio.gather(*leaving, return_exceptions=True)
    last = asyncio.create_task(audit.record(None, "last"))
    # Time enough for it to be first, if it could be.
    await asyncio.sleep(0.05)
    go_on.set()
    await last

    found = tables.read("SELECT action FROM audit ORDER BY sequence")
    assert [row["action"] for row in found] == ["first.0", "first.1", "last"]


def test_a_person_is_told_from_a_key():
    """People are named by their id, keys by the beginning of their hash."""
    nothing = frozenset[str]()
    assert actor(Identity("north", nothing, session="s", user="u1")) == "person:u1"
    assert actor(Identity("north", nothing, key="0123456789abcdef99")) == "key:0123456789abcdef"
    assert actor(None) == "nobody"
