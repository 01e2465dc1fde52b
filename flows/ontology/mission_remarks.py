"""What is said of a mission: a sentence about one of its items, or about the whole of it."""

import msgspec

from flows.ontology.missions import Plan

# What is not said any more, however much is wrong.
MOST_REMARKS = 50
_WORDS: dict[Plan, str] = {"mission": "item", "fence": "fence item", "rally": "rally item"}


class Remark(msgspec.Struct, frozen=True, omit_defaults=True):
    """A sentence without a full stop. With ``grave`` the mission is not to be stored or sent."""

    says: str
    grave: bool = False
    mission_type: Plan = "mission"
    item: int | None = None

    @property
    def sentence(self) -> str:
        """The whole of it, with the item's number."""
        return self.says if self.item is None else numbered(self.mission_type, self.item, self.says)


def numbered(plan: Plan, item: int, says: str) -> str:
    return f"{_WORDS[plan]} {item}: {says}"
