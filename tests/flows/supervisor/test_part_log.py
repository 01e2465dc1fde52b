"""A part's log: for its owner, whole lines, and never more than so much."""

import stat

from flows.supervisor.log import PartLog


def test_the_newest_lines_stay_and_the_size_is_bounded(tmp_path):
    """Two files of at most so many bytes, in the order in which lines came."""
    file = tmp_path / "relay.log"
    log = PartLog(file, most_bytes=100)
    for number in range(1000):
        log.write(b"line %d" % number)
    log.close()
    older = tmp_path / "relay.log.1"
    assert max(file.stat().st_size, older.stat().st_size) <= 100
    lines = (older.read_bytes() + file.read_bytes()).split()[1::2]
    numbers = [int(each) for each in lines]
    assert numbers == list(range(numbers[0], 1000))
    assert {path.name for path in tmp_path.iterdir()} == {"relay.log", "relay.log.1"}


def test_it_is_gone_on_with_and_its_owners_alone(tmp_path):
    """A start does not take away what was said before it."""
    file = tmp_path / "relay.log"
    for text in (b"before", b"after"):
        log = PartLog(file)
        log.write(text)
        log.close()
    assert file.read_bytes() == b"before\nafter\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
