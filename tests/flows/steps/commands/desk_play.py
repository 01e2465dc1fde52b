"""A desk with a stream, a ledger and a clock that can be crashed at any moment.

The stream drops what it has by its message id, as JetStream does. What the desk says is on its
way until it is flushed: a crash loses any part of its end, and the desk goes back to its last
snapshot. The ledger is written at once.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise

import msgspec
from book import Book

from connectors.jetstream import Message
from flows import command_outcomes
from flows.ontology import subjects
from flows.ontology.command_desk import Departed, Desk, Rules, Seen
from flows.ontology.command_facts import Limits
from flows.ontology.command_ledger import COMMANDS
from flows.ontology.command_states import ended, follows
from flows.ontology.commands import STREAM, Control, Delivery, Status
from flows.steps.commands.desk import take, wake_us
from flows.steps.commands.facts import VERSION
from flows.steps.commands.hear import hear
from flows.steps.commands.picture import Picture

SECOND = 1_000_000
NOON = 1_790_000_000 * SECOND
ORG = "north"


def at(us: int) -> datetime:
    return datetime.fromtimestamp(us / SECOND, UTC)


class Play:
    def __init__(self, *, two_person: bool = True) -> None:
        self.now = NOON
        self.stream: list[Message] = []
        self.ids: set[str] = set()
        self.documents: dict[str, Message] = {}
        self.bucket = 0
        self.two_person = two_person
        self.book = Book()
        self.refused: list[tuple[str, str]] = []
        self.counted: list[str] = []
        # What a stream was asked to take that had it already, and what has left the desk.
        self.again: list[str] = []
        self.flying: list = []
        self.read = 0
        self.saved = (msgspec.msgpack.encode(Desk()), 0)
        self._begin()

    def _begin(self) -> None:
        encoded, self.read = self.saved
        self.desk = msgspec.msgpack.decode(encoded, type=Desk)
        self.picture = Picture()
        for message in self.documents.values():
            self.picture.see(message)
        limits = Limits(120, 0, 30 * SECOND)
        began = len(self.stream)
        self.rules = Rules(limits, self.two_person, began, min(began, self.book.mark))

    @property
    def ledger(self) -> dict[str, dict[str, dict]]:
        return self.book.tables

    def say(self, subject: str, body: object, **headers: str) -> int:
        """Something is stored that the desk will read; its sequence, 0 if it was there already."""
        data = body if isinstance(body, bytes) else msgspec.json.encode(body)
        identity = headers.get("Nats-Msg-Id", "")
        if identity:
            if identity in self.ids:
                self.again.append(identity)
                return 0
            self.ids.add(identity)
        sequence = len(self.stream) + 1
        self.stream.append(Message(STREAM, subject, data, sequence, self.now, headers or None))
        return sequence

    def ask(self, entity: str = "v1", command: str = "hold", **more: object) -> int:
        """As the web says a request."""
        body = {
            "command_id": "c1", "org_id": ORG, "entity_id": entity, "command": command,
            "by": {"id": "ann", "means": "person"}, **more,
        }  # fmt: skip
        return self.say(subjects.command(ORG, entity, subjects.REQUEST), body)

    def decide(self, kind: str, entity: str = "v1", **more: object) -> int:
        body = {
            "decision_id": "d", "kind": kind, "org_id": ORG, "entity_id": entity,
            "by": {"id": "bob", "means": "person"}, **more,
        }  # fmt: skip
        return self.say(subjects.command(ORG, entity, subjects.DECISION), body)

    def answer(self, command_id: str, state: str, entity: str = "v1", **more: object) -> int:
        body = {"command_id": command_id, "state": state, **more}
        return self.say(subjects.command(ORG, entity, subjects.ACK), body)

    def document(self, entity: str = "v1", **more: object) -> None:
        """What is known of an entity now; it is heard now."""
        now = at(self.now).isoformat()
        body = {
            "entity_id": entity, "org_id": ORG, "name": entity,
            "entity_type": "aircraft_multirotor", "liveness": {"state": "live", "period": 1.0},
            "last_seen": now, "provenance": {}, **more,
        }  # fmt: skip
        self._see(entity, msgspec.json.encode(body), {VERSION: "{}"})

    def gone(self, entity: str = "v1") -> None:
        self._see(entity, b"", {VERSION: "{}", "KV-Operation": "PURGE"})

    def _see(self, entity: str, data: bytes, headers: dict[str, str]) -> None:
        self.bucket += 1
        message = Message(
            subjects.BUCKET_STREAM, subjects.state(entity), data, self.bucket, self.now, headers
        )
        self.documents[entity] = message
        seen = self.picture.see(message)
        if seen:
            self._take([Seen(seen)])

    def depart(self, organization: str = ORG) -> None:
        self._take([Departed(organization, self.now)])

    def turn(self, most: int = 1000) -> None:
        """The desk reads what there is, until there is nothing more that it has said itself."""
        self.flush()
        while self.read < len(self.stream):
            self.step(most)
            self.flush()
        self._take([])
        self.flush()

    def wait(self, seconds: float) -> None:
        """Time passes, and the desk is woken whenever it wants to be."""
        until = self.now + round(seconds * SECOND)
        while True:
            due = wake_us(self.desk, self.rules, self.picture)
            if due is None or due > until:
                break
            self.now = max(self.now, due)
            self._take([])
            self.turn()
        self.now = until
        self.turn()

    def step(self, most: int = 3) -> None:
        """The desk reads a few messages, and nothing that it says is stored yet."""
        batch = self.stream[self.read : self.read + most]
        self.read += len(batch)
        self._take([hear(each, self.rules.began) for each in batch])

    def flush(self) -> None:
        self._store(self.flying)
        self.flying = []

    def snapshot(self) -> None:
        """An epoch ends: everything said is stored, and the desk is saved with where it was."""
        self.flush()
        self.saved = (msgspec.msgpack.encode(self.desk), self.read)

    def crash(self, kept: int = 0) -> None:
        """Of what was on its way only so much arrived; the desk begins where it was saved."""
        self._store(self.flying[:kept])
        self.flying = []
        self._begin()

    def forget(self) -> None:
        """The folder of recovery is gone."""
        self.saved = (msgspec.msgpack.encode(Desk()), 0)
        self.crash()

    def _store(self, publications: Iterable) -> None:
        for each in publications:
            self.say(each.subject, each.data, **{"Nats-Msg-Id": each.message_id})

    def _take(self, told: list) -> None:
        outcomes = take(self.desk, told, self.now, self.rules, self.picture)
        keyed = [("commands", each) for each in outcomes]
        self.flying += [each for _, each in command_outcomes.publications(keyed)]
        self.counted += [each.labels[1] for each in command_outcomes.counts("commands", keyed)]
        for each in command_outcomes.refusals(keyed):
            self.refused.append((each.step, each.reason))
        for _, entry in command_outcomes.entries("commands", keyed):
            self.book.write(entry)

    def told(self, command_id: str = "c1") -> list[Status]:
        """The states of a command as the stream has them."""
        return [each for each in self.statuses() if each.command_id == command_id]

    def states(self, command_id: str = "c1") -> list[str]:
        return [each.state for each in self.told(command_id)]

    def statuses(self) -> list[Status]:
        return [each for each in self._said(subjects.STATUS) if isinstance(each, Status)]

    def controls(self) -> list[Control]:
        return [each for each in self._said(subjects.STATUS) if isinstance(each, Control)]

    def deliveries(self, *, cancel: bool = False) -> list[Delivery]:
        return [each for each in self._said(subjects.DELIVER) if each.cancel is cancel]

    def _said(self, part: str) -> list:
        found = []
        for each in self.stream:
            if each.subject.endswith(f".{part}"):
                kind = Delivery if part == subjects.DELIVER else Status
                if b'"command_id"' not in each.data:
                    kind = Control
                found.append(msgspec.json.decode(each.data, type=kind))
        return found

    def row(self, command_id: str = "c1") -> dict:
        return self.ledger[COMMANDS][f"{ORG}.{command_id}"]

    def check(self) -> None:
        """What holds at any time, of all that was said."""
        lives: dict[str, list[Status]] = {}
        for each in self.statuses():
            lives.setdefault(each.command_id, []).append(each)
        for life in lives.values():
            assert [each.number for each in life] == list(range(1, len(life) + 1)), life
            assert (life[0].state, life[0].previous) == ("requested", None)
            for before, after in pairwise(life):
                assert after.previous == before.state
                assert before.at <= after.at
                if after.state == before.state:
                    assert not ended(after.state)
                    assert after.entity_id == "broadcast" or after.progress is not None
                else:
                    assert follows(before.state, after.state), (before.state, after.state)
        held: dict[str, list[int]] = {}
        for each in self.controls():
            held.setdefault(each.entity_id, []).append(each.number)
        assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in held.values())
        delivered = self.deliveries()
        assert len({each.command_id for each in delivered}) == len(delivered)
        for each in delivered:
            assert each.issued_at < each.expires_at
            life = lives[each.command_id]
            assert "queued" in [status.state for status in life]
        taken_back = self.deliveries(cancel=True)
        assert len({each.command_id for each in taken_back}) == len(taken_back)
        assert {each.command_id for each in taken_back} <= {each.command_id for each in delivered}

    def check_end(self) -> None:
        """What holds once everything was read, and all time has passed."""
        self.check()
        last = {each.command_id: each for each in self.statuses()}
        assert all(ended(each.state) for each in last.values())
        rows = self.ledger[COMMANDS]
        assert {row["command_id"]: row["state"] for row in rows.values()} == {
            key: each.state for key, each in last.items()
        }
        assert {row["command_id"]: row["number"] for row in rows.values()} == {
            key: each.number for key, each in last.items()
        }
        assert not any(row["active"] for row in rows.values())
        desk = self.desk
        assert (desk.orders, desk.of, desk.open, desk.due, desk.waits) == ({}, {}, {}, [], [])
        sent = {each.command_id for each in self.statuses() if each.state == "sent"}
        parents = {each.command_id for each in last.values() if each.entity_id == "broadcast"}
        assert sent - parents == {each.command_id for each in self.deliveries()}
