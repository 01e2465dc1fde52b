"""Some parts of a deployment, started as the deployment starts them."""

import logging
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import structlog

from connectors import metrics
from flows.bench.recovery import prepare
from flows.cli import server
from flows.ontology.settings import Settings
from flows.parts import FLOWS, Stage, parts, run_folder
from flows.supervisor import Supervisor
from flows.supervisor.runner import Place

NATS = "nats"


@asynccontextmanager
async def running(
    settings: Settings, *names: str, variables: Mapping[str, str] | None = None
) -> AsyncIterator[None]:
    """Parts by their names, that work; nothing of them runs afterwards.

    Args:
        settings: of the deployment.
        names: of its parts.
        variables: their environment, where it is not ours.

    Raises:
        StartFailed: one does not work.
        Refused: the message server cannot be set up.
    """
    data, run = settings.data_dir.absolute(), run_folder(settings).absolute()
    metrics.empty(run)
    given = os.environ if variables is None else variables
    some = [each for each in parts(settings) if each.name in names]
    place = Place(data, run, data / "logs", given, logging.WARNING)
    supervisor = Supervisor(some, place, _say)
    try:
        if NATS in names:
            server.set_up(settings)
            await supervisor.start(Stage.SERVER)
            await server.applied(settings)
        for flow in FLOWS:
            if flow in names:
                prepare(settings.recovery(flow))
        await supervisor.start(Stage.DEPLOYMENT)
        yield
    finally:
        await supervisor.stop()


def _say(part: str, level: int, text: str) -> None:
    structlog.get_logger().log(level, text, part=part)
