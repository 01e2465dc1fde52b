"""A header as it came, for what looks at every request: an object of all of them costs more."""

from starlette.types import Scope


def header(scope: Scope, name: bytes) -> str | None:
    """The first header of a name, which is lower case as servers hand them on; None without."""
    for said, value in scope["headers"]:
        if said == name:
            text: str = value.decode("latin-1")
            return text
    return None
