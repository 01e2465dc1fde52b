"""Who follows what, by events or by a WebSocket, and for how long they may."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated

import msgspec
from starlette.requests import HTTPConnection

from web.box import Box
from web.changes import Change, Changes
from web.entity_filter import EntityFilter, meant
from web.following import Place
from web.identity import Identity, identity
from web.problems import Problem
from web.query import read_query
from web.site import Site, site
from web.within import within

SCOPE = "entities:read"
TOO_MANY = "Too many follow what changes."


class ChangesQuery(EntityFilter, kw_only=True):
    """Which entities are followed, and from where on."""

    since: Annotated[
        str,
        msgspec.Meta(max_length=64),
        meant("How far it had come: the last `id`, or `place` of the event `ready`."),
    ] = ""


@dataclass(frozen=True)
class Follow:
    """What is followed, and by whom."""

    here: Site
    who: Identity
    organization: str
    wanted: ChangesQuery
    box: Box | None

    async def told(self, since: Place | None) -> AsyncGenerator[list[Change], None]:
        """Events, until the asker may hear no more or the site closes."""
        here = self.here
        changes = Changes(here.picture, self.organization, self.wanted, self.box)
        with here.following.follow(self.organization, _name(self.who)) as follower:
            async for batch in changes.tell(here.following, follower, since):
                if not await self._may_hear():
                    return
                yield batch

    async def _may_hear(self) -> bool:
        """Whether the key or session is good still, and lets see that organisation."""
        keys, sessions, who = self.here.keys, self.here.sessions, self.who
        try:
            now = await (keys.check(who.key) if who.key else sessions.check(who.session))
        except Problem:
            return False
        return now is not None and now.may(SCOPE) and now.governs(self.organization)


async def follow(connection: HTTPConnection) -> Follow:
    """What is asked for.

    Raises:
        Problem: it may not be, cannot be, or is by too many.
    """
    organization, here = await within(connection, SCOPE), site(connection)
    wanted, who = read_query(connection, ChangesQuery), identity(connection)
    asked = Follow(here, who, organization, wanted, wanted.box())
    if here.following.full(_name(who)):
        raise Problem(503, TOO_MANY, {"Retry-After": "5"})
    return asked


def _name(who: Identity) -> str:
    return who.key or who.session
