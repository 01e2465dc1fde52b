"""Whatever the order in which things are done, all before what is reached is done."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.reached import Reached


@given(st.lists(st.integers(1, 40), unique=True, max_size=12).map(sorted), st.randoms(), st.data())
def test_all_before_what_is_reached_is_done(awaited, chance, data) -> None:
    """Against a slow look at all of them, in any order of awaiting and doing."""
    cut = data.draw(st.integers(0, len(awaited)))
    doing = awaited.copy()
    chance.shuffle(doing)
    steps = [("awaits", awaited[:cut]), ("awaits", awaited[cut:])]
    for sequence in doing:
        steps.insert(chance.randint(0, len(steps)), ("does", sequence))
    if steps.index(("awaits", awaited[:cut])) > steps.index(("awaits", awaited[cut:])):
        return
    reached, told, done = Reached(), [], set()
    for what, said in steps:
        if what == "awaits":
            reached.awaits(said)
            told += said
        else:
            reached.does(said)
            done.add(said)
        missing = [each for each in told if each not in done]
        assert reached.sequence == (missing[0] - 1 if missing else max(told, default=0))
