"""The past of an entity as its document would have stood: values, who said them, how fresh then.

It has the form of the live document. What is stale in it was so at that moment.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flows.ontology.entities import RANK
from flows.ontology.held import holds
from flows.ontology.rate import Liveness, Patience, Rate
from flows.ontology.signals import place
from flows.ontology.telemetry import moment
from web.past import Asked, Past, Word

Json = dict[str, Any]

SILENT = "nothing had been heard for {:.0f} s"
NEVER = "nothing had been heard"
HEARD = "heard by {}"


def document(past: Past, asked: Asked, patience: Patience) -> Json:
    """The document of that moment."""
    tree: Json = {}
    branches: dict[str, dict[tuple[str, str, int], dict[str, Word]]] = defaultdict(dict)
    for path, word in past.words.items():
        branch, leaf = place(path)
        _put(tree, path, word.value)
        together = word.message, word.source, word.seen_us
        branches[branch].setdefault(together, {})[leaf] = word
    heard = sorted(us for words in past.heard.values() for us in words)
    whole, reason = _judged(heard, asked.at_us, patience)
    then = _Then(past, asked, patience, whole)
    return {
        **tree,
        "entity_id": asked.entity_id,
        "org_id": asked.organization,
        "at": moment(asked.at_us),
        "since": moment(asked.since_us),
        "is_live": whole == "live" and not past.recorded,
        "liveness": {"state": whole, "reason": reason},
        "last_seen": moment(heard[-1]) if heard else None,
        "recorded": past.recorded,
        "provenance": {
            branch: then.records(branch, said.values()) for branch, said in sorted(branches.items())
        },
    }


def _judged(heard: list[int], at_us: int, patience: Patience) -> tuple[Liveness, str]:
    """How alive it was, by when it had been heard."""
    if not heard:
        return "lost", NEVER
    silent_us = max(0, at_us - heard[-1])
    state = patience.judge(silent_us, _period_us(heard))
    return state, "heard" if state == "live" else SILENT.format(silent_us / 1e6)


def _period_us(heard: Iterable[int]) -> int:
    """How often it spoke, learned as the flow learns it."""
    rate = Rate()
    for us in heard:
        rate.hear(us)
    return rate.period_us


@dataclass(frozen=True)
class _Then:
    """That moment: what had been said by it, and how alive the whole was."""

    past: Past
    asked: Asked
    patience: Patience
    whole: Liveness

    def records(self, branch: str, many: Iterable[dict[str, Word]]) -> Json:
        """The record of what was least fresh; under ``messages`` those of what else there was."""
        records = [self.record(branch, said) for said in many]
        first, *others = sorted(records, key=lambda each: -RANK[each["state"]])
        return {**first, "messages": others} if others else first

    def record(self, branch: str, said: dict[str, Word]) -> Json:
        """The record of signals that were said together."""
        word = next(iter(said.values()))
        silent_us = max(0, self.asked.at_us - word.seen_us)
        period_us = _period_us(self.past.heard.get((word.message, word.source), ()))
        state: Liveness = "live"
        if not all(holds(branch, leaf) for leaf in said):
            state = self.patience.judge(silent_us, period_us)
        state = max(state, self.whole, key=RANK.__getitem__)
        record: Json = {
            "state": state,
            "reason": _why(state, word, silent_us),
            "source": word.source,
            "message": word.message,
            "leaves": sorted(said),
            "sequence": word.sequence,
            "stream_time": moment(word.seen_us),
        }
        if period_us:
            record["period"] = period_us / 1e6
        return record


def _why(state: Liveness, word: Word, silent_us: int) -> str:
    if state != "live":
        return SILENT.format(silent_us / 1e6)
    return HEARD.format(word.source) if word.source else "heard"


def _put(tree: Json, path: str, value: object) -> None:
    """Set a leaf; where a leaf stands in the way of a branch, the branch wins."""
    *names, leaf = path.split(".")
    for name in names:
        below = tree.get(name)
        if not isinstance(below, dict):
            below = tree[name] = {}
        tree = below
    if not isinstance(tree.get(leaf), dict):
        tree[leaf] = value
