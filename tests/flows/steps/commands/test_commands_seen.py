"""How the desk finds out that commands are done, and what it says where it cannot."""

import pytest
from desk_play import SECOND, Play, at

UNRECEIVED = "nobody has received it: no relay hears the entity, and it has not answered itself"
ARDUPILOT, QUADROTOR = 3, 2
GOTO = {"command": "goto", "params": {"latitude": 47.0, "longitude": 8.0}}


@pytest.fixture
def play() -> Play:
    made = Play()
    tell(made)
    return made


def tell(play: Play, **more: object) -> None:
    """A second later its vehicle is heard, with a heartbeat and what else is given."""
    play.now += SECOND
    stamp = {"stream_time": at(play.now).isoformat()}
    play.document(provenance={"vehicle_status": stamp, "mission": stamp}, **more)


def beat(play: Play, *, armed: bool, mode: str = "STABILIZE") -> None:
    status = {"armed": armed, "mode": mode, "autopilot": ARDUPILOT, "vehicle_type": QUADROTOR}
    tell(play, vehicle_status=status)


def ask(play: Play, **more: object) -> None:
    play.ask(confirmed=True, **more)
    play.turn()


def accept(play: Play) -> None:
    play.answer("c1", "accepted")
    play.turn()


DONE = [
    ({"command": "arm"}, {"armed": True}),
    ({"command": "disarm"}, {"armed": False}),
    ({"command": "set_mode", "params": {"mode": "loiter"}}, {"armed": True, "mode": "LOITER"}),
]


@pytest.mark.parametrize(("asked", "shown"), DONE, ids=str)
def test_what_a_heartbeat_shows_is_done_when_it_does(play: Play, asked, shown) -> None:
    """The vehicle's word is not all there is: it is seen."""
    beat(play, armed=not shown["armed"])
    ask(play, **asked)
    accept(play)
    assert play.states()[-1] == "accepted"
    beat(play, **shown)
    play.turn()
    assert play.states()[-2:] == ["accepted", "completed"]


@pytest.mark.parametrize(("asked", "shown"), DONE, ids=str)
def test_what_is_accepted_and_not_seen_is_not_done(play: Play, asked, shown) -> None:
    """After ten seconds in which the vehicle shows otherwise."""
    for _ in range(9):
        beat(play, armed=not shown["armed"])
        if play.read == 0:
            ask(play, **asked)
            accept(play)
    assert play.states()[-1] == "accepted"
    play.wait(3)
    assert play.states()[-1] == "timed_out"
    assert play.told()[-1].reason == "it was not done in time"


@pytest.mark.parametrize("asked", [each for each, _ in DONE] + [{"command": "start_mission"}])
def test_where_nothing_can_be_seen_the_answer_is_the_end_of_it(play: Play, asked) -> None:
    """Its vehicle tells nothing of its own state."""
    ask(play, **asked)
    accept(play)
    assert play.states()[-2:] == ["accepted", "completed"]


def test_a_mission_is_flown_for_as_long_as_it_takes(play: Play) -> None:
    """A day at most."""
    tell(play, mission={"total_waypoints": 3, "current_waypoint": 0})
    ask(play, command="start_mission")
    accept(play)
    play.wait(86_390)
    assert play.states()[-1] == "accepted"
    tell(play, mission={"total_waypoints": 3, "current_waypoint": 2, "reached_waypoint": 2})
    play.turn()
    assert play.states()[-1] == "completed"


def test_what_nothing_can_tell_of_is_not_said_to_have_failed(play: Play) -> None:
    """Accepted, and then never heard of: a vehicle without a place."""
    ask(play, **GOTO)
    accept(play)
    play.wait(3601)
    assert play.states()[-1] == "timed_out"
    assert play.told()[-1].reason == "nothing has told that it was done"


def test_what_nobody_receives_says_so(play: Play) -> None:
    """Relays pass over what is for nobody whom they hear."""
    ask(play)
    play.wait(11)
    last = play.told()[-1]
    assert (last.state, last.previous) == ("timed_out", "sent")
    assert last.reason == f"after 10 s {UNRECEIVED}"


def test_what_was_received_and_not_answered_says_so(play: Play) -> None:
    """Somebody has it, and has asked its vehicle several times."""
    ask(play)
    play.answer("c1", "received")
    play.turn()
    play.wait(29)
    assert play.states()[-1] == "received"
    play.wait(2)
    last = play.told()[-1]
    assert (last.state, last.previous) == ("timed_out", "received")
    assert last.reason == "after 30 s it was received and not answered"


def test_what_expires_while_nobody_has_received_it_says_so(play: Play) -> None:
    """Both."""
    ask(play, expires_at=at(play.now + 3 * SECOND).isoformat())
    play.wait(4)
    last = play.told()[-1]
    assert (last.state, last.previous) == ("expired", "sent")
    assert last.reason == f"its time is over, and {UNRECEIVED}"


def test_what_was_accepted_before_a_crash_is_completed_after_it(play: Play) -> None:
    """Between the two of it the desk was killed: nobody waits a minute for nothing."""
    ask(play)
    play.snapshot()
    play.answer("c1", "accepted")
    play.step()
    play.crash(kept=1)
    play.turn()
    assert play.states() == ["requested", "queued", "sent", "accepted", "completed"]
