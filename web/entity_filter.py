"""Which entities are wanted, as lists and streams of changes are asked."""

from typing import Annotated, Any

import msgspec

from web.box import Box, NoBox
from web.entity import Entity
from web.query import wrong

MOST_LETTERS = 256
MOST_VALUES = 64

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_LETTERS)]
Texts = Annotated[list[Text], msgspec.Meta(max_length=MOST_VALUES)]


def meant(text: str) -> Any:
    """What a parameter is for, for whoever reads the document of the interface."""
    return msgspec.Meta(description=text)


class EntityFilter(msgspec.Struct, kw_only=True):
    """Which entities are wanted; all of them where nothing is said."""

    entity_type: Annotated[Texts, meant("One of these types; may be repeated.")] = []
    status: Annotated[Texts, meant("One of these; may be repeated.")] = []
    priority: Annotated[Texts, meant("One of these; may be repeated.")] = []
    is_live: (
        Annotated[bool, meant("Whether it is heard, by our own clock.")] | msgspec.UnsetType
    ) = msgspec.UNSET
    bbox: Annotated[
        str,
        msgspec.Meta(max_length=MOST_LETTERS),
        meant(
            "`west,south,east,north` in degrees: is there, as last heard, or else as registered. "
            "Where west is greater than east it goes across the antimeridian."
        ),
    ] = ""

    def box(self) -> Box | None:
        """The box.

        Raises:
            Problem: 422, it is none.
        """
        if not self.bbox:
            return None
        try:
            return Box.read(self.bbox)
        except NoBox as fault:
            raise wrong("bbox", str(fault), self.bbox) from fault

    def takes(self, entity: Entity, box: Box | None, *, live: bool) -> bool:
        """Whether an entity is one of them, by its document."""
        head = entity.head
        if self.entity_type and head.entity_type not in self.entity_type:
            return False
        if self.status and head.status not in self.status:
            return False
        if self.priority and head.priority not in self.priority:
            return False
        if self.is_live is not msgspec.UNSET and self.is_live is not live:
            return False
        if box is None:
            return True
        latitude, longitude = entity.latitude, entity.longitude
        return latitude is not None and longitude is not None and box.holds(latitude, longitude)
