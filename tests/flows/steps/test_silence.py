"""Who has been silent for too long, against a slow look at everybody."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.steps.silence import SOONEST_US, Alarm, Heard, Patience, Watch, next_due_us, shard, watch

PATIENCE = Patience(5, 30)
NAMES = ("a", "b", "c")


def test_an_entity_is_told_of_once_when_stale_and_once_when_lost():
    """Looking more often tells nothing more."""
    state = Watch()
    told = [
        [each.entity_id for each in watch(state, heard, now, PATIENCE)]
        for now, heard in ((0, [Heard("a", 0)]), (4, []), (5, []), (6, []), (30, []), (99, []))
    ]

    assert told == [[], [], ["a"], [], ["a"], []]
    assert next_due_us(state) is None


def test_whoever_speaks_in_time_is_not_told_of():
    """The deadline moves with every word."""
    state = Watch()
    for now in range(0, 100, 4):
        assert watch(state, [Heard("a", now)], now, PATIENCE) == []
    assert [each.heard_us for each in watch(state, [], 101, PATIENCE)] == [96]


def test_a_clock_that_was_set_back_keeps_nobody_alive():
    """Who was live is silent from then on; who speaks again is heard from then on."""
    state = Watch()
    watch(state, [Heard("a", 1000), Heard("b", 1000), Heard("c", 900)], 1000, PATIENCE)
    assert watch(state, [Heard("b", 100), Heard("d", 100)], 100, PATIENCE) == []
    assert watch(state, [Heard("b", 104), Heard("c", 104)], 104, PATIENCE) == []

    assert {each.entity_id for each in watch(state, [], 105, PATIENCE)} == {"a", "d"}
    assert {each.entity_id for each in watch(state, [], 109, PATIENCE)} == {"b", "c"}


def test_a_clock_of_the_server_that_is_a_little_ahead_is_believed():
    """Two machines never agree to the microsecond."""
    state = Watch()
    watch(state, [Heard("a", 102)], 100, PATIENCE)
    assert watch(state, [], 106, PATIENCE) == []
    assert [each.heard_us for each in watch(state, [], 107, PATIENCE)] == [102]


def test_a_stale_entity_that_speaks_again_can_fall_silent_again():
    """It comes back to life in full."""
    state = Watch()
    watch(state, [Heard("a", 0)], 0, PATIENCE)
    assert len(watch(state, [], 5, PATIENCE)) == 1
    assert watch(state, [Heard("a", 6)], 6, PATIENCE) == []
    assert next_due_us(state) is not None
    told = [now for now in range(7, 60) for _ in watch(state, [], now, PATIENCE)]
    assert told[-1] == 36


@pytest.mark.parametrize(
    ("silent", "liveness"),
    [(0, "live"), (4, "live"), (5, "stale"), (29, "stale"), (30, "lost"), (-3, "live")],
)
def test_silence_is_judged_by_its_length(silent: int, liveness: str):
    """At its threshold a state begins."""
    assert PATIENCE.judge(silent) == liveness


steps = st.lists(
    st.tuples(st.integers(1, 20), st.lists(st.sampled_from(NAMES), max_size=3)), max_size=40
)


@given(steps, st.integers(0, 39))
def test_the_heap_tells_of_each_that_is_silent_whenever_it_is_stopped(steps: list, stop: int):
    """At any time, each entity's last telling agrees with how long it has been silent."""
    state, now = Watch(), 0
    heard: dict[str, int] = {}
    known: dict[str, str] = {}
    for number, (pause, names) in enumerate(steps):
        now += pause
        if number == stop:  # The process is killed, and another goes on.
            state = msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=Watch)
        heard |= dict.fromkeys(names, now)
        known |= dict.fromkeys(names, "live")
        for told in watch(state, [Heard(name, now) for name in names], now, PATIENCE):
            assert told.heard_us == heard[told.entity_id]
            known[told.entity_id] = PATIENCE.judge(now - told.heard_us)
        for name, at in heard.items():
            assert known[name] == PATIENCE.judge(now - at)


def test_entities_are_spread_over_shards_the_same_way_in_every_process():
    """A shard is part of what recovery finds a state by."""
    assert [shard(name) for name in NAMES] == ["3", "9", "15"]


SECOND = 1_000_000
NOON = 1_790_000_000 * SECOND
SLOW = Patience(5 * SECOND, 30 * SECOND)


def looks(state: Watch, until: int) -> list[int]:
    """At which seconds after noon somebody is told of, while nothing is said."""
    found: list[int] = []
    while (due := next_due_us(state)) is not None and due <= NOON + until * SECOND:
        found.extend((due - NOON) // SECOND for _ in watch(state, [], due, SLOW))
    return found


def test_whoever_speaks_seldom_is_looked_at_in_between_and_told_lost_when_it_is():
    """At intervals that double, for its branches; by its own rate for itself."""
    state = Watch()
    for minute in range(-3, 1):
        at = NOON + 60 * minute * SECOND
        watch(state, [Heard("a", at)], at, SLOW)

    assert looks(state, 10_000) == [5, 10, 20, 40, 80, 160, 180, 320, 600]
    assert next_due_us(state) is None


def test_a_rate_is_learned_from_every_word_of_a_batch_and_from_what_was_known():
    """However they come together, and after a start without memory."""
    times = [NOON + 60 * minute * SECOND for minute in range(-3, 1)]
    batched, told = Watch(), Watch()
    watch(batched, [Heard("a", times[-1], times[:-1])], NOON, SLOW)
    watch(told, [Heard("a", NOON, period_us=60 * SECOND)], NOON, SLOW)

    assert looks(batched, 10_000)[-1] == looks(told, 10_000)[-1] == 600


def test_an_alarm_rings_when_it_is_due_whatever_is_heard():
    """Once, and no sooner than what it was set by is known everywhere."""
    state = Watch()
    late, soon = 3 * SOONEST_US, SOONEST_US // 2
    assert watch(state, [Alarm("a", late), Alarm("b", soon), Heard("a", 0)], 0, PATIENCE) == []
    for now in (SOONEST_US - 1, SOONEST_US, late - 1, late, 2 * late):
        told = watch(state, [Heard("a", now)], now, PATIENCE)
        assert [each.entity_id for each in told] == {SOONEST_US: ["b"], late: ["a"]}.get(now, [])


def test_who_is_waited_for_by_an_alarm_alone_is_waited_for():
    """And before any silence that is due later."""
    state = Watch()
    watch(state, [Alarm("a", 9 * SOONEST_US)], 0, PATIENCE)
    assert next_due_us(state) == 9 * SOONEST_US
    watch(state, [Heard("b", 9 * SOONEST_US - 1)], 9 * SOONEST_US - 1, PATIENCE)
    assert next_due_us(state) == 9 * SOONEST_US
    watch(state, [], 9 * SOONEST_US, PATIENCE)
    assert next_due_us(state) == 9 * SOONEST_US - 1 + PATIENCE.stale_us


def test_alarms_outlive_a_clock_that_was_set_back():
    """They are of a time, and of no silence."""
    state = Watch()
    watch(state, [Alarm("a", 9 * SOONEST_US)], 5 * SOONEST_US, PATIENCE)
    assert watch(state, [], 0, PATIENCE) == []
    assert [each.entity_id for each in watch(state, [], 9 * SOONEST_US, PATIENCE)] == ["a"]


def test_who_is_lost_is_not_watched_any_more_after_an_alarm():
    """Who was deleted long ago takes no room; whoever speaks again is watched again."""
    state = Watch()
    watch(state, [Heard("a", 0), Alarm("a", SOONEST_US)], 0, PATIENCE)
    watch(state, [], SOONEST_US - 1, PATIENCE)
    assert [each.entity_id for each in watch(state, [], SOONEST_US, PATIENCE)] == ["a"]
    assert state.entities == {}
    watch(state, [Heard("a", SOONEST_US + 1)], SOONEST_US + 1, PATIENCE)
    told = watch(state, [], SOONEST_US + 1 + PATIENCE.stale_us, PATIENCE)
    assert [each.entity_id for each in told] == ["a"]
