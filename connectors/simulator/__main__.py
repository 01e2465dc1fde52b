"""``python -m connectors.simulator``: fly a simulated fleet against a ground station."""

import time
from contextlib import ExitStack, closing

import click

from connectors.simulator.aboard import Aboard
from connectors.simulator.fleet import MOST_VEHICLES, ROWS, fleet
from connectors.simulator.radio import Radio
from connectors.simulator.run import run
from connectors.simulator.state import vehicle
from connectors.simulator.target import Target, TargetRefused, target

MOST_SPEED = 100.0


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
@click.option("--allow-remote", is_flag=True, help="Send to another computer, too.")
def main(
    *,
    address: str,
    port_each: bool,
    vehicles: int,
    seed: int,
    duration: float | None,
    speed: float,
    allow_remote: bool,
) -> None:
    """Fly a fleet of simulated vehicles that speak MAVLink 2 over UDP."""
    try:
        to = target(address, remote=allow_remote, ports=vehicles if port_each else 1)
    except TargetRefused as refused:
        raise click.UsageError(str(refused)) from refused
    started = time.time_ns()
    with ExitStack() as radios:
        crew = []
        for number, row in enumerate(fleet(vehicles)):
            radio = _radio(Target(to.host, to.port + number * port_each))
            radios.enter_context(closing(radio))
            crew.append(Aboard(vehicle(row, seed), radio, started // 1000))
            click.echo(f"{row.system_id:3} {row.name} {radio.port} → {radio.peer}")
        run(crew, speed, duration)
    said, heard = sum(each.said for each in crew), sum(each.heard for each in crew)
    click.echo(f"Sent {said} messages, heard {heard} datagrams.")


def _radio(to: Target) -> Radio:
    try:
        return Radio(to.host, to.port)
    except OSError as error:
        raise click.ClickException(f"{to.host} cannot be sent to: {error.strerror}.") from error


if __name__ == "__main__":
    main()
