"""Commands as views: what is followed, what is old, what may be done by whom, hostile texts."""

import time
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from ledgers import status
from serving import WoundClock, document
from test_fleet import DATASTAR, HOSTILE, Markers, elements

from flows.ontology.commands import Actor, Control
from web.command_board import MARK, Board
from web.command_bodies import Command, CommandWhole
from web.command_html import item
from web.command_looker import Look, Looker
from web.command_orders import Orders
from web.command_side import MOST_ENDED
from web.command_view import CommandView
from web.commands_view import CommandsView, Wanted
from web.entity import Patience
from web.entity_commands_view import EntityCommandsView
from web.following import Place
from web.picture import Picture

ADA, BEN = Actor("ada", "Ada", "person"), Actor("ben", "Ben", "person")
VIEWER = Looker("north")
OPERATOR = Looker("north", "ada", may_command=True)
COMMANDER = Looker("north", "ben", may_command=True, may_approve=True)
TAGS = {
    "li", "ol", "ul", "div", "p", "a", "b", "bdi", "span", "time", "form", "input", "button",
    "progress", "dl", "dt", "dd", "code", "pre",
}  # fmt: skip


@pytest.fixture
def wound():
    return WoundClock()


@pytest.fixture
def board(wound):
    """A board that follows."""
    board = Board(wound.clock)
    board.begin(1, 0)
    board.found()
    board.judged("")
    return board


@pytest.fixture
def picture(wound):
    picture = Picture(Patience(5, 30), wound.clock)
    picture.found()
    seen(picture, "uav", name="Gull")
    return picture


@pytest.fixture
def look(board, picture):
    return Look(board, picture, OPERATOR)


_sequence = iter(range(1, 1_000_000))


def seen(picture, entity_id, **more):
    data = msgspec.json.encode(document(entity_id, **more))
    picture.put(entity_id, data, next(_sequence), int(time.time() * 1e6))


def command(command_id="c-1", number=1, state="queued", **more):
    told = msgspec.to_builtins(status(command_id, number, state, **more))
    return msgspec.convert(told, Command)


def tell(board, *args, **more):
    """A transition, as the stream tells it; what has changed by then."""
    told = command(*args, **more)
    board.put(told, next(_sequence), 100)
    return board.take_changes().get("north", frozenset())


def words(html):
    return " ".join(str(html).replace("<", " <").split())


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(board, picture, text):
    """No name, reason, kind, parameter or result becomes an element or an expression."""
    seen(picture, "uav", name=text)
    by = Actor(text, text, "person")
    more = {
        "command": text, "reason": text, "params": {text: text, "b": [text]}, "by": by,
        "requested_by": by, "result": {text: text}, "counts": {text: 1}, "parent_id": text,
    }  # fmt: skip
    told = command("c-1", 1, "awaiting_approval", **more)
    board.put(told, 1, 10)
    held = Control(org_id="north", entity_id="uav", number=1, at=told.at, by=by, reason=text)
    board.put(held, 2, 10)
    board.trouble = board.unjudged = text
    whole = msgspec.convert(msgspec.to_builtins(told), CommandWhole)
    whole.transitions, whole.children = [told], [told]
    look = Look(board, picture, COMMANDER)
    views = [
        EntityCommandsView(look, "uav"),
        CommandsView(look, Wanted(entity_id="uav")),
        CommandView(look, whole, Place(1, 0), lambda: None),
    ]
    for view in views:
        snapshot = view.snapshot()
        found = Markers(elements(snapshot))
        assert found.tags <= TAGS
        assert not [name for name, _ in found.attributes if name.startswith(DATASTAR)]
        assert not [
            value for name, value in found.attributes if name.startswith("data-") and text == value
        ]
        assert {"event: datastar-patch-elements"} == {
            line for line in snapshot.split("\n") if line.startswith("event:")
        }


@pytest.mark.parametrize(
    ("who", "state", "asker", "buttons"),
    [
        (VIEWER, "executing", ADA, set()),
        (VIEWER, "awaiting_approval", ADA, set()),
        (OPERATOR, "executing", BEN, {"cancel"}),
        (OPERATOR, "awaiting_approval", BEN, {"cancel"}),
        (COMMANDER, "awaiting_approval", ADA, {"approve", "deny", "cancel"}),
        (COMMANDER, "awaiting_approval", BEN, {"cancel"}),
        (COMMANDER, "queued", ADA, {"cancel"}),
        (COMMANDER, "completed", ADA, set()),
        (COMMANDER, "failed", BEN, set()),
    ],
)
def test_who_may_decide_has_a_button_for_it(board, picture, *, who, state, asker, buttons):
    """Nobody approves what they have asked for; nothing is done of what has ended."""
    html = item(command(state=state, requested_by=asker), Look(board, picture, who))

    values = {
        value for name, value in Markers(str(html)).attributes
        if name == "value" and value in ("approve", "deny", "cancel")
    }  # fmt: skip
    assert buttons == values


def test_what_is_not_followed_is_told_as_what_it_was(board, look):
    """What has ended stays so; what goes on is not shown as if it were known to."""
    view = EntityCommandsView(look, "uav")
    tell(board, "c-1", 1, "executing")
    tell(board, "c-2", 1, "completed")
    changed = frozenset({"c-1", "c-2"})
    told = words(elements(view.delta(changed)))
    assert "last known" not in told
    assert "executing" in told

    board.lost("The message server cannot be reached.")
    told = words(elements(view.delta(frozenset())))

    assert "last known: executing" in told
    assert "last known: completed" not in told
    assert "The message server cannot be reached." in told
    assert "Last known: nobody has control" in told
    board.found()
    assert "last known" not in words(elements(view.delta(frozenset()))).lower()


def test_a_flow_that_does_not_run_is_told(board, look):
    """And where it does, nothing is."""
    view = CommandsView(look, Wanted())
    board.judged("It has given no sign of life for 30 s.")
    told = elements(view.delta(frozenset()))
    assert "The commands flow is not known to run" in told
    assert "no sign of life for 30 s" in told

    board.judged("")
    assert "not known to run" not in elements(view.delta(frozenset()))


def test_a_silent_vehicle_is_told_before_anything_is_asked(board, look, wound):
    """As soon as it is silent, with nobody left to say so."""
    view = EntityCommandsView(look, "uav")
    assert 'data-alive="yes"' in view.state()

    wound.ahead = 10
    told = elements(view.delta(frozenset()))

    assert 'data-alive="no"' in told
    assert "It is stale: a command is refused unless it is forced" in told
    wound.ahead = 60
    assert "It is lost" in elements(view.delta(frozenset()))


def test_who_has_control_is_told_with_what_can_be_done_about_it(board, look, picture, wound):
    """Taken by nobody, oneself or another; released by oneself; and over when its time is."""

    def state(who):
        return words(EntityCommandsView(Look(board, picture, who), "uav").state())

    assert "Take control" in state(OPERATOR)
    assert "Take control" not in state(VIEWER)
    now = datetime.now(UTC)
    held = Control(
        org_id="north", entity_id="uav", number=1, at=now, by=ADA,
        until=now + timedelta(minutes=10),
    )  # fmt: skip
    board.put(held, 1, 10)
    assert "You have control" in state(OPERATOR)
    assert "Release control" in state(OPERATOR)
    assert "Ada has control" in state(COMMANDER)
    assert "Take over control of Gull from Ada?" in state(COMMANDER)
    view = EntityCommandsView(look, "uav")
    wound.ahead = 700
    assert [*board.judging()]
    changed = board.take_changes()["north"]
    assert MARK + "uav" in changed
    assert "Nobody has control" in elements(view.delta(changed))


def test_only_what_changed_is_told(board, look):
    """One command of many is one item; a new one is the whole list."""
    at = datetime.now(UTC)
    for number in range(10):
        tell(board, f"c-{number}", requested_at=at)
    view = CommandsView(look, Wanted())

    told = elements(view.delta(tell(board, "c-4", 2, "sent", requested_at=at)))
    assert told.count("<li") == 1
    assert 'id="c-c-4"' in told
    assert view.delta(frozenset({"c-5"})) == ""
    assert elements(view.delta(tell(board, "c-99"))).count('class="order"') == 11


def test_a_list_is_of_its_organisation_and_of_what_is_asked_for(board, look):
    """Others' commands are not there, nor parts, unless their entity is asked for."""
    tell(board, "ours", 1, "sent")
    tell(board, "part", 1, "sent", parent_id="p-1")
    tell(board, "other", 1, "sent", entity_id="gull")
    tell(board, "done", 1, "completed", command="land")
    board.put(command("theirs", 1, "sent", org_id="south"), 99, 10)

    def shown(**wanted):
        view = CommandsView(look, Wanted(**wanted))
        return {each for each in ("ours", "part", "other", "done", "theirs")
                if f'"c-{each}"' in view.commands()}  # fmt: skip

    assert {"ours", "other", "done"} == shown()
    assert {"ours", "part", "done"} == shown(entity_id="uav")
    assert {"ours", "other"} == shown(state="open")
    assert {"done"} == shown(state="ended")
    assert {"done"} == shown(command="land")
    assert shown(state="failed") == set()


def test_who_is_not_asked_for_any_more_leaves(board, look):
    """A list of what goes on has no place for what has ended."""
    tell(board, "c-1", 1, "sent")
    view = CommandsView(look, Wanted(state="open"))
    assert '"c-c-1"' in view.commands()

    told = elements(view.delta(tell(board, "c-1", 2, "completed")))

    assert '"c-c-1"' not in told
    assert "There is none like that." in told
    assert "0 on their way" in told


def test_what_the_board_has_forgotten_is_known_from_the_ledger(board):
    """And what the board knows better stands."""
    before = [command("old", 4, "completed"), command("c-1", 1, "queued")]
    tell(board, "c-1", 2, "sent")

    orders = Orders(board, "north", lambda _: True, 10, before)

    assert {("old", 4), ("c-1", 2)} == {(each.command_id, each.number) for each in orders.newest()}


def test_lists_do_not_grow_for_ever(board):
    """What has ended goes, the oldest first; what goes on stays."""
    orders = Orders(board, "north", lambda _: True, 5)
    at = datetime.now(UTC)
    orders.hear(tell(board, "open", requested_at=at - timedelta(days=1)))
    for number in range(MOST_ENDED):
        later = at + timedelta(seconds=number)
        orders.hear(tell(board, f"c-{number}", 1, "completed", requested_at=later))

    assert len(orders._known) <= 21
    assert orders.open == 1
    assert orders.newest()[0].command_id == f"c-{MOST_ENDED - 1}"


def test_another_stream_is_another_list(board):
    """What was known is of the one before."""
    tell(board, "c-1")
    orders = Orders(board, "north", lambda _: True, 5)
    board.begin(2, 0)
    board.put(command("c-2"), 1, 10)

    assert orders.hear(frozenset())
    assert [each.command_id for each in orders.newest()] == ["c-2"]


def test_parameters_are_said_once_and_shown_ever_after(board, look):
    """Whether the beginning was heard, or comes from the ledger later."""
    tell(board, "c-1", 1, "requested", command="takeoff", params={"altitude": 30})
    tell(board, "c-1", 2, "sent", command="takeoff")
    tell(board, "c-2", 2, "sent", command="takeoff")
    board.recall([command("c-2", 2, "sent", command="takeoff", params={"altitude": 40})])

    told = CommandsView(look, Wanted()).commands()

    assert "altitude 30 m" in told
    assert "altitude 40 m" in told
    assert board.open("north")["c-2"].params == {"altitude": 40}


def whole_of(*transitions):
    whole = msgspec.convert(msgspec.to_builtins(transitions[-1]), CommandWhole)
    whole.transitions = list(transitions)
    return whole


def test_a_life_has_every_transition_though_they_come_together(board, look):
    """When, by whom, why and for how long; reports of one state are one entry."""
    at = datetime.now(UTC)
    first = command("c-1", 1, "requested", at=at, requested_at=at, requested_by=ADA, by=ADA)
    view = CommandView(look, whole_of(first), Place(1, 0), lambda: None)
    for number, (state, seconds) in enumerate(
        (("queued", 0.004), ("sent", 0.01), ("executing", 2.01), ("executing", 3), ("failed", 5)), 2
    ):
        more = {"progress": 40.0} if state == "executing" else {}
        because = "no more battery" if state == "failed" else ""
        board.put(
            command("c-1", number, state, at=at + timedelta(seconds=seconds), requested_at=at,
                    reason=because, **more), number, 10,
        )  # fmt: skip

    told = elements(view.delta(frozenset({"c-1"})))

    life = told[told.index('id="command-life"') :]
    places = [
        life.index(f"<b>{each}</b>")
        for each in ("requested", "queued", "sent", "executing", "failed")
    ]
    assert places == sorted(places)
    assert "for 4 ms" in life
    assert "for 2.0 s" in life
    assert "2 reports, 40 % by the last" in life
    assert "5.0 s in all" in life
    assert "no more battery" in life
    assert "<bdi>Ada</bdi>" in life


def test_what_the_log_has_forgotten_is_read_again(board, look):
    """A page that was looked at from before has its life from the ledger."""
    first, last = command("c-1", 1, "requested"), command("c-1", 2, "completed")
    view = CommandView(look, whole_of(first), Place(1, 0), lambda: whole_of(first, last))
    board.begin(1, 500)
    board.put(last, 501, 10)

    told = elements(view.delta(frozenset({"c-1"})))

    assert "<b>completed</b>" in told


def test_a_command_to_several_shows_how_far_each_is(board, look, picture):
    """Counts by state, and each of its parts as it changes."""
    seen(picture, "tern", name="Tern")
    counts = {"completed": 1, "executing": 1}
    parent = command("p-1", 3, "sent", entity_id="broadcast", counts=counts)
    whole = whole_of(parent)
    whole.children = [
        command("k-1", 4, "completed", parent_id="p-1"),
        command("k-2", 3, "executing", parent_id="p-1", entity_id="tern", progress=20.0),
    ]
    view = CommandView(look, whole, Place(1, 0), lambda: None)
    told = words(elements(view.snapshot()))
    assert "<b>1 </b> completed" in told
    assert "Tern" in told
    assert 'value="20"' in told

    told = elements(view.delta(tell(board, "k-2", 4, "failed", parent_id="p-1", entity_id="tern")))
    assert 'id="c-k-2"' in told
    assert "failed" in told
