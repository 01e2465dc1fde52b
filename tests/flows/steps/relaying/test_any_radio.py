"""Whatever is lost, doubled, late or crashes: no command is done twice, and each has one end."""

from collections import Counter

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from told import NOON, SECOND, Told, ack, beat, delivery, place, said

from flows.ontology.radio import Speech, Station
from flows.ontology.relayed import Relayed
from flows.ontology.telemetry import microseconds
from flows.steps.relaying.carry import Relay
from flows.steps.relaying.command import TRIES

KINDS = {
    "arm": {},
    "disarm": {},
    "takeoff": {"altitude": 10},
    "hold": {},
    "goto": {"latitude": 47.41, "longitude": 8.51, "speed": 3},
    "reboot": {},
    "camera_trigger": {},
}
COMMANDS = (400, 22, 176, 11, 192, 178, 246, 2000)

_deliveries = st.tuples(
    st.just("ask"), st.sampled_from(sorted(KINDS)), st.integers(0, 5), st.booleans(),
    st.sampled_from(["normal", "emergency"]), st.sampled_from([0.5, 3.0, 60.0]),
)  # fmt: skip
_steps = st.one_of(
    _deliveries,
    st.tuples(st.just("again"), st.integers(0, 5)),
    st.tuples(st.just("cancel"), st.integers(0, 5)),
    st.tuples(st.just("ack"), st.sampled_from(COMMANDS), st.integers(0, 10), st.integers(1, 3)),
    st.tuples(st.just("wait"), st.sampled_from([0.01, 0.3, 1.1, 5.0])),
    st.tuples(st.just("beat")),
    st.tuples(st.just("snapshot")),
    st.tuples(st.just("crash")),
)


class Life:
    """A relay that is recovered from an older state, and reads again what was delivered since."""

    def __init__(self) -> None:
        self.told = Told()
        self.read: list = []
        self.given: dict = {}
        self.snapshot()

    def deliver(self, each) -> None:
        self.read.append(each)
        self.told.take(each)

    def snapshot(self) -> None:
        self.kept = msgspec.msgpack.encode(self.told.state), len(self.read)

    def crash(self) -> None:
        state, read = self.kept
        once = frozenset(each.sending_id for each in self.told.sent if each.once)
        self.told.relay = Relay(Station(beats=False), once)
        self.told.state = msgspec.msgpack.decode(state, type=Relayed)
        self.told.take(*self.read[read:])

    def do(self, step) -> None:
        name, *more = step
        getattr(self, name)(*more)

    def ask(self, kind, number, repeatable, priority, seconds) -> None:
        name = f"c{number}"
        if name not in self.given:
            self.given[name] = delivery(
                kind, KINDS[kind], command_id=name, at_us=self.told.now,
                repeatable=repeatable, priority=priority, seconds=seconds,
            )  # fmt: skip
            self.deliver(self.given[name])

    def again(self, number) -> None:
        if f"c{number}" in self.given:
            self.deliver(self.given[f"c{number}"])

    def cancel(self, number) -> None:
        if f"c{number}" in self.given:
            self.deliver(msgspec.structs.replace(self.given[f"c{number}"], cancel=True))

    def ack(self, command, result, copies) -> None:
        for _ in range(copies):
            self.told.hear(command, result)

    def wait(self, seconds) -> None:
        self.told.wait(seconds)

    def beat(self) -> None:
        self.told.take(beat(at_us=self.told.now))


@given(st.lists(_steps, max_size=40))
@settings(max_examples=300, deadline=None)
def test_commands_are_done_once_and_end_once_whatever_happens(steps):
    """Sent once if it is to be, never after it has expired, and ended by the clock alone."""
    life, sent_at = Life(), []
    for step in steps:
        before = len(life.told.sent)
        life.do(step)
        sent_at += [(each, life.told.now) for each in life.told.sent[before:]]
    life.told.wait(600)

    sent = [each for each in life.told.sent if each.sending_id]
    once = Counter(each.sending_id for each in sent if each.once)
    assert all(count == 1 for count in once.values())
    for name, given_to in life.given.items():
        ends = {e.identity for e in life.told.of(name) if e.identity.endswith("end")}
        assert len(ends) == 1, (name, life.told.of(name))
        if not given_to.repeatable:
            # What was refused may be said in another way.
            ways = Counter((each.name, each.fields.get("command")) for each in _of(sent, name))
            assert max(ways.values(), default=1) == 1, ways
    for each, at_us in sent_at:
        if each.sending_id:
            name = each.sending_id.split(":")[1]
            # Within one wait several are sent, each before the next: that is looked at below.
            assert at_us - 5 * SECOND < microseconds(life.given[name].expires_at)
    assert life.told.state.talks == life.told.state.waiting == []


def _of(sent: list[Speech], name: str) -> list[Speech]:
    return [each for each in sent if each.sending_id.startswith(f"v1:{name}:")]


@given(
    st.lists(st.sampled_from([0.05, 0.5, 1.0, 2.0]), min_size=1, max_size=20),
    st.floats(0.1, 8.0),
    st.booleans(),
)
def test_nothing_is_sent_after_it_has_expired_and_no_more_often_than_it_may(waits, seconds, twice):
    """Each packet is looked at by the time at which it is sent."""
    told = Told()
    told.take(delivery("arm", seconds=seconds, repeatable=twice))
    sent: list[int] = [NOON]
    for wait in waits:
        until = told.now + round(wait * SECOND)
        while told.now < until:
            before = len(told.sent)
            told.wait(0.05)
            sent += [told.now] * (len(told.sent) - before)

    assert len(sent) == len(told.sent) <= (TRIES if twice else 1)
    assert all(at_us < NOON + (seconds + 0.05) * SECOND for at_us in sent)


_values = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(), st.text(max_size=5),
    st.lists(st.integers(0, 300), max_size=3), st.sampled_from([0, 3, 5, 12, 190, 255, 400]),
)  # fmt: skip
_fields = st.dictionaries(
    st.sampled_from(
        ["command", "result", "progress", "target_system", "target_component", "type", "autopilot",
         "custom_mode", "base_mode", "text", "severity", "lat", "lon", "alt", "relative_alt"]
    ),
    _values,
)  # fmt: skip
_names = st.sampled_from(
    ["HEARTBEAT", "COMMAND_ACK", "STATUSTEXT", "GLOBAL_POSITION_INT", "HIGH_LATENCY2", "X"]
)


@given(st.lists(st.tuples(_names, _fields), max_size=20), st.sampled_from(sorted(KINDS)))
def test_whatever_a_vehicle_says_is_survived(messages, kind):
    """Fields of any type and size, and none."""
    told = Told(beat(), place())
    told.take(delivery(kind, KINDS[kind]))
    told.take(*(said(name, fields, told.now) for name, fields in messages))
    told.take(ack(400, at_us=told.now), delivery("arm", command_id="c2"))
    told.wait(100)

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(told.state), type=Relayed) == told.state
