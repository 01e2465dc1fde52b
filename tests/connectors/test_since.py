"""What was true when a memory began stays so until the memory is gone."""

import shutil

from connectors.since import since


def test_a_number_stays_what_it_was_as_long_as_its_folder_does(tmp_path):
    """Whatever it is now."""
    folder = tmp_path / "recovery"
    folder.mkdir()

    assert since(folder, "began", lambda: 7) == 7
    assert since(folder, "began", lambda: 9) == 7
    assert [each.name for each in folder.iterdir()] == ["began"]
    shutil.rmtree(folder)
    folder.mkdir()
    assert since(folder, "began", lambda: 9) == 9


def test_without_a_folder_nothing_is_kept(tmp_path):
    """A flow that runs without recovery begins anew each time."""
    assert since(tmp_path / "none", "began", lambda: 7) == 7
    assert since(tmp_path / "none", "began", lambda: 9) == 9
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_holds_no_number_is_made_anew(tmp_path):
    """As an empty one after a power cut."""
    (tmp_path / "began").write_text("")
    assert since(tmp_path, "began", lambda: 7) == 7
    assert (tmp_path / "began").read_text() == "7"
