"""Reports and windows become cells in the order of their columns."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from messages import NOON

from flows.ontology.signals import BY_PATH
from flows.ontology.telemetry import Report
from flows.steps.rows import REPORT_COLUMNS, WINDOW_COLUMNS, places, reports
from flows.steps.told import WindowRows

PATHS = ("vfr.groundspeed", "vfr.heading", "vehicle_status.mode", "power.cells")


def report(sequence: int, values: dict, extra: dict | None = None, **more) -> Report:
    return Report("v1", "north", "VFR_HUD", sequence, NOON, NOON - 1, values, extra or {}, **more)


def test_a_row_has_a_cell_for_each_of_its_columns() -> None:
    """By the names that the history gives them."""
    said = report(
        7,
        {"vfr.groundspeed": 3.5, "power.cells": [4.1, 4.2]},
        {"groundspeed": 3.5, "odd": {"a": [1, None]}},
        device_us=NOON - 2,
        clamped=True,
        link_sequence=200,
        system_id=11,
        component_id=1,
        source="udp:1",
        recorded=True,
    )
    ((columns, (cells,)),) = reports([said]).items()

    assert dict(zip(columns, cells, strict=True)) == {
        "seq": 7,
        "ts": NOON - 1,
        "ts_ingest": NOON,
        "ts_device": NOON - 2,
        "entity_id": "v1",
        "org_id": "north",
        "message_type": "VFR_HUD",
        "source": "udp:1",
        "system_id": 11,
        "component_id": 1,
        "link_sequence": 200,
        "role": "autopilot",
        "recorded": True,
        "clamped": True,
        "others": None,
        "extra": '{"odd":{"a":[1,null]}}',
        "vfr_groundspeed": 3.5,
        "power_cells": [4.1, 4.2],
    }


VALUES = st.dictionaries(st.sampled_from(PATHS), st.just(1.0))


@given(st.lists(VALUES, max_size=20))
def test_rows_of_one_shape_stand_together_and_none_is_missing(many: list[dict]) -> None:
    """In their order, each with its values under their columns."""
    said = [report(sequence, values) for sequence, values in enumerate(many)]
    found = {}
    for columns, rows in reports(said).items():
        assert [row[0] for row in rows] == sorted(row[0] for row in rows)
        for row in rows:
            cells = dict(zip(columns, row, strict=True))
            filled = {path for path in PATHS if BY_PATH[path].column in cells}
            found[cells["seq"]] = filled

    assert found == {sequence: set(values) for sequence, values in enumerate(many)}


def test_signals_without_a_column_are_json_in_the_order_in_which_they_were_said() -> None:
    """The same in every process: an order of a set is another in each."""
    paths = [f"soil.probe.{chr(97 + each * 7 % 26)}" for each in range(26)]
    values = {"vfr.groundspeed": 1.0, **{path: each for each, path in enumerate(paths)}}
    ((_, (row,)),) = reports([report(1, values)]).items()

    others = msgspec.json.decode(str(row[REPORT_COLUMNS.index("others")]))
    assert list(others) == paths


def test_what_no_signal_took_is_json_and_nothing_is_null() -> None:
    """An empty rest takes no room."""
    speed = {"vfr.groundspeed": 1.0}
    ((_, rows),) = reports([report(1, speed, {"groundspeed": 1}), report(2, speed)]).items()
    at = REPORT_COLUMNS.index("extra")
    assert [row[at] for row in rows] == [None, None]
    ((_, (row,)),) = reports([report(3, {}, {"big": 2**70, "text": "\0"})]).items()
    assert msgspec.json.decode(str(row[at])) == {"big": 2**70, "text": "\0"}


def test_a_window_has_a_row_for_each_signal() -> None:
    """With all of its figures, in the unit of the signal; the rest they have alike."""
    row = ("vfr.groundspeed", 3, 1.0, 9.0, 4.0, 4.25, 9.0, 5.0, 2.0)
    told = WindowRows(7, NOON, "north", "v1", "udp:1", 10, NOON, [row])

    alike = {name: cells for name, (cells,) in places([told]).items()}
    assert dict(zip(WINDOW_COLUMNS, row, strict=True)) | alike == {
        "seq": 7,
        "ts_ingest": NOON,
        "org_id": "north",
        "entity_id": "v1",
        "source": "udp:1",
        "signal": "vfr.groundspeed",
        "seconds": 10,
        "start": NOON,
        "count": 3,
        "min": 1.0,
        "max": 9.0,
        "mean": 4.0,
        "stddev": 4.25,
        "p95": 9.0,
        "time_weighted": 5.0,
        "last": 2.0,
        "final": True,
    }


def test_without_reports_there_are_no_rows() -> None:
    """And no shapes of them."""
    assert reports([]) == {}
