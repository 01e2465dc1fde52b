"""Whether a command may be sent: an entity that can do it and is there, within limits and fences.

It is asked when a command is requested, and once more just before it is sent. Hazard,
expiry and control are not judged here.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flows.ontology.command_facts import Facts, Limits
from flows.ontology.command_kind import Kind
from flows.ontology.command_parameters import checked
from flows.ontology.commands import Request
from flows.ontology.rate import LOST_PERIODS, Liveness
from flows.steps.commands.fences import Fence, contains, holds, meets
from flows.steps.commands.sphere import distance
from flows.steps.commands.ways import Way, here, home, ways

# A vehicle that holds its height is now above it and now below.
SLACK_M = 2.0


def judge(  # noqa: PLR0917  (they are what is judged by)
    request: Request,
    kind: Kind,
    facts: Facts | None,
    fences: Sequence[Fence],
    limits: Limits,
    now_us: int,
) -> str:
    """Why a command may not be sent, in one sentence without a full stop; empty if it may.

    Args:
        request: with parameters that were checked, defaults filled in.
        kind: the kind of its command.
        facts: what is known of its entity; None where nobody knows it.
        fences: those that are in force, of any organisation.
        limits: how far commands may lead.
        now_us: microseconds UTC.
    """
    if facts is None or facts.gone or facts.org_id != request.org_id:
        return "unknown entity"
    if kind.entity_types and facts.entity_type not in kind.entity_types:
        return f"{kind.name} is not for entities of the type {facts.entity_type}"
    if facts.recorded:
        return "what is heard of it is played from a recording"
    refused = _silent(request, facts, limits, now_us)
    if refused:
        return refused
    led = ways(kind.name, request.params, facts)
    if isinstance(led, str):
        return led
    return _beyond(led, facts, limits) or _fenced(led, facts, _of(request.org_id, fences))


def params(kind: Kind, said: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """The parameters of a command with defaults filled in; else what is wrong with the first."""
    found, faults = checked(kind, said)
    return found, f"{faults[0][0]}: {faults[0][1]}" if faults else ""


def liveness(facts: Facts, now_us: int, limits: Limits) -> Liveness:
    """Whether it lives, as its document says; that is believed for so long.

    By then the flow that judges it would have said otherwise, if it is there.
    """
    believed_us = max(limits.lost_us, LOST_PERIODS * facts.period_us)
    known = facts.heard_us and abs(now_us - facts.heard_us) <= believed_us
    return facts.live if known else "lost"


def _silent(request: Request, facts: Facts, limits: Limits, now_us: int) -> str:
    alive = liveness(facts, now_us, limits)
    if alive == "live":
        return ""
    if request.forced:
        return "" if request.reason.strip() else "what is forced needs a reason"
    if not facts.heard_us:
        return "it has never been heard"
    ago = max(0, now_us - facts.heard_us) / 1e6
    return f"it is {alive}, and was heard {ago:.0f} s ago"


def _of(organization: str, fences: Iterable[Fence]) -> list[Fence]:
    return [each for each in fences if each.org_id == organization]


def _beyond(led: Iterable[Way], facts: Facts, limits: Limits) -> str:
    """The limit that a way goes beyond."""
    start = home(facts)
    for way in led:
        above, asked = way.height.above, way.height.asked
        if limits.altitude:
            if above is None and asked:
                return f"{way.what}the height of home is not known, from which limits are measured"
            if above is not None and above > limits.altitude + (0 if asked else SLACK_M):
                where = "would be" if asked else "is now"
                return (
                    f"{way.what}it {where} {above:.0f} m above home, and {_most(limits.altitude)}"
                )
        if limits.distance and way.end is not None and not way.stays:
            if start is None:
                return f"{way.what}home is not known, from which limits are measured"
            far = distance(start, way.end)
            if far > limits.distance:
                return f"{way.what}it would be {far:.0f} m from home, and {_most(limits.distance)}"
    return ""


def _most(limit: float) -> str:
    return f"at most {limit:g} m are allowed"


def _fenced(led: Sequence[Way], facts: Facts, fences: Sequence[Fence]) -> str:
    """The fence that a way meets, or leaves."""
    if not led or not fences:
        return ""
    for fence in fences:
        if fence.broken:
            return f"{fence.called} cannot be read: {fence.broken}"
    at = here(facts)
    if at is None:
        return f"where it is is not known, and so not whether it would keep to {fences[0].called}"
    outs = [each for each in fences if each.keeps_out]
    height = facts.altitude_msl
    ins = [
        each
        for each in fences
        if not each.keeps_out and each.spans(height, height) and holds(each, at)
    ]
    for way in led:
        refused = _kept_out(way, outs) or (_kept_in(way, ins) if ins else "")
        if refused:
            return f"{way.what}{refused}"
    return ""


def _kept_out(way: Way, fences: Sequence[Fence]) -> str:
    start, end = way.start, way.end
    if start is None or end is None:
        return ""
    for fence in fences:
        if fence.spans(way.low, way.high) and meets(fence, start, end):
            if holds(fence, end) and fence.spans(way.height.sea, way.height.sea):
                return f"the place is in {fence.called}"
            return f"the way there crosses {fence.called}"
    return ""


def _kept_in(way: Way, fences: Sequence[Fence]) -> str:
    """One of the fences that the vehicle is in must have all of the way."""
    start, end, sea = way.start, way.end, way.height.sea
    if start is None or end is None:
        return ""
    within = [each for each in fences if contains(each, start, end)]
    # A height that is asked for and not known is none that the fence is known to have.
    known = [each for each in within if sea is not None or not (way.height.asked and each.bounded)]
    if any(each.spans(sea, sea) for each in known):
        return ""
    if within and not known:
        return (
            "how high above the sea it would be is not known, and so not whether it would keep"
            f" to {within[0].called}"
        )
    if within:
        return f"the height is outside of {within[0].called}"
    at_end = [each for each in fences if holds(each, end)]
    if at_end:
        return f"the way there leaves {at_end[0].called}"
    return f"the place is outside of {fences[0].called}"
