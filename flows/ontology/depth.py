"""How deep a JSON value goes: what nobody can nest without end."""


def depth(tree: object) -> int:
    """How many levels a JSON value has, counted without recursion."""
    levels, layer = 0, [tree]
    while layer:
        levels += 1
        layer = [
            below
            for each in layer
            if isinstance(each, dict | list)
            for below in (each.values() if isinstance(each, dict) else each)
        ]
    return levels
