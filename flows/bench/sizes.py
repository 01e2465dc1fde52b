"""How much is measured: as much as tells, in as little time as will do."""

import msgspec

Figures = dict[str, float]


class Sizes(msgspec.Struct, frozen=True):
    """Numbers that the time of a run depends on.

    Args:
        messages: in the stored stream.
        vehicles: that have said them.
        rounds: in which those who read the stored stream take turns; the best counts, since
            what else the machine does can only slow them down.
        packets: datagrams to the relay.
        paced: messages that are published at an even pace, and followed to the bucket.
        pace: of those, a second.
        paced_vehicles: that say them.
        updates: that are followed to the page.
        update_seconds: between those.
        settle_seconds: for which a deployment runs before it is looked at.
        watch_seconds: for which it is looked at then.
        rest_clients: that ask the REST interface at once.
        rest_requests: of each of them, of every kind.
        few, many: entities, what a message of which costs is compared.
        cost_messages: of those, that are measured.
        cost_rounds: of which the best counts.
        swift: entities that say as much as the many at their usual pace.
        backlog: messages of those that come all at once.
        crowd_pace: that pace, in messages a second of all of them.
        crowd_seconds: for which it is held.
        crew: vehicles that are commanded.
        crew_pace: messages a second of all of them meanwhile.
        commands: that are asked for one by one and followed.
        command_pace: of those, a second.
        broadcasts: to all of them.
        broadcasts_at_once: of those, that are under way at most.
    """

    messages: int = 200_000
    vehicles: int = 50
    rounds: int = 3
    packets: int = 60_000
    paced: int = 10_000
    pace: int = 1_000
    paced_vehicles: int = 8
    updates: int = 40
    update_seconds: float = 0.3
    rest_clients: int = 50
    rest_requests: int = 60
    settle_seconds: float = 10.0
    watch_seconds: float = 10.0
    few: int = 100
    many: int = 10_000
    cost_messages: int = 60_000
    cost_rounds: int = 2
    swift: int = 200
    backlog: int = 60_000
    crowd_pace: float = 10_000
    crowd_seconds: float = 8.0
    crew: int = 200
    crew_pace: float = 1_000
    commands: int = 400
    command_pace: float = 40
    broadcasts: int = 25
    broadcasts_at_once: int = 5


FULL = Sizes()
# To see that everything can be measured: figures of such a run mean nothing.
LEAST = Sizes(
    messages=2_000,
    vehicles=4,
    rounds=1,
    packets=500,
    paced=200,
    pace=500,
    paced_vehicles=2,
    updates=3,
    rest_clients=3,
    rest_requests=3,
    settle_seconds=0.5,
    watch_seconds=1.0,
    few=2,
    many=20,
    cost_messages=40,
    cost_rounds=1,
    swift=4,
    backlog=100,
    crowd_pace=100,
    crowd_seconds=0.3,
    crew=3,
    crew_pace=60,
    commands=4,
    command_pace=20,
    broadcasts=2,
)
