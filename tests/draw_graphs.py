"""Draws the graphs as they are: into ``tests/golden``, and into the README between its marks."""

import re
import sys
from pathlib import Path

from bytewax.visualize import to_mermaid

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE / "flows")]

from ends import Ends  # noqa: E402  (found only after its folder has been named)

GOLDEN = HERE / "golden"
README = HERE.parent / "README.md"
MARKS = "<!-- graph:{} -->", "<!-- /graph:{} -->"


def drawings() -> dict[str, str]:
    """Each graph as Mermaid, by its name."""
    ends = Ends()
    flows = (ends.relay([]), ends.telemetry([]), ends.entities([]))
    return {flow.flow_id: to_mermaid(flow).strip() + "\n" for flow in flows}


def illustrated(text: str) -> str:
    """A text with what stands between the marks of each graph replaced by its drawing."""
    for name, drawing in drawings().items():
        begin, end = (re.escape(mark.format(name)) for mark in MARKS)
        block = f"\n```mermaid\n{drawing}```\n"
        text = re.sub(f"(?s)({begin}).*?({end})", lambda m, b=block: m[1] + b + m[2], text)
    return text


def main() -> None:
    GOLDEN.mkdir(exist_ok=True)
    for name, drawing in drawings().items():
        (GOLDEN / f"{name}.mmd").write_text(drawing)
    README.write_text(illustrated(README.read_text()))


if __name__ == "__main__":
    main()
