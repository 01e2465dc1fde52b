"""Several sources are one, with a partition for each of theirs, and resume as they would alone."""

from bytewax import operators as op
from bytewax.dataflow import Dataflow
from bytewax.inputs import FixedPartitionedSource, StatefulSourcePartition
from bytewax.testing import TestingSink, run_main
from typing_extensions import override

from connectors.together import Together


class Counting(StatefulSourcePartition[tuple[str, int], int]):
    def __init__(self, name: str, start: int) -> None:
        self._name, self._at = name, start

    @override
    def next_batch(self) -> list[tuple[str, int]]:
        if self._at == 3:
            raise StopIteration
        self._at += 1
        return [(self._name, self._at)]

    @override
    def snapshot(self) -> int:
        return self._at


class Counts(FixedPartitionedSource[tuple[str, int], int]):
    def __init__(self, name: str) -> None:
        self._name = name

    @override
    def list_parts(self) -> list[str]:
        return [self._name]

    @override
    def build_part(self, step_id: str, for_part: str, resume_state: int | None) -> Counting:
        return Counting(for_part, resume_state or 0)


def test_all_of_several_sources_is_read():
    """Each in its order."""
    found: list[tuple[str, int]] = []
    flow = Dataflow("flow")
    read = op.input("in", flow, Together(Counts("a"), Counts("b")))
    op.output("out", read, TestingSink(found))
    run_main(flow)

    assert sorted(found) == [(name, n) for name in "ab" for n in (1, 2, 3)]


def test_each_goes_on_from_its_own_state():
    """By the name of its partition."""
    both = Together(Counts("a"), Counts("b"))
    assert both.list_parts() == ["a", "b"]
    assert both.build_part("in", "b", 2).next_batch() == [("b", 3)]
    assert both.build_part("in", "a", None).next_batch() == [("a", 1)]
