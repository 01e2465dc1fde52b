"""What vehicles answer to commands (``MAV_RESULT``), as answers with words."""

from typing import NamedTuple

from flows.ontology.commands import AnswerState

ACCEPTED, UNSUPPORTED, IN_PROGRESS, CANCELLED = 0, 3, 5, 6
LONG_ONLY, INT_ONLY = 7, 8


class Result(NamedTuple):
    """What an answer comes to, and in words."""

    name: str
    state: AnswerState
    words: str


RESULTS: dict[int, Result] = {
    0: Result("ACCEPTED", "accepted", ""),
    1: Result("TEMPORARILY_REJECTED", "rejected", "the vehicle cannot do it as it is now"),
    2: Result("DENIED", "rejected", "the vehicle does not take these parameters"),
    3: Result("UNSUPPORTED", "rejected", "the vehicle does not know this command"),
    4: Result("FAILED", "failed", "the vehicle has not managed to do it"),
    5: Result("IN_PROGRESS", "progress", ""),
    6: Result("CANCELLED", "failed", "the vehicle has given it up, as it was told"),
    7: Result("COMMAND_LONG_ONLY", "rejected", "the vehicle takes it by COMMAND_LONG only"),
    8: Result("COMMAND_INT_ONLY", "rejected", "the vehicle takes it by COMMAND_INT only"),
    9: Result("UNSUPPORTED_MAV_FRAME", "rejected", "the vehicle does not know this frame"),
    10: Result("PERMISSION_DENIED", "rejected", "another station has control of the vehicle"),
}


def result(number: int) -> Result:
    """What an answer comes to; what nobody knows is a refusal."""
    unknown = Result(str(number), "rejected", f"the vehicle answers {number}, which nobody knows")
    return RESULTS.get(number, unknown)
