"""``python -m flows.bench.child NAME SIZES``: one measurement; its figures as JSON on stdout."""

import importlib
import os
import sys

import msgspec

from flows.bench.sizes import Sizes
from flows.ontology.settings import Settings


def main(name: str, sizes: str) -> None:
    module = importlib.import_module(f"flows.bench.measured.{name}")
    settings = Settings.read(os.environ)
    figures = module.measure(settings, msgspec.json.decode(sizes, type=Sizes))
    sys.stdout.write(msgspec.json.encode(figures).decode())


if __name__ == "__main__":
    main(*sys.argv[1:])
