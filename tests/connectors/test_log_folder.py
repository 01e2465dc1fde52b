"""Logs of a folder come in the order in which they were recorded, with what is wrong with them."""

import shutil
from pathlib import Path

import pytest
from recorded import COPTER, FLEET, INAV

from connectors.log_folder import logs


def test_logs_come_by_when_they_begin_and_not_by_name(tmp_path: Path) -> None:
    """Files that are no logs by name are left alone, and so are folders within."""
    began = {path: int.from_bytes(path.read_bytes()[:8], "big") for path in (COPTER, FLEET, INAV)}
    order = sorted(began, key=began.__getitem__)
    for name, path in zip(("c.tlog", "a.TLOG", "b.tlog"), order, strict=True):
        shutil.copy(path, tmp_path / name)
    (tmp_path / "notes.txt").write_text("sunny")
    (tmp_path / "raw.bin").write_bytes(b"\xfd")
    (tmp_path / "older").mkdir()

    found = logs(tmp_path)
    assert [each.path.name for each in found] == ["c.tlog", "a.TLOG", "b.tlog"]
    assert [each.began_us for each in found] == [began[path] for path in order]
    assert [each.bytes for each in found] == [path.stat().st_size for path in order]
    assert not any(each.fault for each in found)


def test_what_cannot_be_played_comes_first_and_says_why(tmp_path: Path) -> None:
    """An empty log, a folder that is called as one, and one whose beginning says nothing."""
    shutil.copy(INAV, tmp_path / "0.tlog")
    (tmp_path / "empty.tlog").touch()
    (tmp_path / "folder.tlog").mkdir()
    (tmp_path / "text.tlog").write_text("no log")
    faults = {each.path.name: each.fault for each in logs(tmp_path)}

    assert list(faults) == ["empty.tlog", "folder.tlog", "text.tlog", "0.tlog"]
    assert faults["empty.tlog"] == f"{tmp_path / 'empty.tlog'} is empty."
    assert "cannot be read: Is a directory." in faults["folder.tlog"]
    assert faults["text.tlog"] == faults["0.tlog"] == ""


def test_a_folder_without_logs_has_none(tmp_path: Path) -> None:
    """And one that is missing is told by the system."""
    assert logs(tmp_path) == []
    with pytest.raises(FileNotFoundError):
        logs(tmp_path / "none")
