"""A measurement's process: figures on stdout, whatever else is said."""

import subprocess
import sys

LOUD = """
import subprocess, sys, types

def measure(settings, sizes):
    print("as loggers do")
    subprocess.run(["echo", "as programs do"], check=True)
    return {"figure": 1.5}

module = types.ModuleType("flows.bench.measured.loud")
module.measure = measure
sys.modules[module.__name__] = module

from flows.bench.child import main
main("loud", "{}")
"""


def test_only_figures_are_answered():
    """A part that complains while it is measured spoils no figure; its words are kept."""
    ended = subprocess.run(
        [sys.executable, "-u", "-c", LOUD], capture_output=True, text=True, check=True
    )

    assert ended.stdout == '{"figure":1.5}'
    assert sorted(ended.stderr.splitlines()) == ["as loggers do", "as programs do"]
