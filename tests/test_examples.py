"""What the README says about a signal of one's own is done to a copy of the code, and works."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from documents import README
from ucum import is_unit

PROJECT = README.parent
PATH, COLUMN = "engine.speed", "engine_speed"
# Run over the copy: what each of those who read the catalogue makes of the new row.
LOOK = """
import json, sys
sys.path[:0] = [{tests!r}]
from types import SimpleNamespace
import flows
from documents import sections
from flows.history import TELEMETRY
from flows.ontology.signals import find
from flows.steps.understand import understand
from web.catalogue import listed
from web.wording import unit

def said(body):
    message = SimpleNamespace(
        stream="T", subject="constellation.telemetry.north.rover", data=json.dumps(body).encode(),
        sequence=1, stored_us=1_700_000_000_000_000, headers=None,
    )
    told = understand([message], "north", 2_000_000)
    return [each.values if hasattr(each, "values") else each.reason for each in told]

print(json.dumps({{
    "code": flows.__file__,
    "served": listed("engine"),
    "column": next((each.comment for each in TELEMETRY.columns if each.name == {column!r}), None),
    "readme": sections()["signals"],
    "page": find({path!r}) and unit(find({path!r})),
    "mavlink": said({{"message_type": "RPM", "system_id": 1, "data": {{"rpm1": 2400.0}}}}),
    "json": said({{"entity_id": "rover", "engine": {{"speed": 900}}}}),
    "absurd": said({{"entity_id": "rover", "engine": {{"speed": 900_000}}}}),
}}))
"""


def example() -> str:
    """The rows, each after a comment that says where it goes."""
    text = README.read_text()
    return re.search(r"(?s)<!-- example:signal -->\n```python\n(.*?)```", text)[1]


def rows() -> list[tuple[str, str, str]]:
    """File, table and row of each step."""
    found = re.findall(r"(?m)^# (\S+\.py), a row of ([A-Z]+)\b.*\n((?:(?!#).+\n)+)", example())
    assert len(found) == example().count("# ")
    return found


def copied(folder: Path) -> Path:
    for name in ("flows", "connectors", "web", "tests"):
        kept = shutil.ignore_patterns("__pycache__", "static", "recordings", ".hypothesis")
        shutil.copytree(PROJECT / name, folder / name, ignore=kept)
    (folder / "README.md").write_text(README.read_text())
    return folder


def looked_at(folder: Path) -> dict:
    """What the code there says of the signal."""
    program = LOOK.format(tests=str(folder / "tests"), path=PATH, column=COLUMN)
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert Path(found["code"]).is_relative_to(folder)
    return found


@pytest.fixture(scope="module")
def added(tmp_path_factory):
    """What is said before, and what after the README has been followed."""
    folder = copied(tmp_path_factory.mktemp("copy"))
    before = looked_at(folder)
    for file, table, row in rows():
        code = (folder / file).read_text()
        changed, count = re.subn(rf"(?m)^({table}\b.*[({{])$", rf"\1\n{row.rstrip()}", code)
        assert count == 1, f"{file} has no table {table}"
        (folder / file).write_text(changed)
    return before, looked_at(folder)


def test_it_takes_ten_lines_at_most():
    """And says itself where they go."""
    assert len(example().splitlines()) <= 10
    assert [table for _, table, _ in rows()] == ["SIGNALS", "MESSAGES"]


def test_before_it_is_a_signal_of_the_devices_own(added):
    """Without unit, range and column; and MAVLink's field is kept raw."""
    before, _ = added
    assert (before["served"], before["column"], before["page"]) == ([], None, None)
    assert COLUMN not in before["readme"]
    assert before["json"] == [{PATH: 900}]
    assert before["absurd"] == [{PATH: 900_000}]
    assert before["mavlink"][0] != {PATH: 2400}


def test_the_interface_serves_it(added):
    """With all that the row says."""
    (row,) = added[1]["served"]
    assert row == {
        "path": PATH,
        "branch": "engine",
        "unit": "/min",
        "kind": "number",
        "range": [0, 100_000],
        "description": "turns of the engine",
        "column": COLUMN,
        "family": False,
    }
    assert is_unit(row["unit"])


def test_the_lake_the_page_and_the_readme_have_it(added):
    """A column with a comment, a unit, a line of the table."""
    after = added[1]
    assert after["column"] == "turns of the engine [/min]"
    assert after["page"] == "/min"
    assert "| `engine` | `speed` (/min) |" in after["readme"]


def test_messages_set_it_within_its_range(added):
    """MAVLink's field and a device's JSON alike; what is absurd is refused by its name."""
    after = added[1]
    assert after["mavlink"] == [{PATH: 2400}]
    assert after["json"] == [{PATH: 900}]
    assert {PATH: 900_000} not in after["absurd"]
    assert any(PATH in told for told in after["absurd"] if isinstance(told, str))
