"""The end of an entity: what was said before it was deleted never comes back.

What has been said since makes the entity anew, and may be known already: streams are read
side by side, so that the telemetry of a minute later can come before the deletion.
"""

from flows.ontology.entities import Branch, EntityState, Part
from flows.ontology.entry import Buried
from flows.steps.judge import look_again
from flows.steps.made import forget_all

_NEW = EntityState()


def bury(state: EntityState, deleted_us: int) -> list[Buried]:
    """Delete what is known of an entity up to a time; its burial, where nothing is left."""
    state.buried_us = max(state.buried_us, deleted_us)
    state.entry, state.commands, state.foreign = None, None, {}
    forget_all(state)
    look_again(state)
    state.__dict__.pop("rank", None)
    if state.heard_us > deleted_us:
        _keep_since(state, deleted_us)
        return []
    known = state.entity_id, state.sequences, state.buried_us
    for name in state.__struct_fields__:
        # Every other field as it is before anything is known.
        value = getattr(_NEW, name)
        setattr(state, name, type(value)() if isinstance(value, dict) else value)
    state.entity_id, state.sequences, state.buried_us = known
    state.rate = type(_NEW.rate)()
    return [Buried(state.entity_id, dict(state.sequences))]


def without_older(branches: dict[str, Branch], since_us: int) -> dict[str, Branch]:
    """Of branches what was heard after a time."""
    kept = {
        path: Branch(_since(branch.parts, since_us), _since(branch.behind, since_us))
        for path, branch in branches.items()
    }
    return {path: branch for path, branch in kept.items() if branch.parts or branch.behind}


def _keep_since(state: EntityState, deleted_us: int) -> None:
    state.branches = without_older(state.branches, deleted_us)
    first = [
        part.live_us if part.live_us > deleted_us else part.seen_us
        for branch in state.branches.values()
        for part in branch.all
    ]
    state.first_us = min([*first, state.heard_us])
    state.live_us = max(state.live_us, state.first_us)
    state.texts = {
        component: text for component, text in state.texts.items() if text.stored_us > deleted_us
    }


def _since(parts: dict[str, Part], since_us: int) -> dict[str, Part]:
    return {name: part for name, part in parts.items() if part.seen_us > since_us}
