"""``python -m flows.bench.child NAME SIZES``: one measurement; its figures as JSON on stdout."""

import importlib
import os
import sys

import msgspec

from flows.bench.sizes import Sizes
from flows.ontology.settings import Settings


def main(name: str, sizes: str) -> None:
    # Whatever else is said here, as by loggers, is no figure.
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    module = importlib.import_module(f"flows.bench.measured.{name}")
    settings = Settings.read(os.environ)
    figures = module.measure(settings, msgspec.json.decode(sizes, type=Sizes))
    answer.write(msgspec.json.encode(figures))
    answer.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
