"""Of subjects that are within one another only the widest stay, so that none is met twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.nats_subjects import least

TOKENS = st.sampled_from(["a", "b", "*"])
SUBJECTS = st.tuples(st.lists(TOKENS, min_size=1, max_size=3), st.booleans()).map(
    lambda parts: ".".join([*parts[0], *([">"] if parts[1] else [])])
)
LITERALS = [
    ".".join(tokens)
    for tokens in (
        ["a"], ["b"], ["a", "a"], ["a", "b"], ["b", "a"], ["b", "b"], ["a", "a", "a"],
        ["a", "b", "a"], ["b", "a", "b"], ["a", "b", "a", "b"], ["b", "b", "b", "a", "a"],
    )
]  # fmt: skip


@pytest.mark.parametrize(
    ("subjects", "stay"),
    [
        ([], []),
        (["a", "a"], ["a"]),
        (["a.b", "a.*"], ["a.*"]),
        (["a.b", "a.>"], ["a.>"]),
        (["a", "a.>"], ["a", "a.>"]),
        (["a.*", "a.>", "a.*.b", "*.b"], ["a.>", "*.b"]),
        (["*.b", "a.*"], ["*.b", "a.*"]),
        (["a.*.>", "a.>"], ["a.>"]),
        ([">", "a", "*.*"], [">"]),
    ],
)
def test_what_is_within_another_goes(subjects, stay):
    """And what only overlaps stays."""
    assert least(subjects) == stay


@given(st.lists(SUBJECTS, max_size=6))
def test_the_rest_stands_for_all_that_all_stood_for(subjects):
    """No more and no less; and none of them is within another."""
    stay = least(subjects)

    for literal in LITERALS:
        tokens = literal.split(".")
        assert any(_fits(each, tokens) for each in stay) == any(
            _fits(each, tokens) for each in subjects
        )
    assert least(stay) == stay
    assert len(stay) <= len(set(subjects))


def _fits(pattern, tokens):
    parts = pattern.split(".")
    if parts[-1] == ">":
        return len(tokens) >= len(parts) and _fits(
            ".".join(parts[:-1]) or "", tokens[: len(parts) - 1]
        )
    if parts == [""]:
        return not tokens
    return len(parts) == len(tokens) and all(
        part in ("*", token) for part, token in zip(parts, tokens, strict=True)
    )
