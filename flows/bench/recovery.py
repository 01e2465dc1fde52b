"""Flows run in this process as ``bytewax.run`` runs them, with recovery from nothing."""

import shutil
from datetime import timedelta
from pathlib import Path

from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.run import cli_main

from flows.ontology.settings import Settings
from flows.operators import live_long


def prepare(folder: Path) -> None:
    """Where a flow that has read nothing yet records how far it has come."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    init_db_dir(folder, 1)  # type: ignore[no-untyped-call]


def run(flow: Dataflow, settings: Settings) -> None:
    """Run a flow to the end of its sources."""
    live_long()
    folder = settings.recovery(flow.flow_id)
    prepare(folder)
    cli_main(  # type: ignore[no-untyped-call]
        flow,
        epoch_interval=timedelta(seconds=settings.snapshot_seconds),
        recovery_config=RecoveryConfig(str(folder), timedelta(0)),  # type: ignore[no-untyped-call]
    )
