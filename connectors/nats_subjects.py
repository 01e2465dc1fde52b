"""Lists of subjects with wildcards: which of them are within others."""

from collections.abc import Iterable
from typing import Any

_ANY, _REST = "*", ">"
_END = ""  # No token is empty: here a subject stands that ends so.

_Tree = dict[str, Any]


def least(subjects: Iterable[str]) -> list[str]:
    """The subjects that are not within another of them, in their order: none is met twice."""
    each = dict.fromkeys(subjects)
    tree: _Tree = {}
    for subject in each:
        node = tree
        for token in subject.split("."):
            node = node.setdefault(token, {})
        node[_END] = subject
    return [subject for subject in each if not _within(tree, subject.split("."), subject)]


def _within(node: _Tree, tokens: list[str], subject: str) -> bool:
    """Whether another subject of the tree stands for all that this one stands for."""
    if not tokens:
        return bool(node.get(_END, subject) != subject)
    first, *others = tokens
    # What ends in ``>`` stands for anything, but for nothing at all.
    rest = node.get(_REST)
    if rest is not None and rest[_END] != subject:
        return True
    if first == _REST:
        return False
    return any(token in node and _within(node[token], others, subject) for token in {first, _ANY})
