"""The altitude profile of a mission: height above home over the way, as a small drawing.

The drawing is stretched to the room that there is; what is written stands beside it.
"""

from collections.abc import Sequence

import htpy as h

from flows.ontology.stored_missions import Mission
from web import mission_words as words
from web.mission_course import Stop, course

WIDTH, HEIGHT = 1000.0, 100.0
_LEAST = 10.0  # Metres: what is flown at one height is no mountain range.
_EDGE = 8.0


def profile(mission: Mission) -> h.Element | None:
    """The profile; None where less than two heights are known."""
    stops = course(mission)
    known = [each for each in stops if each.height is not None]
    if len(known) < 2:
        return None
    heights = [each.height or 0.0 for each in known]
    low, high = min(0.0, *heights), max(*heights, _LEAST)
    length = max(stops[-1].away, 1.0)

    def at(stop: Stop) -> tuple[float, float]:
        share = ((stop.height or 0.0) - low) / (high - low)
        return WIDTH * stop.away / length, HEIGHT - _EDGE - share * (HEIGHT - 2 * _EDGE)

    ground = HEIGHT - _EDGE - (0.0 - low) / (high - low) * (HEIGHT - 2 * _EDGE)
    told = f"From {low:.0f} to {high:.0f} m above home, over {words.distance(length)}"
    unknown = len(stops) - len(known)
    return h.figure(".profile")[
        h.div(".profile-plot")[
            h.svg(
                {"viewBox": f"0 0 {WIDTH:g} {HEIGHT:g}", "preserveAspectRatio": "none"},
                role="img",
                aria_label=told,
            )[
                h.path(".under", d=_closed([at(each) for each in known], ground)),
                h.path(".ground", d=f"M0 {ground:.1f}H{WIDTH:g}"),
                h.path(".height", d=_line([at(each) for each in known])),
                (
                    h.path(".stop", {"data-item": str(each.number)}, d=_dot(*at(each)))[
                        h.title[f"{each.number}: {each.height:.0f} m"]
                    ]
                    for each in known
                ),
            ],
            h.span(".most")[f"{high:.0f} m"],
            h.span(".least")[f"{low:.0f} m"],
        ],
        h.figcaption[
            h.span["0"],
            h.span["height above home, as it is planned"],
            h.span[words.distance(stops[-1].away)],
        ],
        h.p(".below")[
            f"Of {unknown} more stops the height above home is not known."
            if unknown > 1
            else "Of one more stop the height above home is not known."
        ]
        if unknown
        else None,
    ]


def _line(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _closed(points: Sequence[tuple[float, float]], ground: float) -> str:
    return f"{_line(points)}L{points[-1][0]:.1f} {ground:.1f}H{points[0][0]:.1f}Z"


def _dot(x: float, y: float) -> str:
    """A line of no length with round ends: it stays round however the drawing is stretched."""
    return f"M{x:.1f} {y:.1f}h0"
