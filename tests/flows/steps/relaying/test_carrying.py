"""Commands are carried to vehicles by MAVLink's rules, whatever the radio makes of it."""

import msgspec
import pytest
from told import ARDUPILOT, LINK, NOON, PX4, QUIET, SECOND, Told, ack, beat, delivery, place, said

from flows.ontology.radio import Reply, Speech, Station
from flows.ontology.relayed import Relayed
from flows.steps.relaying.carry import Relay, carry, is_nobody, next_due_us

ARM, TAKEOFF, RETURN, SET_MODE, CALIBRATE = 400, 22, 20, 176, 241
IN_PROGRESS, CANCELLED = 5, 6


def test_a_command_is_said_where_the_vehicle_was_heard_and_answered_by_its_word():
    """Received at once, accepted when the vehicle has said so; with identities of their own."""
    told = Told()
    told.take(delivery())
    (arm,) = told.sent
    assert (arm.link, arm.system_id, arm.component_id) == (LINK, 1, 1)
    assert (arm.fields["command"], arm.fields["param1"], arm.fields["confirmation"]) == (ARM, 1, 0)

    told.hear(ARM)

    assert told.states() == ["received", "accepted"]
    assert [each.identity for each in told.of()] == ["v1:c1:ack:received", "v1:c1:ack:end"]
    assert next_due_us(told.state) is None


def test_what_is_not_answered_is_said_again_with_confirmation_counted_up():
    """Four times in all, a second apart; then nobody has answered."""
    told = Told()
    told.take(delivery())
    told.wait(30)

    assert [each.fields["confirmation"] for each in told.sent] == [0, 1, 2, 3]
    assert told.last() == ("failed", "no answer")
    assert [each.sending_id for each in told.sent] == [f"v1:c1:{n}" for n in range(1, 5)]


def test_what_is_to_be_done_once_is_said_once():
    """However long nobody answers."""
    told = Told()
    told.take(delivery("reboot", repeatable=False))
    told.wait(30)

    assert [each.once for each in told.sent] == [True]
    assert told.last() == ("failed", "no answer")


def test_progress_is_told_and_prolongs():
    """The end of what was in progress is its completion."""
    told = Told()
    told.take(delivery("raw", {"message": "COMMAND_LONG", "command": CALIBRATE}))
    for percent in (10, 50, 255, 90):
        told.hear(CALIBRATE, IN_PROGRESS, progress=percent)
        told.wait(20)
    told.hear(CALIBRATE)

    assert told.states() == [
        "received",
        "progress",
        "progress",
        "progress",
        "progress",
        "completed",
    ]
    assert [each.answer.progress for each in told.of()[1:5]] == [10, 50, 50, 90]
    assert len({each.identity for each in told.of()}) == 6
    assert len(told.sent) == 1


def test_progress_that_ends_is_a_failure():
    """After half a minute of silence."""
    told = Told()
    told.take(delivery("raw", {"message": "COMMAND_LONG", "command": CALIBRATE}))
    told.hear(CALIBRATE, IN_PROGRESS)
    told.wait(31)

    assert told.last() == ("failed", "no progress was told for 30 seconds")


@pytest.mark.parametrize(
    ("result", "state", "word"),
    [
        (1, "rejected", "as it is now"),
        (2, "rejected", "parameters"),
        (3, "rejected", "does not know"),
        (4, "failed", "not managed"),
        (6, "failed", "given it up"),
        (9, "rejected", "frame"),
        (10, "rejected", "another station"),
        (99, "rejected", "answers 99"),
    ],
)
def test_each_refusal_has_a_sentence(result, state, word):
    """With MAVLink's own name for it, and what else the vehicle said."""
    told = Told()
    told.take(delivery())
    told.hear(ARM, result, result_param2=7)

    assert told.states() == ["received", state]
    assert word in told.last()[1]
    assert told.of()[-1].answer.result["result_param2"] == 7


def test_a_refusal_says_what_the_vehicle_itself_said():
    """Autopilots tell the reason as a text of their own."""
    told = Told()
    told.take(delivery())
    told.take(said("STATUSTEXT", {"severity": 6, "text": "chatter"}))
    told.take(said("STATUSTEXT", {"severity": 2, "text": "PreArm: Battery low"}))
    told.hear(ARM, 4)

    assert told.last()[1].endswith(": PreArm: Battery low")


def test_who_takes_it_by_the_other_message_gets_that():
    """COMMAND_INT_ONLY is no refusal of the command."""
    told = Told()
    told.take(delivery("raw", {"message": "COMMAND_LONG", "command": 43_001, "param7": 50}))
    told.hear(43_001, 8)
    told.hear(43_001)

    assert told.names == [("COMMAND_LONG", 43_001), ("COMMAND_INT", 43_001)]
    assert (told.sent[1].fields["z"], told.states()[-1]) == (50, "accepted")


@pytest.mark.parametrize(
    "other",
    [
        ack(ARM, target_system=254),
        ack(ARM, target_component=1),
        ack(TAKEOFF),
        ack(ARM, component_id=100),
        ack(ARM, result="0"),
    ],
)
def test_answers_to_others_and_from_others_are_no_answers(other):
    """Another station's, another command's, another component's, and what is none."""
    told = Told()
    told.take(delivery())
    told.take(other)

    assert told.states() == ["received"]


def test_an_answer_of_mavlink_1_says_not_for_whom():
    """Its targets are zero."""
    told = Told()
    told.take(delivery())
    told.hear(ARM, target_system=0, target_component=0)

    assert told.states() == ["received", "accepted"]


def test_late_and_doubled_answers_change_nothing():
    """Nor are they taken for answers to the next command of that number."""
    told = Told()
    told.take(delivery())
    told.wait(1.5)  # It was said twice, so that two answers are to come.
    told.hear(ARM)
    told.take(delivery("disarm", command_id="c2", at_us=told.now))
    told.hear(ARM)
    assert told.states("c2") == ["received"]

    told.wait(2)
    told.hear(ARM, 1)

    assert told.states("c2") == ["received", "rejected"]
    assert told.states() == ["received", "accepted"]


def test_a_second_command_of_that_number_waits_for_the_first():
    """And another does not."""
    told = Told()
    told.take(delivery(), delivery("disarm", command_id="c2"), delivery("return", command_id="c3"))
    assert told.names == [("COMMAND_LONG", ARM), ("COMMAND_LONG", RETURN)]

    told.hear(ARM)
    told.wait(0.1)

    assert told.names[2:] == [("COMMAND_LONG", ARM)]
    assert told.sent[2].fields["param1"] == 0


def test_an_emergency_waits_for_nothing():
    """What it would have waited for has ended."""
    told = Told()
    told.take(delivery("set_mode", {"mode": "AUTO"}))
    told.take(delivery("hold", command_id="c2", priority="emergency"))

    assert [each.fields["param2"] for each in told.sent] == [3, 17]
    assert told.last() == ("failed", "a command in an emergency took its place")


def test_the_same_delivery_twice_is_one():
    """While it goes on, while it waits, and when it has ended."""
    told = Told()
    told.take(delivery(), delivery(), delivery("disarm", command_id="c2"))
    told.take(delivery("disarm", command_id="c2"))
    told.hear(ARM)
    told.take(delivery())
    told.wait(0.1)
    told.hear(ARM)

    assert len(told.sent) == 2
    assert told.states() == told.states("c2") == ["received", "accepted"]


def test_nothing_is_said_after_it_has_expired():
    """Neither the first time, nor again, nor of what waited, nor of what has more to it."""
    told = Told()
    told.take(delivery(seconds=0))
    assert (told.sent, told.last()[0]) == ([], "rejected")

    told.take(delivery(command_id="c2", seconds=1.5), delivery(command_id="c3", seconds=3))
    told.wait(10)
    assert [each.sending_id for each in told.sent] == ["v1:c2:1", "v1:c2:2"]
    assert told.last("c2") == ("failed", "no answer")
    assert told.states("c3") == ["received", "rejected"]

    told.take(delivery("takeoff", {"altitude": 20}, command_id="c4", at_us=told.now, seconds=0.5))
    told.wait(0.7)
    told.hear(SET_MODE)
    assert told.last("c4") == ("failed", "it has expired before all of it was said")


def test_what_expired_long_ago_is_not_spoken_of():
    """Who reads all that ever was delivered has nothing to say to it."""
    told = Told()
    assert told.take(delivery(at_us=NOON - 3600 * SECOND)) == []


def test_a_command_of_several_messages_is_done_when_all_are():
    """What is not needed may be refused, and that is told."""
    told = Told()
    params = {"latitude": 47.41, "longitude": 8.51, "speed": 5}
    told.take(delivery("goto", params))
    told.hear(192)
    told.hear(178, 3)

    assert told.names == [("COMMAND_INT", 192), ("COMMAND_LONG", 178)]
    assert told.last() == (
        "accepted",
        "without MAV_CMD 178, the vehicle does not know this command",
    )


def test_what_an_old_autopilot_does_not_know_is_said_as_it_knows_it():
    """SET_MODE, and a target that nobody acknowledges, said three times."""
    told = Told()
    told.take(delivery("goto", {"latitude": 47.41, "longitude": 8.51}))
    told.hear(192, 3)
    told.hear(SET_MODE, 3)
    told.hear(11)
    told.wait(2)

    names = [each.name for each in told.sent]
    assert names == ["COMMAND_INT", "COMMAND_LONG", "SET_MODE"] + 3 * [
        "SET_POSITION_TARGET_GLOBAL_INT"
    ]
    assert told.sent[2].fields == {"base_mode": 1, "custom_mode": 4}
    assert told.sent[-1].fields["lat_int"] == 474_100_000
    assert told.last()[0] == "accepted"


def test_what_waits_can_be_cancelled_and_what_is_on_its_way_called_back():
    """What was not delivered yet is not done when it comes."""
    told = Told()
    told.take(delivery(), delivery("disarm", command_id="c2"))
    told.take(delivery(command_id="c2", cancel=True), delivery(cancel=True))
    told.take(delivery(command_id="c3", cancel=True), delivery(command_id="c3"))
    told.hear(ARM, CANCELLED)

    assert told.last("c2") == ("failed", "cancelled before it was said")
    assert [each.name for each in told.sent] == ["COMMAND_LONG", "COMMAND_CANCEL"]
    assert told.last() == ("failed", "the vehicle has given it up, as it was told")
    assert told.of("c3") == []


def test_a_cancelled_command_that_nobody_answers_ends():
    """And is not said again."""
    told = Told()
    told.take(delivery())
    told.take(delivery(cancel=True))
    told.take(delivery(cancel=True))
    told.wait(10)

    assert len(told.sent) == 2
    assert told.last()[0] == "failed"
    assert "cancelled" in told.last()[1]


def test_a_cancelled_command_does_not_go_on_with_its_next_message():
    """The first one was done."""
    told = Told()
    told.take(delivery("takeoff", {"altitude": 20}))
    told.take(delivery("takeoff", cancel=True))
    told.hear(SET_MODE)
    told.wait(10)

    assert told.last() == ("failed", "cancelled after 1 of its 2 messages")


def test_what_was_on_record_as_said_is_not_said_again_after_a_restart():
    """Unless doing it twice is doing it once."""
    relay = Relay(Station(beats=False), frozenset(("v1:c1:1",)))
    told = Told(relay=relay)
    told.take(delivery("reboot", repeatable=False))
    assert (told.sent, told.last()) == ([], ("failed", "not known whether it was sent"))

    again = Told(relay=relay)
    again.take(delivery("reboot", repeatable=True))
    assert len(again.sent) == 1


def test_a_restart_goes_on_where_it_was():
    """State as it is recovered."""
    told = Told()
    told.take(delivery(), delivery("disarm", command_id="c2"))
    told.state = msgspec.msgpack.decode(msgspec.msgpack.encode(told.state), type=Relayed)
    told.hear(ARM)
    told.wait(0.1)
    told.hear(ARM)

    assert told.states() == told.states("c2") == ["received", "accepted"]


@pytest.mark.parametrize("repeatable", [True, False])
def test_who_is_only_remembered_is_not_spoken_to_until_it_is_heard_again(repeatable):
    """Nobody knows yet where it is: what is said once would be lost, and be on record."""
    told = Told()
    told.now += 10 * SECOND
    told.relay = Relay(Station(beats=False), began_us=told.now)
    told.take(delivery("reboot", repeatable=repeatable))
    told.wait(4.9)
    assert (told.sent, told.states()) == ([], ["received"])

    told.take(beat(at_us=told.now))
    assert [each.once for each in told.sent] == [not repeatable]


def test_who_is_remembered_and_stays_away_is_given_up_in_time():
    """As if it had been there: what is said is not answered."""
    told = Told()
    told.now += 10 * SECOND
    told.relay = Relay(Station(beats=False), began_us=told.now)
    told.take(delivery("reboot", repeatable=False))
    told.wait(10)

    assert len(told.sent) == 1
    assert told.last() == ("failed", "no answer")


def test_who_is_not_heard_is_told_nothing():
    """Devices answer for themselves; nor is another organisation's command carried."""
    state = Relayed()
    assert carry(state, [delivery()], NOON, QUIET) == []
    due_us = next_due_us(state)
    assert due_us is not None
    assert carry(state, [], due_us, QUIET) == []
    assert is_nobody(state)

    told = Told()
    assert told.take(delivery(org_id="south")) == []


def test_what_is_delivered_just_before_its_vehicle_is_heard_is_carried():
    """As after a restart without memory; not if it was cancelled, or is another organisation's."""
    told = Told(delivery(), delivery("disarm", command_id="c2"), delivery("land", command_id="c3"))
    told.take(delivery(command_id="c2", cancel=True), delivery(command_id="c4", org_id="south"))
    assert told.sent == []
    told.take(beat())

    assert told.names == [("COMMAND_LONG", ARM), ("COMMAND_LONG", 21)]
    assert told.states() == told.states("c3") == ["received"]
    assert told.of("c2") == told.of("c4") == []


def test_vehicles_hear_a_ground_station_once_a_second_on_each_link():
    """At the pace of their own heartbeats, and not at all where that is not wanted."""
    relay = Relay(Station(7, 8))
    told = Told(beat(), relay=relay)
    for tenth in range(1, 31):
        told.now = NOON + tenth * SECOND // 10
        told.take(beat(at_us=told.now), beat(at_us=told.now, source="tcp:5760"))
        told.take(beat(at_us=told.now, component_id=100, role="peripheral"))

    by_link = [each.link for each in told.sent]
    assert {each.name for each in told.sent} == {"HEARTBEAT"}
    assert (by_link.count(LINK), by_link.count("tcp:5760")) == (4, 4)
    assert told.sent[0].fields["type"] == 6


def test_the_newest_link_is_answered():
    """A vehicle that has changed over to another link is spoken to there."""
    told = Told()
    told.take(beat(source="serial:/dev/radio"), delivery())

    assert [each.link for each in told.sent] == ["serial:/dev/radio"]


def test_a_component_is_spoken_to_where_it_is_heard():
    """A camera of its own may be on another link."""
    told = Told(beat(), beat(component_id=100, role="peripheral", source="udp:9"))
    told.take(delivery("camera_zoom", {"zoom": 50}))
    (zoom,) = told.sent
    assert (zoom.link, zoom.component_id) == ("udp:9", 100)

    told.hear(531)
    assert told.states() == ["received"]
    told.hear(531, component_id=100)
    assert told.states() == ["received", "accepted"]


def test_too_many_commands_do_not_pile_up():
    """Behind one that nobody answers."""
    told = Told()
    told.take(*(delivery(command_id=f"c{n}") for n in range(60)))

    refused = [each for each in told.replies if each.answer.state == "rejected"]
    assert len(refused) > 20
    assert len(told.state.waiting) < 40


def test_a_vehicle_is_known_by_its_newest_messages():
    """Its place in degrees and metres; what is no number is not believed."""
    told = Told(beat(PX4, 2, 50_593_792), place())
    told.take(said("GLOBAL_POSITION_INT", {"lat": None, "lon": 3, "alt": "x", "relative_alt": 1}))
    vehicle = told.state.vehicle

    assert (vehicle.latitude, vehicle.altitude_msl, vehicle.home_msl) == (47.4, 498, 488)
    assert (vehicle.autopilot, vehicle.custom_mode) == (PX4, 50_593_792)
    assert isinstance(told.take(delivery())[0], Reply)
    assert isinstance(told.sent[0], Speech)
    assert vehicle.autopilot != ARDUPILOT
