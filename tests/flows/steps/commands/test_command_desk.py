"""The rules of the desk: who is judged by what, what goes first, and how commands end."""

from datetime import timedelta

import msgspec
import pytest
from desk_play import ORG, SECOND, Play, at

from flows.ontology import subjects
from flows.ontology.command_ledger import COMMANDS
from flows.steps.commands import admit, broadcast

GOTO = {"command": "goto", "params": {"latitude": 47.0, "longitude": 8.0}}
ANN, BOB = {"id": "ann", "means": "person"}, {"id": "bob", "means": "person"}


@pytest.fixture
def play():
    made = Play()
    place(made)
    return made


def place(play: Play, entity: str = "v1", height: float = 0.0, **more: object) -> None:
    """A vehicle that is heard now, at a place and a height above home."""
    play.document(
        entity,
        position={"global": {"latitude": 47, "longitude": 8, "altitude_relative": height}},
        provenance={"position.global": {"stream_time": at(play.now).isoformat()}},
        **more,
    )


def heard(play: Play, **more: object) -> None:
    """A little later the vehicle is heard."""
    play.now += SECOND
    place(play, **more)


def accepted(play: Play, command_id: str = "c1", entity: str = "v1") -> None:
    play.answer(command_id, "accepted", entity)
    play.turn()


def test_a_command_is_judged_sent_answered_and_done(play):
    """Each transition says from what, when, by whom; the last has what it was answered."""
    play.ask(reason="lunch")
    play.turn()
    play.answer("c1", "received")
    play.answer("c1", "accepted", result={"x": 1})
    play.turn()

    life = play.told()
    assert play.states() == ["requested", "queued", "sent", "received", "accepted", "completed"]
    assert (life[0].by.id, life[0].reason, life[1].by.means) == ("ann", "lunch", "flow")
    assert (life[-1].result, life[-1].progress) == ({"x": 1}, 100.0)
    assert {each.requested_by.id for each in life} == {"ann"}
    (delivery,) = play.deliveries()
    assert (delivery.command, delivery.repeatable, delivery.by.id) == ("hold", True, "ann")
    assert play.row()["state"] == "completed"
    assert play.counted == play.states()


def test_only_the_first_transition_has_the_parameters(play):
    """A mission would be said eight times; the ledger and the delivery have it whole."""
    play.ask(**GOTO)
    play.turn()

    assert [bool(each.params) for each in play.told()] == [True, False, False]
    row = msgspec.json.decode(play.row()["status"])
    assert row["params"] == play.deliveries()[0].params == play.told()[0].params
    assert row["params"]["altitude_frame"] == "relative"


REFUSED = [
    ({"entity": "nobody"}, "unknown entity"),
    ({"command": "dance"}, "there is no such command"),
    ({"command": "takeoff", "params": {}}, "altitude: expected this parameter"),
    ({"command": "arm"}, "arm is hazardous and needs confirmation"),
    ({"command": "goto", "params": {**GOTO["params"], "altitude": 500}}, "at most 120 m"),
]


@pytest.mark.parametrize(("asked", "reason"), REFUSED)
def test_what_cannot_be_done_is_rejected_with_its_reason(play, asked, reason):
    """It is a command with a life, for whoever asked to see."""
    play.ask(**asked)
    play.turn()

    assert play.states() == ["requested", "rejected"]
    assert reason in play.told()[-1].reason
    assert play.deliveries() == []


def test_another_organisations_entity_is_unknown(play):
    """Whoever knows its id learns nothing by it."""
    play.document("gull", org_id="south")
    play.ask("gull")
    play.turn()

    assert play.told()[-1].reason == "unknown entity"


def test_a_vehicle_that_went_silent_while_a_command_waited_is_not_sent_it(play):
    """It is judged again just before; one that is forced is sent with its reason."""
    play.ask(command_id="first", **GOTO)
    play.ask(command_id="c1")
    play.ask(command_id="c2", forced=True, reason="it must")
    play.turn()
    play.wait(9)
    place(play, liveness={"state": "lost", "period": 1.0})
    play.answer("first", "failed")
    play.turn()

    assert play.states("c1") == ["requested", "queued", "rejected"]
    assert "it is lost" in play.told("c1")[-1].reason
    assert play.states("c2")[-1] == "sent"


def test_one_at_a_time_by_lanes_and_in_the_order_asked(play):
    """The next goes when the one before it is accepted, refused, or not answered."""
    for command_id, priority in (
        ("c1", "normal"), ("c2", "low"), ("c3", "normal"), ("c4", "high"), ("c5", "normal"),
    ):  # fmt: skip
        play.ask(command_id=command_id, priority=priority)
        play.turn()

    def sent():
        return [each.command_id for each in play.deliveries()]

    assert sent() == ["c1"]
    accepted(play, "c1")
    assert sent() == ["c1", "c4"]
    play.answer("c4", "rejected")
    play.turn()
    assert sent() == ["c1", "c4", "c3"]
    heard(play)
    play.wait(11)
    assert play.states("c3")[-1] == "timed_out"
    assert sent() == ["c1", "c4", "c3", "c5"]


def test_an_emergency_waits_for_nobody_and_is_not_undone_by_what_waited(play):
    """What was queued in its group is superseded, what is of another goes on after it."""
    play.ask(command_id="flying", **GOTO)
    play.turn()
    play.ask(command_id="waits", **GOTO)
    play.ask(command_id="zoom", command="camera_zoom", params={"zoom": 5})
    play.ask(command_id="home", command="return", priority="emergency")
    play.turn()

    assert [each.command_id for each in play.deliveries()] == ["flying", "home"]
    assert play.states("waits")[-1] == "superseded"
    play.answer("home", "accepted")
    play.turn()
    assert play.states("flying")[-1] == "superseded"
    assert [each.command_id for each in play.deliveries(cancel=True)] == ["flying"]
    assert play.states("zoom")[-1] == "sent"


def test_a_newer_command_of_the_group_takes_the_place_of_the_one_before(play):
    """Once it is accepted, and not of those of other groups."""
    play.ask(command_id="old", **GOTO)
    play.turn()
    accepted(play, "old")
    play.ask(command_id="zoom", command="camera_zoom", params={"zoom": 5})
    play.turn()
    accepted(play, "zoom")
    assert play.states("old")[-1] == "accepted"
    play.ask(command_id="new", command="land")
    play.turn()
    assert play.states("old")[-1] == "accepted"
    accepted(play, "new")

    assert play.states("old")[-1] == "superseded"
    assert play.told("old")[-1].reason == "by new"
    assert play.states("new")[-1] == "accepted"


def test_a_takeoff_is_done_when_it_is_seen_to_be(play):
    """Its progress is told on the way, and not for every metre."""
    place(play, height=0.0)
    play.ask(command="takeoff", params={"altitude": 20}, confirmed=True)
    play.turn()
    accepted(play)
    for height in (5, 5.01, 10, 20):
        heard(play, height=height)
        play.turn()

    assert play.states()[3:] == ["accepted", "executing", "executing", "completed"]
    assert [each.progress for each in play.told()[4:]] == [25.0, 50.0, 100.0]


def test_how_far_it_is_is_told_in_the_words_of_its_device(play):
    """Such as how many items of a mission are there; without words the last ones stand."""
    play.ask(**GOTO)
    play.turn()
    for share, words in ((10, "1 of 10 items"), (50, "5 of 10 items"), (70, "")):
        play.answer("c1", "progress", progress=share, reason=words)
        play.turn()
        play.wait(2)

    told = [(each.progress, each.reason) for each in play.told()[-3:]]
    assert told == [(10.0, "1 of 10 items"), (50.0, "5 of 10 items"), (70.0, "5 of 10 items")]


def test_what_is_not_done_in_time_is_timed_out(play):
    """Also where its device says now and then that it is at it, if that is all."""
    play.ask(**GOTO)
    play.turn()
    play.answer("c1", "progress", progress=10)
    play.turn()
    play.wait(3599)
    assert play.states()[-1] == "executing"
    play.wait(2)
    assert play.states()[-1] == "timed_out"
    assert play.deliveries(cancel=True) == []


def test_nothing_is_sent_after_it_has_expired(play):
    """Neither from a queue, nor where the desk was away."""
    late = at(play.now + 5 * SECOND).isoformat()
    play.ask(command_id="first", **GOTO)
    play.ask(command_id="c1", expires_at=late)
    play.turn()
    play.wait(6)
    play.ask(command_id="c2", expires_at=late, requested_at=at(play.now - 9 * SECOND).isoformat())
    play.turn()

    assert play.states("c1") == ["requested", "queued", "expired"]
    assert play.states("c2") == ["requested", "expired"]
    assert [each.command_id for each in play.deliveries()] == ["first"]


def test_what_was_sent_and_not_answered_is_taken_back(play):
    """A device that wakes up later must not do what was given up."""
    play.ask()
    play.turn()
    play.wait(11)

    assert play.states()[-1] == "timed_out"
    assert [each.command_id for each in play.deliveries(cancel=True)] == ["c1"]
    play.answer("c1", "completed")
    play.turn()
    assert play.refused == [("answer", "it is timed_out already, not completed")]


def test_critical_ones_wait_for_another_person(play):
    """Neither who asked, nor a key, nor somebody else's word for another entity is enough."""
    play.ask(command="reboot", confirmed=True)
    play.turn()
    for by, why in (
        (ANN, "somebody else than who has asked for it decides"),
        ({"id": "k", "means": "key"}, "a person approves and denies"),
        ({"id": "", "means": "person"}, "a person approves and denies"),
    ):
        play.decide("approve", command_id="c1", by=by)
        play.turn()
        assert play.refused[-1] == ("decision", why)
    play.decide("approve", "v2", command_id="c1")
    play.turn()
    assert play.refused[-1] == ("decision", "the command is of another entity")
    assert play.states() == ["requested", "awaiting_approval"]
    play.decide("approve", command_id="c1")
    play.turn()

    assert play.states()[2:] == ["queued", "sent"]
    assert play.told()[2].by.id == play.told()[3].approved_by.id == "bob"
    refused = len(play.refused)
    play.decide("approve", command_id="c1")
    play.turn()
    assert len(play.refused) == refused


def test_a_critical_one_that_nobody_approves_expires(play):
    """It has longer than others, and what is denied says by whom."""
    play.ask(command="reboot", confirmed=True)
    play.ask(command_id="c2", command="reboot", confirmed=True)
    play.turn()
    play.decide("deny", command_id="c2")
    play.turn()
    assert (play.states("c2")[-1], play.told("c2")[-1].reason) == ("rejected", "denied by bob")
    play.wait(299)
    assert play.states()[-1] == "awaiting_approval"
    play.wait(2)
    assert play.states()[-1] == "expired"


def test_without_the_second_person_confirmation_is_enough():
    """As a deployment of one person sets it."""
    play = Play(two_person=False)
    place(play)
    play.ask(command="reboot", confirmed=True)
    play.turn()

    assert play.states()[-1] == "sent"


def test_while_somebody_has_control_others_are_refused(play):
    """But for what brings a vehicle to safety; whoever takes over is told of."""
    play.decide("take_control", by=ANN)
    play.turn()
    for command_id, more in (
        ("c1", {"by": BOB}),
        ("c2", {"by": ANN}),
        ("c3", {"by": BOB, "command": "return", "priority": "emergency"}),
        ("c4", {"by": BOB, "priority": "normal", "command": "return"}),
    ):
        play.ask(command_id=command_id, **more)
    play.turn()
    assert play.told("c1")[-1].reason == "ann has control"
    assert [play.states(each)[-1] for each in ("c1", "c4")] == ["rejected"] * 2
    assert play.states("c3")[-1] == "sent"
    assert play.states("c2")[1] == "queued"

    play.decide("release_control", by=BOB)
    play.decide("take_control", by=BOB)
    play.turn()
    assert play.refused == [("decision", "ann has control")]
    first, taken = play.controls()
    assert (first.by.id, first.previous, taken.by.id, taken.previous.id) == (
        "ann", None, "bob", "ann",
    )  # fmt: skip
    play.decide("release_control", by=BOB)
    play.turn()
    assert (play.controls()[-1].by.id, play.controls()[-1].number) == ("", 3)


def test_what_waited_is_refused_when_somebody_takes_over(play):
    """Whoever has the stick does not fight with a queue."""
    play.ask(command_id="first", **GOTO)
    play.ask(command_id="c1")
    play.decide("take_control", by=BOB)
    play.turn()
    accepted(play, "first")

    assert play.told()[-1].reason == "bob has control"


def test_control_runs_out_unless_commands_renew_it(play):
    """Then it is nobody's, which is told."""
    play.decide("take_control", by=ANN)
    play.turn()
    play.wait(500)
    place(play)
    play.ask(by=ANN)
    play.turn()
    assert [each.number for each in play.controls()] == [1, 2]
    play.wait(200)
    assert play.controls()[-1].by.id == "ann"
    play.wait(400)
    assert (play.controls()[-1].by.id, play.controls()[-1].previous.id) == ("", "ann")


def test_what_was_asked_before_is_not_asked_again(play):
    """The same is the same, also after it has ended; another under its id is refused."""
    play.ask()
    play.ask()
    play.turn()
    accepted(play)
    play.ask()
    play.ask(command="land")
    play.turn()

    assert play.states().count("requested") == 1
    assert len(play.deliveries()) == 1
    assert play.refused == [("request", "this command_id is that of another command")]


def test_cancelling_takes_back_what_was_delivered(play):
    """And before that nothing is sent at all; a second time it is as it is."""
    play.ask()
    play.ask(command_id="c2")
    play.turn()
    for command_id in ("c1", "c2", "c1"):
        play.decide("cancel", command_id=command_id, by=BOB, reason="no")
    play.turn()

    assert [play.told(each)[-1].state for each in ("c1", "c2")] == ["cancelled"] * 2
    assert (play.told()[-1].by.id, play.told()[-1].reason) == ("bob", "no")
    assert [each.command_id for each in play.deliveries(cancel=True)] == ["c1"]
    assert play.refused == []
    play.decide("cancel", command_id="unknown")
    play.turn()
    assert play.refused == [("decision", "there is no such command")]


def test_answers_of_others_and_to_nothing_are_refused(play):
    """Nobody answers for another entity, or before it was asked."""
    play.ask()
    play.ask(command_id="c2")
    play.turn()
    play.answer("c1", "accepted", "v2")
    play.answer("c2", "accepted")
    play.answer("c9", "accepted")
    play.turn()

    assert [reason for _, reason in play.refused] == [
        "it was not sent to this entity",
        "it has not been sent: it is queued",
        "there is no such command of this entity",
    ]
    assert play.states() == ["requested", "queued", "sent"]


def test_answers_that_come_twice_or_late_change_nothing(play):
    """As radios have it."""
    play.ask(**GOTO)
    play.turn()
    for state in ("received", "accepted", "accepted", "received", "progress", "accepted"):
        play.answer("c1", state)
    play.turn()
    play.answer("c1", "completed")
    play.answer("c1", "completed")
    play.answer("c1", "progress")
    play.turn()

    assert play.states()[3:] == ["received", "accepted", "executing", "completed"]
    assert play.refused == []


def test_a_deleted_entity_is_asked_nothing_more(play):
    """What was under way is cancelled."""
    play.ask()
    play.ask(command_id="c2")
    play.turn()
    play.gone()
    play.turn()

    assert [play.told(each)[-1].reason for each in ("c1", "c2")] == ["its entity was deleted"] * 2
    play.check_end()


def test_there_is_an_end_to_how_many_wait(play, monkeypatch):
    """An emergency may go beyond it."""
    monkeypatch.setattr(admit, "MOST_OF_ENTITY", 2)
    for n in range(4):
        play.ask(command_id=f"c{n}")
    play.ask(command_id="home", command="return", priority="emergency")
    play.turn()

    assert [play.states(f"c{n}")[-1] for n in (2, 3)] == ["rejected"] * 2
    assert play.told("c3")[-1].reason == "2 commands of it have not ended"
    assert play.states("home")[-1] == "sent"


def children(play, command_id="c1"):
    return [each for each in play.deliveries() if each.parent_id == command_id]


def test_a_broadcast_has_a_part_for_each_that_can_do_it(play):
    """With ids of their own, that are always the same; it is completed when all are."""
    place(play, "v2")
    play.document("camera", entity_type="sensor_camera")
    play.document("gull", org_id="south")
    play.ask("broadcast")
    play.turn()
    assert {each.entity_id for each in children(play)} == {"v1", "v2"}
    again = Play()
    for entity in ("v1", "v2"):
        place(again, entity)
    again.ask("broadcast")
    again.turn()
    assert [each.command_id for each in children(again)] == [
        each.command_id for each in children(play)
    ]
    for each in children(play):
        play.answer(each.command_id, "accepted", each.entity_id)
    play.turn()

    assert play.states() == ["requested", "queued", "sent", "completed"]
    assert (play.told()[-1].counts, play.told()[-1].reason) == (
        {"completed": 2}, "2 of 2 completed",
    )  # fmt: skip
    assert play.row()["entity_id"] == subjects.BROADCAST


def test_a_broadcast_that_not_all_have_done_has_failed(play):
    """Its counts say how many, while it goes on and at its end; named entities are all asked."""
    place(play, "v2")
    play.ask("broadcast", entities=["v1", "v2", "nobody"])
    play.turn()
    one, other = children(play)
    play.answer(one.command_id, "accepted", one.entity_id)
    play.turn()
    play.wait(1)
    assert play.told()[-1].counts == {"completed": 1, "rejected": 1, "sent": 1}
    play.answer(other.command_id, "failed", other.entity_id)
    play.turn()

    assert play.states()[-1] == "failed"
    assert play.told()[-1].counts == {"completed": 1, "failed": 1, "rejected": 1}
    play.check_end()


def test_a_broadcast_that_nobody_can_do_is_rejected(play):
    """Be it that there is nobody, or that all refuse it."""
    play.gone()
    play.ask("broadcast")
    play.turn()
    assert play.told()[-1].reason == "there is no entity that it is for"
    play.ask("broadcast", command_id="c2", entities=["nobody"])
    play.turn()
    assert (play.states("c2")[-1], play.told("c2")[-1].counts) == ("rejected", {"rejected": 1})


def test_a_broadcast_is_cancelled_with_all_its_parts(play):
    """Those that were delivered are taken back."""
    place(play, "v2")
    play.ask("broadcast")
    play.turn()
    play.decide("cancel", "broadcast", command_id="c1")
    play.turn()

    assert play.states()[-1] == "cancelled"
    assert len(play.deliveries(cancel=True)) == 2
    play.check_end()


def test_a_critical_broadcast_is_approved_once_for_all(play):
    """Before that it has no parts."""
    place(play, "v2")
    play.ask("broadcast", command="reboot", confirmed=True)
    play.turn()
    assert (play.states(), play.deliveries()) == (["requested", "awaiting_approval"], [])
    play.decide("approve", "broadcast", command_id="c1")
    play.turn()

    assert len(children(play)) == 2


def test_counts_of_a_broadcast_are_told_now_and_then(play):
    """Of hundreds of parts each transition is told, and theirs together not as often."""
    for n in range(50):
        place(play, f"v{n}")
    play.ask("broadcast")
    play.turn(1)
    for each in children(play):
        play.answer(each.command_id, "accepted", each.entity_id)
    play.turn(1)

    assert play.states()[-1] == "completed"
    assert len(play.told()) < 8
    assert broadcast.TELL_US > 0


def test_nothing_is_left_of_an_organisation_that_goes(play):
    """Neither at the desk nor in the ledger, also where its old words are read again."""
    place(play, "v2", org_id="south")
    play.decide("take_control", by=ANN)
    play.ask()
    play.turn()
    play.now += SECOND
    play.depart()
    play.turn()

    assert play.ledger[COMMANDS] == {}
    assert (play.desk.orders, play.desk.controls, play.desk.ended) == ({}, {}, {})
    saved = play.desk.departed
    play.saved = (msgspec.msgpack.encode(type(play.desk)(departed=saved)), 0)
    play.crash()
    play.turn()
    assert all(rows == {} for rows in play.ledger.values())
    play.now += SECOND
    play.ask(command_id="new")
    play.turn()
    assert play.states("new")[-1] == "sent"


def test_a_memory_that_is_gone_is_told_by_the_stream(play):
    """Nothing is delivered again, what had not ended goes on, and what waited is judged."""
    play.decide("take_control", by=ANN)
    play.ask(command_id="done")
    play.turn()
    accepted(play, "done")
    play.ask(command_id="sent")
    play.ask(command_id="waits")
    play.turn()
    before = len(play.stream)
    play.ask(command_id="new", command="camera_zoom", params={"zoom": 1})
    play.forget()
    play.turn()

    assert [each.command_id for each in play.deliveries()] == ["done", "sent"]
    assert play.states("new") == ["requested", "queued"]
    assert len(play.stream) == before + 3
    assert play.again == []
    accepted(play, "sent")
    assert play.states("waits")[-1] == "sent"
    play.ask(command_id="c9", by=BOB)
    play.turn()
    assert play.told("c9")[-1].reason == "ann has control"


def test_control_that_was_given_back_is_not_taken_again_by_what_is_read_again(play):
    """Old decisions were done."""
    play.decide("take_control", by=ANN)
    play.turn()
    play.decide("take_control", by=BOB)
    play.turn()
    play.wait(700)
    assert play.controls()[-1].by.id == ""
    play.forget()
    play.turn()

    assert len(play.controls()) == 3
    assert play.desk.controls["north.v1"].by.id == ""


def test_what_is_as_old_as_the_stream_is_not_done_on_a_cold_start(play):
    """A request that nobody has looked at expires."""
    play.ask()
    play.now += 120 * SECOND
    place(play)
    play.forget()
    play.turn()

    assert play.states() == ["requested", "expired"]
    assert play.deliveries() == []


def test_a_delivery_that_was_stored_alone_was_sent(play):
    """The crash came between it and its telling: it is not done again, and not too late either."""
    play.ask()
    play.step()
    delivery = next(n for n, each in enumerate(play.flying) if each.subject.endswith("deliver"))
    play.crash(delivery + 1)
    play.now += 61 * SECOND
    play.turn()

    assert play.states() == ["requested", "queued", "sent", "expired"]
    assert (len(play.deliveries()), play.again) == (1, [])


def test_a_refusal_is_made_once_however_often_it_is_read(play):
    """What was settled is not refused again after a crash."""
    play.answer("c9", "accepted")
    play.turn()
    assert len(play.refused) == 1
    play.crash()
    play.turn()
    assert len(play.refused) == 1
    play.answer("c8", "accepted")
    play.turn()
    assert len(play.refused) == 2


def test_times_of_a_request_are_within_bounds(play):
    """Nobody asks in the future, or for longer than an hour."""
    far = at(play.now + 90_000 * SECOND).isoformat()
    play.ask(requested_at=far, expires_at=far)
    play.turn()

    (first, *_) = play.told()
    assert first.requested_at == at(play.now)
    assert first.expires_at == at(play.now) + timedelta(hours=1)
    assert first.org_id == ORG
