"""Several sources as one.

Bytewax lets a source wait for all others at the end of each epoch, and those of several begin
theirs ever further apart; the partitions of one do not.
"""

from typing import Any

from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition
from typing_extensions import override


class Together(FixedPartitionedSource[Any, Any]):
    """The partitions of sources, each with the guarantees of its own.

    Args:
        sources: no two have a partition of the same name.
    """

    def __init__(self, *sources: FixedPartitionedSource[Any, Any]) -> None:
        self._owners = {part: source for source in sources for part in source.list_parts()}

    @override
    def list_parts(self) -> list[str]:
        return list(self._owners)

    @override
    def build_part(
        self, step_id: str, for_part: str, resume_state: Any
    ) -> StatefulSourcePartition[Any, Any]:
        return self._owners[for_part].build_part(step_id, for_part, resume_state)
