"""A list of commands as part of a view: items that replace themselves, or all where one comes."""

from collections.abc import Set as AbstractSet

from markupsafe import Markup, escape

from web import frames
from web.command_bodies import Command
from web.command_html import item
from web.command_looker import Look
from web.command_orders import Orders

# From this part of the items on, sending the whole list costs the browser less.
MANY = 0.5

_Shown = tuple[int, bool, str]


class CommandList:
    """Tells ``delta`` by what it told last; ``html`` leaves that alone.

    Args:
        look: for whom it is.
        orders: what is in it.
        name: the id of its element.
        nothing: what stands there while it is empty.
    """

    def __init__(self, look: Look, orders: Orders, name: str, nothing: str) -> None:
        self._look = look
        self._orders = orders
        self._name = name
        self._nothing = nothing
        self._items: dict[str, tuple[_Shown, Markup]] = {}
        self._items = self._rendered()

    def html(self) -> Markup:
        """The whole list."""
        return self._whole(self._rendered())

    def delta(self, changed: AbstractSet[str]) -> str:
        """What has changed since the last call."""
        if not self._orders.hear(changed):
            return ""
        before, self._items = self._items, self._rendered()
        news = [html for key, (_, html) in self._items.items() if html is not _html(before, key)]
        if list(before) != list(self._items) or len(news) > len(self._items) * MANY:
            return frames.patch(self._whole(self._items))
        return frames.patch("".join(news)) if news else ""

    def _rendered(self) -> dict[str, tuple[_Shown, Markup]]:
        """Every item in its place; those that are still right are taken over."""
        return {each.command_id: self._item(each) for each in self._orders.newest()}

    def _item(self, command: Command) -> tuple[_Shown, Markup]:
        look = self._look
        shown = command.number, look.old, look.called(command.entity_id)
        known = self._items.get(command.command_id)
        return known if known and known[0] == shown else (shown, item(command, look))

    def _whole(self, items: dict[str, tuple[_Shown, Markup]]) -> Markup:
        if not items:
            return Markup('<ol id="{}" class="orders"><li class="none">{}</li></ol>').format(
                self._name, self._nothing
            )
        inner = "".join(html for _, html in items.values())
        return Markup(  # noqa: S704  (items escape what they show)
            f'<ol id="{escape(self._name)}" class="orders">{inner}</ol>'
        )


def _html(items: dict[str, tuple[_Shown, Markup]], key: str) -> Markup | None:
    known = items.get(key)
    return known[1] if known else None
