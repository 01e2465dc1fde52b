"""``python -m connectors.simulator``: fly a simulated fleet against a ground station."""

import time
from contextlib import ExitStack, closing

import click

from connectors.simulator.aboard import Aboard
from connectors.simulator.command.faults import BadRadio, Faults
from connectors.simulator.fleet import MOST_VEHICLES, ROWS, fleet
from connectors.simulator.radio import Radio
from connectors.simulator.run import run
from connectors.simulator.state import vehicle
from connectors.simulator.target import Target, TargetRefused, target

MOST_SPEED = 100.0
SHARE = click.FloatRange(0, 1)


@click.command(context_settings={"show_default": True})
@click.option("--target", "address", default="127.0.0.1:14550", help="Where to send, HOST:PORT.")
@click.option("--port-each", is_flag=True, help="A port each, from that of the target on.")
@click.option(
    "--vehicles", type=click.IntRange(1, MOST_VEHICLES), default=len(ROWS), help="How many."
)
@click.option("--seed", default=7, help="The same seed always flies the same.")
@click.option(
    "--duration", type=click.FloatRange(min=0), help="Seconds to fly; for ever if not given."
)
@click.option(
    "--speed",
    type=click.FloatRange(0, MOST_SPEED, min_open=True),
    default=1.0,
    help="How many times faster than the clock. The vehicles' clocks run ahead by as much.",
)
@click.option("--wait", is_flag=True, help="Wait at home for commands; else fly, and obey.")
@click.option("--lose-sent", type=SHARE, default=0.0, help="Share of what is sent that is lost.")
@click.option("--lose-heard", type=SHARE, default=0.0, help="Share of what is heard that is lost.")
@click.option(
    "--ack-copies", type=click.IntRange(1, 10), default=1, help="How often a COMMAND_ACK is sent."
)
@click.option("--ack-seconds", type=click.FloatRange(0, 60), default=0.0, help="And how late.")
@click.option(
    "--refuse", type=click.IntRange(0, 65_535), multiple=True, help="A MAV_CMD to refuse."
)
@click.option("--allow-remote", is_flag=True, help="Send to another computer, too.")
def main(
    *,
    address: str,
    port_each: bool,
    vehicles: int,
    seed: int,
    duration: float | None,
    speed: float,
    wait: bool,
    lose_sent: float,
    lose_heard: float,
    ack_copies: int,
    ack_seconds: float,
    refuse: tuple[int, ...],
    allow_remote: bool,
) -> None:
    """Fly a fleet of simulated vehicles that speak MAVLink 2 over UDP, and obey."""
    try:
        to = target(address, remote=allow_remote, ports=vehicles if port_each else 1)
    except TargetRefused as refused:
        raise click.UsageError(str(refused)) from refused
    faults = Faults(lose_sent, lose_heard, ack_copies, ack_seconds, frozenset(refuse))
    started = time.time_ns()
    with ExitStack() as radios:
        crew = []
        for number, row in enumerate(fleet(vehicles)):
            there = Target(to.host, to.port + number * port_each)
            radio = _radio(there, faults, f"{seed}:{row.system_id}")
            radios.enter_context(closing(radio))
            crew.append(Aboard(vehicle(row, seed), radio, started // 1000, faults, waits=wait))
            click.echo(f"{row.system_id:3} {row.name} {radio.port} → {radio.peer}")
        run(crew, speed, duration)
    said, heard = sum(each.said for each in crew), sum(each.heard for each in crew)
    click.echo(f"Sent {said} messages, heard {heard} datagrams.")


def _radio(to: Target, faults: Faults, seed: str) -> Radio:
    try:
        if faults.lose_sent or faults.lose_heard:
            return BadRadio(to.host, to.port, faults, seed)
        return Radio(to.host, to.port)
    except OSError as error:
        raise click.ClickException(f"{to.host} cannot be sent to: {error.strerror}.") from error


if __name__ == "__main__":
    main()
