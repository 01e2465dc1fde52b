"""History: a DuckLake of Parquet files and a SQLite catalog, that many processes share.

Readers need only ``connect``. What writes is in ``connectors.lake.sink``, and is not
imported from here, so that a notebook or a page does not load a dataflow engine.
"""

from connectors.lake.attach import LakeError, LakeMissing, connect, narrow
from connectors.lake.create import create
from connectors.lake.maintain import maintain
from connectors.lake.marks import progress

__all__ = ["LakeError", "LakeMissing", "connect", "create", "maintain", "narrow", "progress"]
