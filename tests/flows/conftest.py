"""Ends for graphs, and recovery that is recorded at every chance."""

from datetime import timedelta

import pytest
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.testing import run_main
from ends import Ends


@pytest.fixture
def ends():
    return Ends()


@pytest.fixture
def run_recovered(tmp_path):
    """Run a flow, going on where the one before it ended."""
    init_db_dir(tmp_path, 1)
    recovery = RecoveryConfig(str(tmp_path))

    def run(flow):
        run_main(flow, epoch_interval=timedelta(0), recovery_config=recovery)

    return run
