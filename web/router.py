"""A router for many routes: a path is compared only with those that its words let it be of."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from starlette.routing import BaseRoute, Match, Mount, Route, Router, WebSocketRoute
from starlette.types import Lifespan, Receive, Scope, Send

MOST_SHAPES = 1024

# The parts of a path that are words of routes; all others are "", for they are somebody's.
Shape = tuple[str, ...]


class WordRouter(Router):
    """Finds what ``Router`` finds, which tries all routes in turn, and sooner."""

    def __init__(self, routes: Sequence[BaseRoute], lifespan: Lifespan[Any] | None = None) -> None:
        super().__init__(routes, lifespan=lifespan)
        paths = [_parts(route) for route in routes]
        self._words = frozenset(part for parts in paths for part in parts if "{" not in part)
        self._deepest = max(map(len, paths), default=0)
        self._likely = lru_cache(MOST_SHAPES)(self._fitting)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            for route in self._likely(self._shape(scope["path"])):
                match, found = route.matches(scope)
                if match is Match.FULL:
                    scope.update(found, route=route, router=self)
                    await route.handle(scope, receive, send)
                    return
        await super().app(scope, receive, send)

    def _shape(self, path: str) -> Shape:
        # However long a path is, its shape is not.
        parts = path.split("/", self._deepest)
        return tuple(part if part in self._words else "" for part in parts)

    def _fitting(self, shape: Shape) -> list[BaseRoute]:
        return [route for route in self.routes if isinstance(route, Mount) or _fits(route, shape)]


def _parts(route: BaseRoute) -> list[str]:
    return route.path.split("/") if isinstance(route, Route | WebSocketRoute) else []


def _fits(route: BaseRoute, shape: Shape) -> bool:
    parts = _parts(route)
    return len(parts) == len(shape) and all(
        "{" in part or part == said for part, said in zip(parts, shape, strict=True)
    )
